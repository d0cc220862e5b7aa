#include "base/json.h"
#include "base/secret.h"
#include "cli/commands.h"
#include "cli/common_options.h"
#include "cli/doctor_view.h"
#include "cli/screen.h"
#include "cli/url_view.h"
#include "doctor/doctor.h"
#include "doctor/url_explain.h"
#include "net/responder.h"
#include "service/status.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define ANSWER_BYTES    (1024 * 1024)
#define URL_INPUT_BYTES (64 * 1024)
#define SERVICE_MS      2000
#define WIDTH           80 /* also in a pipe: the texts are sentences */

struct options {
    const char *config_path, *url;
    bool json, offline;
};

static const struct option_row options[] = {
    {OPTION_CONFIG(struct options, config_path)},
    {"offline", 0, NULL, "do not ask the broker: configuration, files, disk only",
     OPTION_FLAG(struct options, offline)},
    {"url", 0, "URL", "explain a WebSocket URL; - reads it from standard input",
     OPTION_TEXT(struct options, url)},
    {OPTION_JSON(struct options, json)},
    {0},
};

/* --- the running service ---------------------------------------------------------------------- */

static void copy_text(char *out, size_t out_bytes, const struct json *value)
{
    const char *text = json_string(value);
    snprintf(out, out_bytes, "%s", text ? text : "");
}

static void take_status(struct doctor_service *out, const struct json *root)
{
    copy_text(out->mode, sizeof(out->mode), json_get(root, "mode"));
    json_number(json_get(root, "mode_for_s"), &out->mode_for_s);
    json_number(json_get(json_get(root, "stream"), "live"), &out->streamed);
    copy_text(out->sink_why, sizeof(out->sink_why), json_get(json_get(root, "sink"), "why"));
}

static void ask_service(const char *state_dir, struct doctor_service *out)
{
    char path[PATH_MAX];
    struct buf answer;
    buf_init(&answer, ANSWER_BYTES);
    status_socket_path(path, sizeof(path), state_dir);
    out->running = responder_ask(path, SERVICE_MS, &answer) == 0;
    struct json_parser *parser = out->running ? json_parser_create() : NULL;
    if (parser)
        take_status(out, json_parse(parser, buf_text(&answer), answer.len_bytes, NULL));
    json_parser_destroy(parser);
    buf_finish(&answer);
}

/* --- output ----------------------------------------------------------------------------------- */

struct output {
    bool json;
    size_t width;
    struct buf steps; /* JSON objects, separated by commas */
};

static void on_step(void *arg, const struct step *step)
{
    struct output *output = arg;
    if (output->json) {
        if (output->steps.len_bytes)
            buf_puts(&output->steps, ",");
        doctor_view_step_json(&output->steps, step);
        return;
    }
    struct buf text;
    buf_init(&text, ANSWER_BYTES);
    doctor_view_step(&text, step, output->width, screen_is());
    fputs(buf_text(&text), stdout);
    fflush(stdout);
    buf_finish(&text);
}

static void print_conclusion(const struct output *output, const struct conclusion *conclusion)
{
    struct buf text;
    if (!output->json) {
        printf("\n%s\n", conclusion->sentence);
        return;
    }
    buf_init(&text, ANSWER_BYTES);
    doctor_view_json(&text, conclusion, buf_text(&output->steps));
    fputs(buf_text(&text), stdout);
    buf_finish(&text);
}

static int status_of(enum doctor_class class)
{
    switch (class) {
    case DOCTOR_OK:
        return STATUS_OK;
    case DOCTOR_SILENT:
        return STATUS_FAILED;
    case DOCTOR_NETWORK:
        return STATUS_UNREACHABLE;
    case DOCTOR_AUTH:
    case DOCTOR_PERMISSION:
        return STATUS_REFUSED;
    case DOCTOR_PATH:
    case DOCTOR_CONFIG:
        break;
    }
    return STATUS_CONFIG;
}

static size_t width(void)
{
    size_t screen = screen_width();
    return screen < WIDTH ? screen : WIDTH;
}

/* --- a URL ------------------------------------------------------------------------------------ */

/* Up to its end, so that a URL with a line break is read whole. Longer text is not a URL. */
static const char *read_url(char *out, size_t out_bytes)
{
    size_t len = fread(out, 1, out_bytes - 1, stdin);
    out[len] = '\0';
    return out;
}

static int explain(const struct options *o)
{
    static char text[URL_INPUT_BYTES];
    static struct url_findings found;
    struct buf out;
    buf_init(&out, ANSWER_BYTES);
    url_explain(strcmp(o->url, "-") == 0 ? read_url(text, sizeof(text)) : o->url, &found);
    if (o->json)
        url_view_json(&out, &found);
    else
        url_view(&out, &found, width(), screen_is());
    fputs(buf_text(&out), stdout);
    buf_finish(&out);
    return status_of(found.class);
}

static int run(const struct cmd *self, void *given)
{
    const struct options *o = given;
    struct output output = {.json = o->json, .width = width()};
    (void)self;
    secret_guard();
    if (o->url)
        return explain(o);
    buf_init(&output.steps, ANSWER_BYTES);
    const struct doctor_parts parts = {common_config_path(o->config_path), o->offline, ask_service,
                                       on_step, &output};
    struct conclusion conclusion = doctor_run(&parts);
    print_conclusion(&output, &conclusion);
    buf_finish(&output.steps);
    return status_of(conclusion.class);
}

const struct cmd cmd_doctor = {
    .name = "doctor",
    .usage = "[-c FILE] [--offline | --url URL] [--json]",
    .summary = "tests the broker step by step; the last line has cause and remedy",
    .options = options,
    .notes = "Each step prints what was tried, what came back, what it means and what to do.\n"
             "The last line is one sentence: the cause and the remedy. It sends about ten\n"
             "requests, logs in once at most, and leaves a running service alone.\n"
             "\n"
             "--url explains a WebSocket URL that was copied from a program or a browser. It\n"
             "asks nobody and shows no value of the URL; with --url - the URL does not get\n"
             "into the list of processes or the history of the shell.\n"
             "\n"
             "Exit status: 0 all works (warnings are named); 1 connected, but no data; 69\n"
             "network, TLS, or the broker asks to wait; 77 login or permission; 78\n"
             "configuration, file or wrong address.\n",
    .options_bytes = sizeof(struct options),
    .run = run,
};
