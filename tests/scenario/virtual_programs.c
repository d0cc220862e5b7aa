#include "virtual_programs.h"

#include "net/child.h"
#include "net/responder.h"
#include "place.h"
#include "tally.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_BYTES 65536
#define EXPORT_MS    3000
#define ALERT_MS     1000

/* --- cinta status ----------------------------------------------------------------------------- */

struct responder {
    responder_fn *fn;
    void *arg;
};

static struct responder *listening; /* for the status */

int responder_create(struct responder **out, const struct responder_parts *parts, struct err *err)
{
    (void)err;
    struct responder *responder = calloc(1, sizeof(*responder));
    *responder = (struct responder){parts->fn, parts->arg};
    if (strstr(parts->path, "status"))
        listening = responder;
    *out = responder;
    return 0;
}

bool responder_reachable(const struct responder *responder)
{
    (void)responder;
    return true;
}

void responder_destroy(struct responder *responder)
{
    if (responder == listening)
        listening = NULL;
    free(responder);
}

int responder_ask(const char *path, int64_t timeout_ms, struct buf *text)
{
    (void)path;
    (void)timeout_ms;
    (void)text;
    return -ENOENT;
}

const struct json *programs_status(void)
{
    static struct json_parser *parser;
    static struct buf text;
    struct err err = {0};
    if (!listening)
        place_fail("the service does not answer `cinta status`");
    if (!parser) {
        parser = json_parser_create();
        buf_init(&text, STATUS_BYTES);
    }
    buf_clear(&text);
    listening->fn(listening->arg, &text);
    const struct json *root = json_parse(parser, buf_text(&text), text.len_bytes, &err);
    if (!root)
        place_fail("the answer to `cinta status` is not JSON: %s: %s", err.text, buf_text(&text));
    return root;
}

/* --- the daily export, and the program of section alert --------------------------------------- */

struct child {
    child_done *done;
    void *arg;
    struct loop_timer *timer;
};

static struct child_end export_end = {.words = "nothing new"}, alert_end = {.words = ""};
static char alert_object[8192];
static bool alert_hangs;

void programs_set_export(int status, const char *words)
{
    export_end = (struct child_end){.status = status, .words = words};
}

void programs_set_alert(int status, const char *words)
{
    alert_end = (struct child_end){.status = status, .words = words};
    alert_hangs = false;
}

void programs_hang_alert(void)
{
    alert_end = (struct child_end){.status = -1, .signum = 15, .late = true, .words = ""};
    alert_hangs = true;
}

const char *programs_last_alert(void)
{
    return alert_object;
}

static void on_export_end(void *arg)
{
    struct child *child = arg;
    child->done(child->arg, &export_end);
}

static void on_alert_end(void *arg)
{
    struct child *child = arg;
    child->done(child->arg, &alert_end);
}

int child_start(struct child **out, const struct child_parts *parts, struct err *err)
{
    struct child *child = calloc(1, sizeof(*child));
    const bool is_alert = parts->input != NULL;
    (void)err;
    *child = (struct child){.done = parts->done, .arg = parts->arg};
    child->timer = loop_timer_create(parts->loop, is_alert ? on_alert_end : on_export_end, child);
    if (is_alert)
        snprintf(alert_object, sizeof(alert_object), "%s", parts->input);
    loop_timer_set(child->timer, !is_alert ? EXPORT_MS : alert_hangs ? parts->limit_ms : ALERT_MS);
    tally_add(is_alert ? TALLY_ALERTS : TALLY_EXPORTS);
    *out = child;
    return 0;
}

void child_destroy(struct child *child)
{
    if (!child)
        return;
    loop_timer_destroy(child->timer);
    free(child);
}
