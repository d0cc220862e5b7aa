#include "play.h"

#include "journal.h"
#include "place.h"
#include "virtual_broker.h"
#include "virtual_exchange.h"
#include "virtual_spans.h"
#include "virtual_stream.h"
#include "virtual_time.h"

#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MONDAY_NS   (INT64_C(20780) * NS_PER_DAY + INT64_C(14) * 3600 * NS_PER_S) /* 11:00 ART */
#define INSTRUMENTS 20
#define SEED        7
#define CHANGES_MS  200
#define SETTLE_MS   (5 * 60 * 1000)

const struct command *const play_commands[] = {play_setup_commands, play_broker_commands,
                                               play_clients_commands, play_expect_commands, NULL};

static struct play *playing; /* for loop_run() */

/* --- the configuration ------------------------------------------------------------------------ */

static size_t name_len(const char *section)
{
    return strcspn(section, " {=");
}

void play_configure(struct play *play, const char *section)
{
    size_t len = name_len(section);
    for (int i = 0; i < PLAY_SECTIONS; i++) {
        char *old = play->sections[i];
        if (old && (name_len(old) != len || strncmp(old, section, len) != 0))
            continue;
        free(old);
        play->sections[i] = strdup(section);
        return;
    }
    place_fail("more than %d sections in the configuration", PLAY_SECTIONS);
}

static void configure_defaults(struct play *play)
{
    char text[128];
    play_configure(play, "broker { url = \"https://broker.test/\" user = \"u\" }");
    play_configure(play, "poll { interval = 1 rate = 20 entries = {LA} }");
    snprintf(text, sizeof(text), "store { path = \"%s/cinta.db\" }", play->folder);
    play_configure(play, text);
    play_configure(play, "serve { listen = \"\" }");
    play_configure(play, "session { holidays = {} }"); /* 2026-11-23 is a holiday */
    snprintf(text, sizeof(text), "state_dir = \"%s\"", play->folder);
    play_configure(play, text);
}

static void configure_instruments(struct play *play)
{
    char text[8192] = "instruments { symbols = {";
    for (int i = 0; i < PLAY_SECTIONS && play->sections[i]; i++) {
        if (strncmp(play->sections[i], "instruments", 11) == 0)
            return;
    }
    for (int i = 0; i < exchange_count(); i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof(text) - used, "%s\"%s\"", i ? ", " : "", exchange_symbol(i));
    }
    play_configure(play, strcat(text, "} }"));
}

static char *config_path(const struct play *play, char out[128])
{
    snprintf(out, 128, "%s/cinta.conf", play->folder);
    return out;
}

void play_write_config(const struct play *play)
{
    char path[128];
    FILE *f = fopen(config_path(play, path), "w");
    if (!f)
        place_fail("%s cannot be written", path);
    for (int i = 0; i < PLAY_SECTIONS && play->sections[i]; i++)
        fprintf(f, "%s\n", play->sections[i]);
    fclose(f);
}

/* --- lines ------------------------------------------------------------------------------------ */

static void repeat(struct play *play, const struct script_line *line)
{
    char *end = NULL;
    int64_t times = line->words_count == 2 ? strtoll(line->words[1], &end, 10) : 0;
    if (times < 1 || *end || line->text)
        place_fail("repeat takes a number: repeat 3");
    play->blocks[play->depth++] = (struct play_block){play->at, times};
}

static void choose(struct play *play, size_t either)
{
    const struct script_line *lines = play->script->lines;
    size_t part = either;
    int parts = 1;
    for (size_t i = lines[either].next; lines[i].kind == SCRIPT_OR; i = lines[i].next)
        parts++;
    for (int64_t skip = rng_below(&play->rng, parts); skip; skip--)
        part = lines[part].next;
    play->at = part + 1;
    play->blocks[play->depth++] = (struct play_block){play->at, 1};
}

static void end_block(struct play *play)
{
    struct play_block *block = &play->blocks[play->depth - 1];
    if (--block->left > 0)
        play->at = block->begin;
    else
        play->depth--;
}

static void run_command(struct play *play, const struct script_line *line)
{
    struct args args;
    const struct command *command = command_of(line, play_commands, &args);
    args.play = play;
    command->run(&args);
}

static void run_line(struct play *play)
{
    size_t i = play->at++;
    const struct script_line *line = &play->script->lines[i];
    place_set(play->script->file, line->number, play->script->row);
    switch (line->kind) {
    case SCRIPT_COMMAND:
        run_command(play, line);
        return;
    case SCRIPT_REPEAT:
        repeat(play, line);
        return;
    case SCRIPT_EITHER:
        choose(play, i);
        return;
    case SCRIPT_OR: /* the chosen part ends here */
        while (play->script->lines[i].kind != SCRIPT_END)
            i = play->script->lines[i].next;
        play->at = i;
        return;
    case SCRIPT_END:
        end_block(play);
        return;
    }
}

/* Until the service is to be started, or has stopped, or the script ends. */
static void run_lines(struct play *play)
{
    while (play->at < play->script->count && !play->start && !time_stopped(play->loop))
        run_line(play);
}

/* --- the service ------------------------------------------------------------------------------ */

void play_need_service(const struct play *play)
{
    if (!play->loop && play->started)
        place_fail("the service does not run any more: %s",
                   *play->err.text ? play->err.text : "it was stopped");
    if (!play->loop)
        place_fail("the service does not run yet: start it first");
}

void play_stop(struct play *play)
{
    play_need_service(play);
    time_signal(play->loop, SIGTERM);
}

static bool left_out(int instrument, const struct script_line *line, int except)
{
    for (int i = except; line && i < line->words_count; i++) {
        if (strcmp(line->words[i], exchange_symbol(instrument)) == 0)
            return true;
    }
    return false;
}

void play_settle(struct play *play, const struct script_line *line, int except)
{
    play_need_service(play);
    time_every(0, exchange_change);
    time_pass(play->loop, SETTLE_MS);
    play_need_service(play);
    for (int i = 0; i < exchange_count(); i++) {
        if (!left_out(i, line, except) && exchange_recorded(i) != exchange_price(i))
            place_fail("five minutes after the last change the price of %s is %g and the recorded "
                       "one %g",
                       exchange_symbol(i), exchange_price(i), exchange_recorded(i));
    }
    if (exchange_twice())
        place_fail("%lld records have no change", (long long)exchange_twice());
    play->settled = true;
}

static void on_run(struct loop *loop)
{
    struct play *play = playing;
    play->loop = loop;
    run_lines(play);
    if (!time_stopped(loop) && !play->settled)
        play_settle(play, NULL, 0);
    if (!time_stopped(loop))
        play_stop(play);
    play->loop = NULL;
    play->until_ns = time_wall_ns();
}

/* The file's date decides whether the list of instruments is of today. */
static void date_list(const struct play *play)
{
    char pattern[128];
    glob_t found;
    int64_t ns = broker_list_ns();
    const struct timespec dates[2] = {{ns / NS_PER_S, ns % NS_PER_S},
                                      {ns / NS_PER_S, ns % NS_PER_S}};
    snprintf(pattern, sizeof(pattern), "%s/instruments-*.json", play->folder);
    if (glob(pattern, 0, NULL, &found))
        return;
    for (size_t i = 0; i < found.gl_pathc; i++)
        utimensat(AT_FDCWD, found.gl_pathv[i], dates, 0);
    globfree(&found);
}

/* By the next line. */
static bool end_expected(const struct play *play)
{
    const struct script_line *next = &play->script->lines[play->at];
    return play->at < play->script->count && next->words_count > 1 &&
           strcmp(next->words[0], "expect") == 0 && strcmp(next->words[1], "end") == 0;
}

static void run_service(struct play *play)
{
    struct config *config;
    char path[128];
    play->start = false;
    play->started = true;
    play->settled = false;
    play_write_config(play);
    date_list(play);
    play->err = (struct err){0};
    setenv("CINTA_PASSWORD", "s3cret", 1); /* the service removes it */
    if (config_load(config_path(play, path), &config, &play->err))
        place_fail("%s", play->err.text);
    play->from_ns = time_wall_ns();
    play->end = service_run(config, &play->err);
    stream_check_closed();
    spans_check();
    if (play->end != SERVICE_DONE && !end_expected(play))
        place_fail("the service ended by itself: %s", play->err.text);
}

static void finish(struct play *play)
{
    if (!play->started)
        place_fail("the script ends without having started the service");
    journal_expect_no_more();
    for (int i = 0; i < PLAY_SECTIONS; i++)
        free(play->sections[i]);
}

void play_run(const struct script *script, const char *folder)
{
    struct play play = {.script = script, .rng = {SEED}};
    snprintf(play.folder, sizeof(play.folder), "%s", folder);
    playing = &play;
    time_begin(MONDAY_NS);
    journal_mark();
    exchange_begin(INSTRUMENTS, SEED);
    broker_begin();
    time_every(CHANGES_MS, exchange_change);
    time_on_run(on_run);
    configure_defaults(&play);
    for (run_lines(&play); play.start; run_lines(&play)) {
        configure_instruments(&play);
        run_service(&play);
    }
    finish(&play);
}
