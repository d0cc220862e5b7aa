#include "doctor/doctor.h"

#include "base/log.h"
#include "broker/hand_over.h"
#include "doctor/checkup.h"
#include "primary/reference.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* --- the steps so far ------------------------------------------------------------------------- */

void checkup_add(struct checkup *c, const struct step *step)
{
    struct step *kept = &c->steps[c->steps_count];
    if (c->steps_count == CHECKUP_STEPS)
        return;
    c->steps_count++;
    *kept = *step;
    log_mask(kept->tried);
    log_mask(kept->came_back);
    log_mask(kept->meaning);
    log_mask(kept->todo);
    c->parts->fn(c->parts->arg, kept);
}

void checkup_skip(struct checkup *c, enum step_id id, const char *why)
{
    struct step step = step_skipped(id, why);
    checkup_add(c, &step);
}

static bool last_is(const struct checkup *c, enum step_id id, enum step_state state)
{
    for (int i = c->steps_count - 1; i >= 0; i--) {
        if (c->steps[i].id == id)
            return c->steps[i].state == state;
    }
    return false;
}

bool checkup_failed(const struct checkup *c, enum step_id id)
{
    return last_is(c, id, STEP_FAILED);
}

bool checkup_passed(const struct checkup *c, enum step_id id)
{
    return last_is(c, id, STEP_OK);
}

bool checkup_market_open(const struct checkup *c, const char *symbol)
{
    const struct calendar_set *sessions = &c->config->sessions;
    int at = calendar_set_find(sessions, calendar_set_segment(NULL, symbol));
    return calendar_open(&sessions->each[at].calendar, clock_now().wall_ns);
}

bool checkup_is_replica(const struct checkup *c)
{
    return *c->config->source.nats != '\0';
}

bool checkup_has_dialect(const struct checkup *c, const char *dialect)
{
    const struct config_strings *dialects = &c->config->stream.dialects;
    for (size_t i = 0; i < dialects->count; i++) {
        if (strcmp(dialects->item[i], dialect) == 0)
            return true;
    }
    return false;
}

enum doctor_class checkup_class(const struct checkup *c)
{
    for (int i = c->steps_count - 1; i >= 0; i--) {
        if (c->steps[i].state == STEP_FAILED)
            return finding_class(c->steps[i].finding);
    }
    return DOCTOR_OK;
}

/* --- requests --------------------------------------------------------------------------------- */

static void wait_ms(int64_t ms)
{
    struct timespec left = {ms / 1000, ms % 1000 * NS_PER_MS};
    while (nanosleep(&left, &left) && errno == EINTR)
        continue;
}

void checkup_take_turn(struct checkup *c, enum budget_kind kind)
{
    int64_t now_ms = clock_now().mono_ms;
    for (;;) {
        int64_t from_ms = budget_from_ms(&c->budget, kind, now_ms);
        if (from_ms <= now_ms)
            break;
        wait_ms(from_ms - now_ms);
        now_ms = clock_now().mono_ms;
    }
    budget_spend(&c->budget, kind, now_ms);
}

int64_t checkup_timeout_ms(const struct checkup *c, int64_t most_ms)
{
    int64_t configured = c->config->broker.timeout_ms;
    return configured < most_ms ? configured : most_ms;
}

/* --- the run ---------------------------------------------------------------------------------- */

/* False: no memory, or broker.ca_file cannot be read. */
static bool begin_online(struct checkup *c)
{
    struct err err = {0};
    const struct config_broker *broker = &c->config->broker;
    struct step step = step_begin(STEP_TLS, "read broker.ca_file");
    c->place = place_of_url(broker->url);
    c->budget = budget_init(c->config->poll.rate);
    c->loop = loop_create();
    c->parser = json_parser_create();
    int rc = link_init(&c->link, broker->ca_file, checkup_timeout_ms(c, CHECKUP_TIMEOUT_MS), &err);
    if (c->loop && c->parser && rc == 0)
        return true;
    if (rc && rc != -ENOMEM) {
        step_fail(&step, FINDING_CA_FILE, "%s", err.text);
        step_todo(&step, "correct or remove broker.ca_file");
    } else {
        step_fail(&step, FINDING_NO_MEMORY, "out of memory");
    }
    checkup_add(c, &step);
    return false;
}

/* A failure that the answer of another host can throw light on: not one of this machine's network,
 * where it would only cost the time of another step. */
static bool terminal_helps(const struct checkup *c)
{
    for (int i = 0; i < c->steps_count; i++) {
        const struct step *step = &c->steps[i];
        if (step->state != STEP_FAILED || step->id < STEP_DNS)
            continue;
        return step->finding != FINDING_DNS_SLOW && step->finding != FINDING_DNS_FAILED &&
               step->finding != FINDING_TCP_TIMEOUT && step->finding != FINDING_TCP_UNREACHABLE &&
               step->finding != FINDING_PROXY && step->finding != FINDING_THROTTLED;
    }
    return false;
}

/* The broker gives one user one stream: the recorder with the lease keeps it. */
static void streams(struct checkup *c)
{
    if (c->other_streams) {
        checkup_skip(c, STEP_HANDSHAKE, "another recorder has the lease, and may use the stream");
        return;
    }
    stream_steps(c);
    matriz_steps(c);
}

static void online(struct checkup *c)
{
    nats_steps(c);
    lease_steps(c);
    if (checkup_is_replica(c) || !begin_online(c))
        return;
    if (transport_steps(c) && rest_steps(c))
        streams(c);
    if (terminal_helps(c))
        terminal_steps(c);
}

/* For the service, whose user owns the folder; only where it exists already. */
static void save(struct checkup *c)
{
    struct cached_token none = {0};
    struct buf empty;
    buf_init(&empty, 1);
    if (c->config && (c->fresh || c->list_fresh) && access(c->config->state_dir, F_OK) == 0)
        hand_over(c->config, c->fresh ? &c->token : &none, c->list_fresh ? &c->list : &empty, NULL);
    buf_finish(&empty);
}

static void finish(struct checkup *c)
{
    if (c->selected)
        selection_finish(&c->selection);
    buf_finish(&c->list);
    explicit_bzero(&c->token, sizeof(c->token));
    explicit_bzero(&c->shared, sizeof(c->shared));
    secret_wipe(&c->password);
    json_parser_destroy(c->parser);
    link_finish(&c->link);
    if (c->loop)
        loop_destroy(c->loop);
    config_free(c->config);
    free(c);
}

struct conclusion doctor_run(const struct doctor_parts *parts)
{
    struct conclusion out = {.finding = FINDING_NO_MEMORY, .class = DOCTOR_CONFIG};
    struct checkup *c = calloc(1, sizeof(*c));
    snprintf(out.sentence, sizeof(out.sentence), "Out of memory.");
    if (!c)
        return out;
    c->parts = parts;
    buf_init(&c->list, REFERENCE_LIST_BYTES);
    if (local_steps(c) && !parts->offline)
        online(c);
    save(c);
    out = conclude(c->steps, c->steps_count, !parts->offline);
    log_mask(out.sentence);
    finish(c);
    return out;
}
