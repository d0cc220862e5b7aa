#include "broker/reference_lists.h"

#include "base/log.h"
#include "broker/list_request.h"
#include "broker/reference_work.h"
#include "primary/request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define AGAIN_MS     (5 * 60 * 1000) /* after no answer, or without a token */
#define FAILURES_MAX 5               /* in a row: the walk ends */

/* Of protocol section 6.7. */
static const char *const cfi_codes[] = {
    "ESXXXX", "DBXXXX", "DBXXFR", "DYXTXR", "EMXXXX", "FXXXSX", "FXXXXX", "OCASPS",
    "OPASPS", "OCAFXS", "OPAFXS", "OCEFXS", "OPEFXS", "MRIXXX", "RPXXXX", "MCXXXX",
};
#define CFI_CODES (sizeof(cfi_codes) / sizeof(cfi_codes[0]))

struct reference_lists {
    struct reference_lists_parts parts;
    struct list_request *request;
    struct background *background;
    struct loop_timer *timer;
    struct instrument_list *known; /* a share, during a walk */
    struct instrument_list *read;  /* so far; NULL while the thread adds to it */
    atomic_bool stop;
    bool walking, working;
    bool with_codes;      /* the segments are complete */
    size_t segment, code; /* the next ones; after the last segment the codes follow */
    int failures;         /* in a row */
};

/* --- the next list ---------------------------------------------------------------------------- */

static const struct market_segment *next_segment(struct reference_lists *l)
{
    while (l->segment < instrument_list_segments(l->known)) {
        const struct market_segment *s = instrument_list_segment(l->known, l->segment);
        if (s->listed)
            return s;
        l->segment++;
    }
    return NULL;
}

static bool lacks_code(const struct reference_lists *l, const struct instrument *read)
{
    const struct instrument *known = instrument_list_find(l->known, read->market_id, read->symbol);
    return !read->cfi_code && !(known && known->cfi_code);
}

/* rest/instruments/all has the codes; without it most instruments lack theirs. */
static bool needs_codes(const struct reference_lists *l)
{
    size_t count = instrument_list_count(l->read), lacking = 0;
    if (count == 0)
        return instrument_list_count(l->known) == 0;
    for (size_t i = 0; i < count; i++)
        lacking += lacks_code(l, instrument_list_at(l->read, i));
    return lacking * 2 > count;
}

/* What was read so far goes to the owner. */
static void hand_over(struct reference_lists *l)
{
    struct instrument_list *read = l->read;
    size_t count = instrument_list_count(read);
    log_info("instruments read from lists of a part of them", LOG_NUMBER("instruments", count));
    l->read = instrument_list_create();
    if (count)
        l->parts.read(l->parts.arg, read);
    else
        instrument_list_release(read);
}

/* The code to ask for, or NULL: the walk is at its end. */
static const char *next_code(const struct reference_lists *l)
{
    return l->code < CFI_CODES ? cfi_codes[l->code] : NULL;
}

static void begin_codes(struct reference_lists *l)
{
    l->with_codes = true;
    l->code = needs_codes(l) ? 0 : CFI_CODES;
    if (instrument_list_count(l->read))
        hand_over(l);
}

static void next(struct reference_lists *l)
{
    if (next_segment(l))
        l->segment++;
    else
        l->code++;
    l->failures = 0;
    loop_timer_set(l->timer, 0);
}

/* --- answers ---------------------------------------------------------------------------------- */

static void end(struct reference_lists *l)
{
    l->walking = false;
    loop_timer_stop(l->timer);
    if (instrument_list_count(l->read))
        hand_over(l);
    instrument_list_release(l->known);
    instrument_list_release(l->read);
    l->known = l->read = NULL;
}

static void on_work(void *arg, void *item)
{
    struct reference_lists *l = arg;
    struct reference_work *work = item;
    l->working = false;
    l->read = work->into;
    work->into = NULL;
    if (work->class == REPLY_OK)
        list_request_worked(l->request);
    else
        log_info("list of instruments not read", LOG_TEXT("why", work->why.text));
    reference_work_dispose(work);
    next(l);
}

static void read_answer(struct reference_lists *l, struct buf *body)
{
    struct reference_work *work = calloc(1, sizeof(*work));
    const struct market_segment *segment = next_segment(l);
    if (!work) {
        next(l);
        return;
    }
    work->source = REFERENCE_BODY;
    work->body = *body;
    buf_init(body, body->max_bytes);
    work->stop = &l->stop;
    if (segment)
        work->segment = *segment;
    else
        work->cfi_code = next_code(l);
    work->into = l->read;
    l->read = NULL;
    l->working = true;
    background_give(l->background, work);
}

/* Asked again; or given up, when the broker does not answer at all. */
static void again(struct reference_lists *l)
{
    if (++l->failures >= FAILURES_MAX)
        end(l);
    else
        loop_timer_set(l->timer, AGAIN_MS);
}

static void on_end(void *arg, const struct list_request_end *e)
{
    struct reference_lists *l = arg;
    if (!e->answered) {
        again(l);
        return;
    }
    switch (e->class) {
    case REPLY_OK:
        read_answer(l, e->body);
        break;
    case REPLY_AUTH:
    case REPLY_LOGIN_PAGE:
    case REPLY_PAGE:
    case REPLY_THROTTLED:
    case REPLY_SERVER:
        again(l);
        break;
    default:
        next(l);
    }
}

/* --- requests --------------------------------------------------------------------------------- */

static bool put_target(struct reference_lists *l, struct list_request_target *target)
{
    struct buf path;
    const struct market_segment *segment = next_segment(l);
    const char *code = segment ? NULL : next_code(l);
    target->kind = BUDGET_SEGMENT;
    buf_init(&path, sizeof(target->path) - 1);
    if (segment)
        request_by_segment(&path, segment->market_id, segment->id);
    else if (code)
        request_by_cfi_code(&path, code);
    bool fits = !buf_failed(&path);
    snprintf(target->path, sizeof(target->path), "%s", fits ? buf_text(&path) : "");
    buf_finish(&path);
    return segment || code;
}

static void on_timer(void *arg)
{
    struct reference_lists *l = arg;
    struct list_request_target target;
    if (!l->walking || l->working || list_request_busy(l->request))
        return;
    if (!next_segment(l) && !l->with_codes)
        begin_codes(l);
    if (!l->read || !put_target(l, &target)) {
        end(l);
        return;
    }
    if (!*target.path) { /* a name of hundreds of bytes */
        next(l);
        return;
    }
    int64_t wait_ms = list_request_ask(l->request, &target);
    if (wait_ms)
        loop_timer_set(l->timer, wait_ms > 0 ? wait_ms : AGAIN_MS);
}

void reference_lists_start(struct reference_lists *l, struct instrument_list *known)
{
    if (l->walking)
        return;
    l->read = instrument_list_create();
    if (!l->read)
        return;
    l->known = known ? instrument_list_share(known) : NULL;
    l->walking = true;
    l->with_codes = false;
    l->segment = l->code = 0;
    l->failures = 0;
    loop_timer_set(l->timer, 0);
}

void reference_lists_wake(struct reference_lists *l)
{
    if (l->walking)
        loop_timer_set(l->timer, 0);
}

/* --- life ------------------------------------------------------------------------------------- */

int reference_lists_create(struct reference_lists **out, const struct reference_lists_parts *parts,
                           struct err *err)
{
    struct reference_lists *l = calloc(1, sizeof(*l));
    if (!l)
        return err_set(err, -ENOMEM, "out of memory");
    const struct list_request_parts request = {
        parts->loop, parts->config, parts->keeper, parts->events, parts->budget, on_end, l};
    const struct background_parts background = {.loop = parts->loop,
                                                .work = reference_work_run,
                                                .done = on_work,
                                                .dispose = reference_work_dispose,
                                                .arg = l};
    l->parts = *parts;
    atomic_init(&l->stop, false);
    l->timer = loop_timer_create(parts->loop, on_timer, l);
    l->background = background_create(&background);
    int rc = l->timer && l->background ? list_request_create(&l->request, &request, err)
                                       : err_set(err, -ENOMEM, "out of memory");
    if (rc)
        reference_lists_destroy(l);
    else
        *out = l;
    return rc;
}

void reference_lists_destroy(struct reference_lists *l)
{
    if (!l)
        return;
    atomic_store(&l->stop, true);
    list_request_destroy(l->request);
    background_destroy(l->background);
    loop_timer_destroy(l->timer);
    instrument_list_release(l->known);
    instrument_list_release(l->read);
    free(l);
}
