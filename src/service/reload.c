#include "service/reload.h"

#include "base/log.h"
#include "base/utf8.h"
#include "broker/token_keeper.h"
#include "config/config_changes.h"
#include "files/state_folder.h"
#include "record/events.h"
#include "service/asking.h"
#include "service/broker_parts.h"
#include "service/lease_part.h"
#include "service/recording.h"
#include "service/running.h"

#include <errno.h>
#include <string.h>

static void refuse(struct service *s, const struct err *why)
{
    utf8_clean(s->refused, sizeof(s->refused), why->text, strlen(why->text));
    events_report(s->events, LOG_LEVEL_ERROR, EVENT_CONFIG_REFUSED, NULL,
                  "%s; the previous configuration stays in effect", why->text);
}

static void warn_fixed(const struct service *s, const struct config *next)
{
    if (strcmp(next->store.path, s->store_path) != 0 ||
        next->store.full_sync != s->config->store.full_sync ||
        next->store.commit_every_ms != s->config->store.commit_every_ms ||
        next->store.wal_limit_mb != s->config->store.wal_limit_mb)
        log_line(LOG_LEVEL_WARN,
                 "section store has changed: all keys except keep_days need a restart", NULL);
    if (strcmp(next->state_dir, s->config->state_dir) != 0)
        log_warn("state_dir has changed: the lock stays in the old one until a restart",
                 LOG_TEXT("state_dir", s->config->state_dir));
}

/* --- what has changed ------------------------------------------------------------------------- */

bool reload_helps(const struct feed_report *feed, double rate)
{
    const struct poller_state *p = &feed->poller;
    const struct subscription_state *sub = &feed->stream.subscription;
    bool stream = feed->retry_in_ms >= 0 || feed->mode == FEED_NO_TOKEN ||
                  feed->mode == FEED_STALE || sub->refused || sub->denied;
    bool polls = p->failing || feed->sources.state[SOURCE_DROPPED] || p->plan.hold_ms > 0 ||
                 p->plan.outage != OUTAGE_NONE || p->plan.rate < rate;
    return stream || polls;
}

static bool feed_in_order(const struct service *s)
{
    struct feed_report report;
    if (!s->feed || !token_keeper_headers(s->keeper))
        return false;
    feed_report(s->feed, &report);
    return !reload_helps(&report, s->feed_config->poll.rate);
}

/* What a new configuration changes. */
struct changes {
    uint32_t sections;
    bool password; /* in the file that section broker names */
};

/* The parts of the two are others. */
static int check_role(const struct service *s, const struct config *next, struct err *err)
{
    if (!*next->source.nats == !*s->config->source.nats)
        return 0;
    return err_set(err, -EINVAL,
                   "source.nats: a recorder becomes a replica, and the reverse, by a restart only");
}

static int load(const struct service *s, struct config **next, struct changes *changes,
                struct err *err)
{
    struct digest password = s->password;
    int rc = config_load(s->config->file, next, err);
    if (rc)
        return rc;
    rc = state_folder_check((*next)->state_dir, err);
    if (rc == 0)
        rc = check_role(s, *next, err);
    if (rc == 0 && !*(*next)->source.nats)
        rc = password_digest(s, *next, &password, err);
    if (rc) {
        config_free(*next);
        return rc;
    }
    changes->sections = config_changes(s->config, *next);
    changes->password = !digest_equal(password, s->password);
    return 0;
}

/* --- applying it ------------------------------------------------------------------------------ */

/* A reload also tries now what the broker had asked to wait for. */
static void adapt_learned(struct service *s, const struct config *previous,
                          const struct config *next)
{
    if (strcmp(next->broker.url, previous->broker.url) != 0) {
        s->learned = (struct plan_feed){0};
        s->budget = budget_init(next->poll.rate);
    }
    recording_restarts(s);
    s->learned = plan_feed_try_now(s->learned);
    budget_set_rate(&s->budget, next->poll.rate);
    budget_try_now(&s->budget);
}

/* On failure the parts run with the previous configuration again. */
static int replace(struct service *s, struct config *next, struct err *err)
{
    struct config *previous = s->feed_config;
    struct err again;
    const bool asked = s->asking;
    asking_stop(s, EVENT_CONFIG_RELOADED);
    adapt_learned(s, previous, next);
    s->feed_config = next;
    if (!asked || asking_start(s, err) == SERVICE_DONE) {
        if (previous != s->config)
            config_free(previous);
        return 0;
    }
    s->feed_config = previous;
    budget_set_rate(&s->budget, previous->poll.rate);
    if (asking_start(s, &again) != SERVICE_DONE)
        events_report(s->events, LOG_LEVEL_ERROR, EVENT_FEED_FAILED, NULL,
                      "cannot start the feed: %s", again.text);
    return err->code;
}

/* `next` is in effect; the one before is freed unless the replaced parts still use it. */
static void adopt(struct service *s, struct config *next)
{
    struct config *previous = s->config;
    s->config = next;
    if (previous != s->feed_config)
        config_free(previous);
}

static void tell(struct service *s, const struct changes *changes, bool replaced)
{
    const bool any = changes->sections || changes->password;
    char words[160];
    const char *feed = "";
    if (replaced)
        feed = any ? "; connecting to the broker again"
                   : "; trying again what fails: connecting to the broker again";
    else if (any && s->keeper)
        feed = "; the feed continues";
    config_changes_words(words, sizeof(words), changes->sections);
    events_report(s->events, LOG_LEVEL_INFO, EVENT_CONFIG_RELOADED, NULL,
                  "configuration reloaded: %s%s changed%s", changes->sections || !any ? words : "",
                  changes->password ? (changes->sections ? ", password" : "password") : "", feed);
}

/* All are told of an unchanged configuration, so that a failed export is tried again too; but not
 * lease and sink, which try again by themselves: the broker is not asked until a new lease is
 * confirmed. */
static uint32_t sections_told(const struct service *s, uint32_t changed)
{
    if (changed)
        return changed;
    return s->lease ? CONFIG_ALL & ~(uint32_t)(CONFIG_LEASE | CONFIG_SINK) : CONFIG_ALL;
}

void reload(struct service *s)
{
    size_t kept = parts_kept(s->parts, s->parts_count);
    uint32_t feed_reads = parts_reads(s->parts + kept, s->parts_count - kept);
    struct config *next;
    struct changes changes;
    struct err err;

    if (load(s, &next, &changes, &err)) {
        refuse(s, &err);
        return;
    }
    warn_fixed(s, next);
    bool replaces = *next->source.nats ? false
                    : changes.sections || changes.password
                        ? changes.password || (changes.sections & feed_reads)
                        : !feed_in_order(s);
    if (replaces && replace(s, next, &err)) {
        refuse(s, &err);
        config_free(next);
        return;
    }
    adopt(s, next);
    lease_part_broker(s);
    *s->refused = '\0';
    parts_change(s->parts, kept, sections_told(s, changes.sections), s);
    tell(s, &changes, replaces && s->asking);
}
