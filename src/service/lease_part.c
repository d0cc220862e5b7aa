#include "service/lease_part.h"

#include "base/clock.h"
#include "broker/state_file.h"
#include "broker/token_cache.h"
#include "broker/token_keeper.h"
#include "lease/lease_memory.h"
#include "market/source_table.h"
#include "record/coverage_log.h"
#include "record/events.h"
#include "record/observers.h"
#include "service/asking.h"
#include "service/broker_parts.h"
#include "service/lease_notices.h"
#include "service/notify.h"
#include "service/running.h"
#include "sink/sink.h"
#include "store/write/store.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lease_part {
    struct service *s;
    struct lease *lease;
    struct lease_notices *notices;
    struct loop_timer *expiry;
    struct state_saver *saver;
    int observer; /* its number */
    enum lease_role role;
    int64_t since_ns, since_ms; /* of the role, wall and monotonic */
    char run[LEASE_ID_BYTES], bucket[LEASE_NAME_BYTES];
    struct lease_memory memory;
    int64_t recorded_to; /* while the sink is limited: the last change that it may publish */
    int64_t takeovers, withheld;
};

/* --- what is remembered and published --------------------------------------------------------- */

static void on_saved(void *arg, const char *failed)
{
    (void)arg;
    if (failed)
        log_warn("the state of the lease is not saved", LOG_TEXT("why", failed));
}

static void save(struct lease_part *p)
{
    struct state_file file = {.before = "cannot save the state of the lease: ", .after = ""};
    char path[PATH_MAX], text[LEASE_MEMORY_BYTES];
    buf_init(&file.path, PATH_MAX);
    buf_init(&file.body, LEASE_MEMORY_BYTES);
    buf_puts(&file.path, lease_memory_path(path, sizeof(path), p->s->config->state_dir));
    buf_append(&file.body, text, lease_memory_text(text, &p->memory));
    if (state_saver_give(p->saver, &file))
        on_saved(p, "out of memory");
}

static struct sink_limit limit_of(const struct lease_part *p)
{
    struct sink_limit limit = {
        .opened_ms = p->since_ms,
        .closed = p->role != LEASE_ROLE_ACTIVE,
        .seq = p->recorded_to,
        .others_ns = p->memory.others_ns,
        .withheld_count = p->memory.withheld_count,
    };
    memcpy(limit.withheld, p->memory.withheld, sizeof(limit.withheld));
    return limit;
}

struct sink_limit lease_part_limit(const struct service *s)
{
    return s->lease ? limit_of(s->lease) : (struct sink_limit){0};
}

static void enter(struct lease_part *p, enum lease_role role)
{
    const struct now now = clock_now();
    if (p->role != role) {
        p->since_ns = now.wall_ns;
        p->since_ms = now.mono_ms;
    }
    p->role = role;
    save(p);
    if (p->s->sink) {
        const struct sink_limit limit = limit_of(p);
        sink_limit(p->s->sink, &limit);
    }
    notify_changed(p->s->notify);
}

/* --- asking the broker ------------------------------------------------------------------------ */

static void start_asking(struct lease_part *p)
{
    struct service *s = p->s;
    enum service_end end = asking_start(s, s->err);
    if (end == SERVICE_DONE) {
        s->patient = true;
        return;
    }
    s->end = end;
    loop_stop(s->loop);
}

/* Those that were polled would end as overdue. */
static void end_coverage(const struct service *s, enum event_kind why)
{
    struct source_list list = source_table_listed(s->sources);
    for (int32_t k = 0; k < list.count; k++)
        coverage_log_gave_up(s->coverage, list.item[k], why);
}

static void stop_asking(struct lease_part *p, enum event_kind why)
{
    struct service *s = p->s;
    if (!s->asking)
        return;
    asking_stop(s, why);
    end_coverage(s, why);
}

/* The token that the other recorder had, so that no login ends it. */
static void use_token(struct lease_part *p, const char *token, int64_t token_ms)
{
    struct err err;
    struct cached_token cached = {.obtained_ns = token_ms * NS_PER_MS};
    if (!*token)
        return;
    snprintf(cached.token, sizeof(cached.token), "%s", token);
    if (token_cache_save(p->s->config, &cached, &err))
        events_report(p->s->events, LOG_LEVEL_WARN, EVENT_TOKEN_CACHE, NULL, "%s", err.text);
    explicit_bzero(&cached, sizeof(cached));
}

/* --- changes of the role ---------------------------------------------------------------------- */

static void report(const struct lease_part *p, enum log_level level, enum event_kind kind,
                   const char *words)
{
    events_report(p->s->events, level, kind, NULL, "%s", words);
}

/* What was recorded since another recorder may have had the lease. */
static void withhold(struct lease_part *p)
{
    int64_t count = lease_memory_withhold(&p->memory, market_last_seq(p->s->market));
    p->withheld += count;
    if (count)
        events_report(p->s->events, LOG_LEVEL_WARN, EVENT_SINK_WITHHELD, NULL,
                      "%lld changes that were recorded without the lease are not published; they "
                      "stay in the database, for cinta merge",
                      (long long)count);
}

static void arm(struct lease_part *p)
{
    int64_t left_ms = lease_valid_ms(p->lease) - clock_boot_ms();
    loop_timer_set(p->expiry, left_ms > 0 ? left_ms : 0);
}

/* `after`: the last change that was recorded while it had the lease. */
static void isolate(struct lease_part *p, int64_t after, const char *why)
{
    const bool records = p->s->config->lease.isolated_records;
    char words[LEASE_TEXT_BYTES + 128];
    loop_timer_stop(p->expiry);
    if (p->memory.isolated_from < 0)
        p->memory.isolated_from = after;
    p->recorded_to = p->memory.isolated_from;
    snprintf(words, sizeof(words), "%s%s%s", why, *why ? "; " : "",
             records ? "recording goes on, nothing is published until the lease is renewed"
                     : "the broker is not asked until the lease is renewed");
    report(p, LOG_LEVEL_ERROR, EVENT_LEASE_ISOLATED, words);
    enter(p, LEASE_ROLE_ISOLATED);
    if (records)
        start_asking(p);
    else
        stop_asking(p, EVENT_LEASE_ISOLATED);
}

static void on_expiry(void *arg)
{
    struct lease_part *p = arg;
    if (p->role != LEASE_ROLE_ACTIVE)
        return;
    if (lease_valid_ms(p->lease) > clock_boot_ms())
        arm(p);
    else
        isolate(p, market_last_seq(p->s->market), lease_state(p->lease).why);
}

/* Before the first change after a pause of the process, and for the value of the lease. */
static void on_change(void *arg, const struct market_change *change)
{
    struct lease_part *p = arg;
    const struct market_quote *quote = change->present;
    if (p->role == LEASE_ROLE_ACTIVE && p->memory.isolated_from < 0 &&
        lease_valid_ms(p->lease) <= clock_boot_ms()) {
        p->memory.isolated_from = quote->seq - 1;
        loop_timer_set(p->expiry, 0);
    }
    lease_recorded(p->lease, quote->seq, quote->ts_recv);
}

/* The other recorder's numbers are below those of this one from now on. */
static void continue_seq(struct lease_part *p, const struct lease_notice *taken)
{
    struct service *s = p->s;
    int64_t from = market_last_seq(s->market);
    if (taken->others_ns > p->memory.others_ns)
        p->memory.others_ns = taken->others_ns;
    if (taken->seq_after <= from)
        return;
    p->takeovers++;
    store_continue(s->store, from, taken->seq_after);
    market_continue(s->market, taken->seq_after);
    lease_recorded(p->lease, taken->seq_after, 0);
}

static void on_taken(struct lease_part *p, const struct lease_notice *n)
{
    char words[LEASE_TEXT_BYTES];
    bool again = p->role == LEASE_ROLE_ISOLATED;
    if (p->role == LEASE_ROLE_ACTIVE && !n->seq_after) {
        p->memory.isolated_from = -1;
        arm(p);
        return;
    }
    p->memory.isolated_from = -1; /* no other one had it */
    p->memory.held = true;
    continue_seq(p, n);
    use_token(p, n->token, n->token_ms);
    enter(p, LEASE_ROLE_ACTIVE);
    if (again && !n->seq_after)
        snprintf(words, sizeof(words), "term %lld: nobody else had taken it", (long long)n->term);
    else if (*n->host)
        snprintf(words, sizeof(words), "term %lld, taken over from %s%s", (long long)n->term,
                 n->host, *n->token ? ", with its token" : "");
    else
        snprintf(words, sizeof(words), "term %lld", (long long)n->term);
    report(p, LOG_LEVEL_INFO, EVENT_LEASE_TAKEN, words);
    arm(p);
    start_asking(p);
}

static void on_other(struct lease_part *p, const struct lease_notice *n)
{
    char words[LEASE_TEXT_BYTES];
    bool had = p->role == LEASE_ROLE_ACTIVE || p->role == LEASE_ROLE_ISOLATED;
    snprintf(words, sizeof(words), "%s has the lease", *n->host ? n->host : "another recorder");
    loop_timer_stop(p->expiry);
    if (p->role == LEASE_ROLE_ACTIVE || p->role == LEASE_ROLE_ISOLATED)
        stop_asking(p, EVENT_LEASE_LOST);
    if (p->role == LEASE_ROLE_ACTIVE && p->memory.isolated_from < 0)
        p->recorded_to = market_last_seq(p->s->market);
    else if (p->memory.isolated_from >= 0)
        p->recorded_to = p->memory.isolated_from;
    withhold(p);
    p->memory.held = false;
    enter(p, LEASE_ROLE_STANDBY);
    report(p, had ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, had ? EVENT_LEASE_LOST : EVENT_LEASE_STANDBY,
           words);
}

static void on_notice(void *arg, const struct lease_notice *n)
{
    struct lease_part *p = arg;
    switch (n->news) {
    case LEASE_TAKEN:
        on_taken(p, n);
        return;
    case LEASE_OTHER:
        on_other(p, n);
        return;
    case LEASE_ALONE:
        if (p->role == LEASE_ROLE_WAITING)
            isolate(p, market_last_seq(p->s->market), n->why);
        return;
    case LEASE_TROUBLE:
        report(p, LOG_LEVEL_ERROR, EVENT_LEASE_FAILED, n->why);
    }
}

void lease_part_token(struct service *s)
{
    int64_t obtained_ns;
    const char *token = s->lease ? token_keeper_token(s->keeper, &obtained_ns) : NULL;
    if (token)
        lease_token(s->lease->lease, &s->feed_config->broker, token, obtained_ns);
}

void lease_part_broker(struct service *s)
{
    if (s->lease)
        lease_broker(s->lease->lease, &s->config->broker);
}

/* --- life ------------------------------------------------------------------------------------- */

/* Its own token, which a file has if it has logged in before. */
static int create_lease(struct lease_part *p, struct err *err)
{
    const struct config *config = p->s->config;
    struct cached_token cached = {0};
    token_cache_load(config->state_dir, config->broker.url, config->broker.user, &cached);
    const struct lease_parts parts = {
        .config = config,
        .id = p->memory.id,
        .run = p->run,
        .held = p->memory.held,
        .seq = market_last_seq(p->s->market),
        .token = cached.token,
        .token_ns = cached.obtained_ns,
        .notice = lease_notices_put,
        .arg = p->notices,
    };
    int rc = lease_create(&p->lease, &parts, err);
    explicit_bzero(&cached, sizeof(cached));
    return rc;
}

static int remember(struct lease_part *p, struct err *err)
{
    const struct config *config = p->s->config;
    int rc = lease_memory_new_id(p->run, err);
    snprintf(p->bucket, sizeof(p->bucket), "%s", config->lease.bucket);
    if (rc || (lease_memory_load(config->state_dir, &p->memory) == 0 &&
               strcmp(p->memory.name, config->lease.name) == 0))
        return rc;
    return lease_memory_begin(&p->memory, config->lease.name, err);
}

static int begin_all(struct lease_part *p, struct err *err)
{
    struct service *s = p->s;
    const struct observer observer = {.arg = p, .on_change = on_change};
    int rc = remember(p, err);
    if (rc)
        return rc;
    p->recorded_to =
        p->memory.isolated_from >= 0 ? p->memory.isolated_from : market_last_seq(s->market);
    p->since_ns = clock_now().wall_ns;
    p->expiry = loop_timer_create(s->loop, on_expiry, p);
    p->saver = state_saver_create(s->loop, on_saved, p);
    p->notices = lease_notices_create(s->loop, on_notice, p);
    if (!p->expiry || !p->saver || !p->notices)
        return err_set(err, -ENOMEM, "out of memory");
    rc = create_lease(p, err);
    if (rc)
        return rc;
    p->observer = observers_add(s->observers, &observer);
    return p->observer > 0 ? 0 : err_set(err, -ENOMEM, "out of memory");
}

static void end(struct service *s, bool give_up)
{
    struct lease_part *p = s->lease;
    if (!p)
        return;
    observers_remove(s->observers, p->observer);
    lease_destroy(p->lease, give_up);
    loop_timer_destroy(p->expiry);
    lease_notices_destroy(p->notices);
    if (give_up && p->role == LEASE_ROLE_ACTIVE) {
        p->memory.held = false;
        save(p);
    }
    state_saver_destroy(p->saver);
    free(p);
    s->lease = NULL;
}

static int begin(struct service *s, struct err *err)
{
    if (!*s->config->lease.name)
        return 0;
    s->lease = calloc(1, sizeof(*s->lease));
    if (!s->lease)
        return err_set(err, -ENOMEM, "out of memory");
    s->lease->s = s;
    int rc = begin_all(s->lease, err);
    if (rc)
        end(s, false);
    return rc;
}

bool lease_part_starts_asking(const struct service *s)
{
    return !s->lease;
}

/* A standby too needs the password, and a mistake is reported before it must take over. */
int lease_part_start(struct service *s, struct err *err)
{
    int rc = *s->config->lease.name ? password_digest(s, s->config, &s->password, err) : 0;
    return rc ? rc : begin(s, err);
}

void lease_part_stop(struct service *s)
{
    end(s, true);
}

/* The same lease in another way, such as with other servers: it is still this recorder's. */
static bool same_lease(const struct lease_part *p, const struct config *config)
{
    return p && strcmp(p->memory.name, config->lease.name) == 0 &&
           strcmp(p->bucket, config->lease.bucket) == 0;
}

void lease_part_change(struct service *s)
{
    struct err err;
    bool same = same_lease(s->lease, s->config);
    if (!s->lease && !*s->config->lease.name)
        return;
    if (s->lease)
        stop_asking(s->lease, EVENT_CONFIG_RELOADED);
    else
        asking_stop(s, EVENT_CONFIG_RELOADED);
    end(s, !same);
    if (begin(s, &err))
        events_report(s->events, LOG_LEVEL_ERROR, EVENT_LEASE_FAILED, NULL, "%s", err.text);
    else if (!s->lease && asking_start(s, &err) != SERVICE_DONE)
        events_report(s->events, LOG_LEVEL_ERROR, EVENT_FEED_FAILED, NULL,
                      "cannot start the feed: %s", err.text);
}

/* --- what is shown ---------------------------------------------------------------------------- */

bool lease_part_facts(const struct service *s, struct lease_facts *out)
{
    const struct lease_part *p = s->lease;
    if (!p)
        return false;
    *out = (struct lease_facts){
        .name = p->memory.name,
        .role = p->role,
        .since_ns = p->since_ns,
        .asks = s->asking,
        .takeovers = p->takeovers,
        .withheld = p->withheld,
        .state = lease_state(p->lease),
    };
    return true;
}
