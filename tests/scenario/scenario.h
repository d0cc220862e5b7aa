/*
 * scenario: starts, inspects and stops a service over the virtual broker. For the scenario tests.
 */
#ifndef SCENARIO_SCENARIO_H
#define SCENARIO_SCENARIO_H

#include "base/log.h"
#include "broker/credentials.h"
#include "broker/token_keeper.h"
#include "feed/feed.h"
#include "market/market.h"
#include "market/source_table.h"
#include "record/coverage_log.h"
#include "record/events.h"
#include "record/recorder.h"
#include "support/t.h"
#include "virtual.h"

#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

/* 2026-11-23, a Monday, 11:00 in Argentina */
#define MONDAY_NS INT64_C(20780) * NS_PER_DAY + 14 * 3600 * NS_PER_S
#define SECOND    INT64_C(1000)
#define MINUTE    (60 * SECOND)
#define HOUR      (60 * MINUTE)
#define DAY       (24 * HOUR)

struct service {
    struct loop *loop;
    struct config *config;
    struct credentials *credentials;
    struct events *events;
    struct recorder *recorder;
    struct source_table *sources;
    struct coverage_log *vouch;
    struct token_keeper *keeper;
    struct feed *feed;
};

static char folder[] = "/tmp/cinta-scenario-XXXXXX";

static void on_keeper(void *arg, enum token_keeper_news news, const char *words)
{
    struct service *s = arg;
    (void)words;
    t_int(news, KEEPER_TOKEN);
    if (s->feed)
        feed_wake(s->feed);
}

static struct service started(int64_t wall_ns, const char *more)
{
    struct service s = {0};
    char text[2048], list[1024] = "", token[128];
    struct err err = {0};
    world_begin(wall_ns, 7);
    for (int i = 0; i < WORLD_INSTRUMENTS; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof(list) - used, "%s\"%s\"", i ? ", " : "", world_symbol(i));
    }
    snprintf(text, sizeof(text),
             "broker { url = \"https://broker.test/\" user = \"u\" }\n"
             "poll { interval = 1 rate = 20 entries = {LA} }\n"
             "instruments { symbols = {%s} }\nstate_dir = \"%s\"\n%s\n",
             list, folder, more);
    snprintf(token, sizeof(token), "%s/token", folder);
    unlink(token);
    setenv("CINTA_PASSWORD", "s3cret", 1);
    if (config_parse(text, strlen(text), "scenario.conf", &s.config, &err))
        fail_msg("%s", err.text);
    s.loop = loop_create();
    s.credentials = credentials_create();
    s.events = events_create(NULL);
    t_int(recorder_create(&s.recorder, s.loop, NULL, s.events, "", &err), 0);
    s.sources = source_table_create();
    const struct coverage_log_parts coverage = {s.loop, NULL, s.events, s.sources, ""};
    t_int(coverage_log_create(&s.vouch, &coverage, &err), 0);
    return s;
}

/* Separate from started(), because keeper and feed keep the address of the service. */
static void run(struct service *s)
{
    struct err err;
    struct config_strings symbols = s->config->symbols;
    const struct feed_parts parts = {s->loop,   s->config, s->keeper, s->recorder,
                                     s->events, s->vouch,  NULL,      NULL};
    struct feed_parts p = parts;
    t_int(token_keeper_create(&s->keeper, s->loop, s->config, s->credentials, s->events, false,
                              on_keeper, s, &err),
          0);
    p.keeper = s->keeper;
    t_int(feed_create(&s->feed, &p, &symbols, NULL, NULL, &err), 0);
}

static void stop(struct service *s)
{
    feed_destroy(s->feed);
    coverage_log_stream_gone(s->vouch, EVENT_STOPPED);
    coverage_log_destroy(s->vouch);
    source_table_destroy(s->sources);
    world_check_coverage();
    token_keeper_destroy(s->keeper);
    recorder_destroy(s->recorder);
    events_destroy(s->events);
    credentials_destroy(s->credentials);
    loop_destroy(s->loop);
    config_free(s->config);
    world_end();
}

static enum feed_mode mode(const struct service *s)
{
    struct feed_report report;
    feed_report(s->feed, &report);
    return report.mode;
}

static void show_journal(void)
{
    int from = world.journal_count > 30 ? world.journal_count - 30 : 0;
    for (int i = from; i < world.journal_count; i++)
        print_message("%10.3f s  %-16s %s\n", (double)world.journal[i].at_ms / 1000,
                      world.journal[i].kind, world.journal[i].detail);
}

/* Stops price changes: then the last price of each is recorded, and none was stored twice. */
static void check_truth(struct service *s)
{
    world.change_every_ms = 0;
    world_pass(s->loop, 5 * MINUTE);
    for (int i = 0; i < WORLD_INSTRUMENTS; i++) {
        if (world.recorded[i] != world.price[i])
            show_journal();
        t_double(world.recorded[i], world.price[i]);
    }
    t_int(world.twice, 0);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int setup(void **state)
{
    (void)state;
    log_init(LOG_LEVEL_ERROR);
    return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
