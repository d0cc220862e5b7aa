#include "play.h"

#include "journal.h"
#include "place.h"
#include "tally.h"
#include "virtual_exchange.h"
#include "virtual_programs.h"
#include "virtual_store.h"
#include "virtual_time.h"

#include <signal.h>
#include <string.h>

/* --- before the start ------------------------------------------------------------------------- */

static void need_no_service(const struct play *play)
{
    if (play->started)
        place_fail("%s: only before the service is started",
                   play->script->lines[play->at - 1].source);
}

static void set_time(const struct args *args)
{
    struct play *play = args->play;
    need_no_service(play);
    time_begin(art_day_begins_ns(args->a[0].least) + args->a[1].least * NS_PER_MS);
    time_every(200, exchange_change);
}

static void set_instruments(const struct args *args)
{
    struct play *play = args->play;
    need_no_service(play);
    if (args->a[0].least < 1 || args->a[0].least > EXCHANGE_MAX)
        place_fail("1 to %d instruments", EXCHANGE_MAX);
    exchange_begin((int)args->a[0].least, 7);
}

static void set_late(const struct args *args)
{
    exchange_set_late(args->a[0].least);
}

static void configure(const struct args *args)
{
    struct play *play = args->play;
    play_configure(play, args->text);
}

/* --- the service ------------------------------------------------------------------------------ */

static void start(const struct args *args)
{
    struct play *play = args->play;
    if (play->loop)
        place_fail("the service runs already");
    play->start = true;
}

static void stop(const struct args *args)
{
    struct play *play = args->play;
    play_stop(play);
}

static void restart(const struct args *args)
{
    struct play *play = args->play;
    play_stop(play);
    play->start = true;
}

static void reload(const struct args *args)
{
    struct play *play = args->play;
    play_need_service(play);
    play_write_config(play);
    time_signal(play->loop, SIGHUP);
}

static void settle(const struct args *args)
{
    struct play *play = args->play;
    play_settle(play, args->line, args->line->words_count);
}

static void settle_except(const struct args *args)
{
    struct play *play = args->play;
    play_settle(play, args->line, args->rest);
}

/* --- time ------------------------------------------------------------------------------------- */

static void pass(const struct args *args)
{
    struct play *play = args->play;
    time_pass(play->loop, args->a[0].least);
}

static void pass_until(const struct args *args)
{
    struct play *play = args->play;
    int64_t now_ns = time_wall_ns();
    int64_t at_ns = art_day_begins_ns(art_day(now_ns)) + args->a[0].least * NS_PER_MS;
    if (at_ns <= now_ns)
        at_ns += NS_PER_DAY;
    time_pass(play->loop, (at_ns - now_ns) / NS_PER_MS);
}

static void mark(const struct args *args)
{
    (void)args;
    tally_mark();
    journal_mark();
    exchange_mark();
}

static void remember(const struct args *args)
{
    struct play *play = args->play;
    if (play->moments_count == PLAY_MOMENTS)
        place_fail("more than %d moments", PLAY_MOMENTS);
    play->moments[play->moments_count++] = (struct moment){args->a[0].word, time_wall_ns()};
}

static void suspend(const struct args *args)
{
    time_suspend(args->a[0].least);
}

static void set_ahead(const struct args *args)
{
    time_set(args->a[0].least);
}

static void set_back(const struct args *args)
{
    time_set(-args->a[0].least);
}

/* --- the database, the daily export and alerts ------------------------------------------------ */

static void store_slow(const struct args *args)
{
    (void)args;
    store_set_slow(true);
}

static void store_fast(const struct args *args)
{
    (void)args;
    store_set_slow(false);
}

static void store_locked(const struct args *args)
{
    struct play *play = args->play;
    play_need_service(play);
    store_notify(EVENT_STORE_DELAYED, LOG_LEVEL_WARN, args->text, 0);
}

static void store_full(const struct args *args)
{
    struct play *play = args->play;
    play_need_service(play);
    store_notify(EVENT_STORE_DELAYED, LOG_LEVEL_ERROR, args->text, 0);
}

static void store_drops(const struct args *args)
{
    struct play *play = args->play;
    play_need_service(play);
    store_notify(EVENT_DROPPED, LOG_LEVEL_ERROR, args->text, args->a[0].least);
}

static void store_recovers(const struct args *args)
{
    struct play *play = args->play;
    play_need_service(play);
    store_notify(EVENT_STORE_RECOVERED, LOG_LEVEL_WARN, args->text, 0);
}

static void export_succeeds(const struct args *args)
{
    programs_set_export(0, args->text);
}

static void export_fails(const struct args *args)
{
    programs_set_export(1, args->text);
}

static void alert_succeeds(const struct args *args)
{
    (void)args;
    programs_set_alert(0, "");
}

static void alert_fails(const struct args *args)
{
    programs_set_alert(1, args->text);
}

static void alert_hangs(const struct args *args)
{
    (void)args;
    programs_hang_alert();
}

const struct command play_setup_commands[] = {
    {"time DATE CLOCK", set_time},
    {"instruments NUMBER", set_instruments},
    {"polls take DURATION", set_late},
    {"config: TEXT", configure},
    {"start", start},
    {"reload", reload},
    {"restart", restart},
    {"stop", stop},
    {"settle", settle},
    {"settle except WORDS", settle_except},
    {"pass DURATION", pass},
    {"pass until CLOCK", pass_until},
    {"mark", mark},
    {"moment WORD", remember},
    {"machine sleeps DURATION", suspend},
    {"clock ahead DURATION", set_ahead},
    {"clock back DURATION", set_back},
    {"store slow", store_slow},
    {"store fast", store_fast},
    {"store locked: TEXT", store_locked},
    {"store full: TEXT", store_full},
    {"store drops NUMBER: TEXT", store_drops},
    {"store recovers: TEXT", store_recovers},
    {"export succeeds: TEXT", export_succeeds},
    {"export fails: TEXT", export_fails},
    {"alert succeeds", alert_succeeds},
    {"alert fails: TEXT", alert_fails},
    {"alert hangs", alert_hangs},
    {0},
};
