#include "broker/reference_merger.h"

#include <errno.h>
#include <stdlib.h>

struct reference_merger {
    struct reference_merger_parts parts; /* `known` is a share, or NULL */
    struct background *background;
    struct instrument_list *segments;     /* read and not merged yet; NULL = none */
    struct reference_work *first, **last; /* what waits for the work under way */
    bool working;
    atomic_bool stop;
};

/* --- the queue -------------------------------------------------------------------------------- */

static struct reference_work *take_first(struct reference_merger *m)
{
    struct reference_work *work = m->first;
    if (!work)
        return NULL;
    m->first = (struct reference_work *)work->item.next;
    if (!m->first)
        m->last = &m->first;
    return work;
}

static void put_last(struct reference_merger *m, struct reference_work *work)
{
    work->item.next = NULL;
    *m->last = work;
    m->last = (struct reference_work **)&work->item.next;
}

/* Without memory for the merge the work has no result but that. */
static void start_next(struct reference_merger *m)
{
    struct reference_work *work = m->working ? NULL : take_first(m);
    if (!work)
        return;
    instrument_merge_begin(&work->merge, m->parts.known, loop_now(m->parts.loop).wall_ns);
    if (work->merge.after && m->segments)
        instrument_merge_segments(&work->merge, m->segments);
    m->working = true;
    background_give(m->background, work);
}

/* A copy that is missing leaves them for the next merge. */
static void forget_segments(struct reference_merger *m, const struct reference_work *work)
{
    bool used = work->merged || work->source == REFERENCE_READ;
    if (!m->segments || !used || work->merge.segments != m->segments)
        return;
    instrument_list_release(m->segments);
    m->segments = NULL;
}

static void on_done(void *arg, void *item)
{
    struct reference_merger *m = arg;
    struct reference_work *work = item;
    m->working = false;
    forget_segments(m, work); /* merged, or not to be merged */
    m->parts.fn(m->parts.arg, work);
    reference_work_dispose(work);
    start_next(m);
}

bool reference_merger_busy(const struct reference_merger *m)
{
    return m->working || m->first;
}

/* --- what is given ---------------------------------------------------------------------------- */

static struct reference_work *new_work(struct reference_merger *m, enum reference_source source)
{
    struct reference_work *work = calloc(1, sizeof(*work));
    if (!work)
        return NULL;
    work->source = source;
    work->config = m->parts.config;
    work->stop = &m->stop;
    return work;
}

static int give(struct reference_merger *m, struct reference_work *work)
{
    put_last(m, work);
    start_next(m);
    return 0;
}

int reference_merger_body(struct reference_merger *m, struct buf *body, bool doubted)
{
    struct reference_work *work = new_work(m, REFERENCE_BODY);
    if (!work) {
        buf_finish(body);
        return -ENOMEM;
    }
    work->body = *body;
    buf_init(body, body->max_bytes);
    work->doubted = doubted;
    return give(m, work);
}

int reference_merger_read(struct reference_merger *m, struct instrument_list *list)
{
    struct reference_work *work = list ? new_work(m, REFERENCE_READ) : NULL;
    if (!work) {
        instrument_list_release(list);
        return -ENOMEM;
    }
    work->read = list;
    work->partial = true;
    return give(m, work);
}

int reference_merger_copy(struct reference_merger *m, int64_t day)
{
    struct reference_work *work = new_work(m, REFERENCE_COPY);
    if (!work)
        return -ENOMEM;
    work->day = day;
    work->doubted = true; /* a list in doubt is not saved */
    return give(m, work);
}

void reference_merger_segments(struct reference_merger *m, struct instrument_list *segments)
{
    instrument_list_release(m->segments);
    m->segments = instrument_list_share(segments);
}

bool reference_merger_has_segments(const struct reference_merger *m)
{
    return m->segments;
}

/* --- what is known ---------------------------------------------------------------------------- */

struct instrument_list *reference_merger_accept(struct reference_merger *m,
                                                struct reference_work *work)
{
    instrument_list_release(m->parts.known);
    m->parts.known = instrument_merge_take(&work->merge);
    return m->parts.known;
}

struct instrument_list *reference_merger_known(const struct reference_merger *m)
{
    return m->parts.known;
}

/* --- life ------------------------------------------------------------------------------------- */

struct reference_merger *reference_merger_create(const struct reference_merger_parts *parts)
{
    struct reference_merger *m = calloc(1, sizeof(*m));
    if (!m)
        return NULL;
    m->parts = *parts;
    m->last = &m->first;
    atomic_init(&m->stop, false);
    if (m->parts.known)
        instrument_list_share(m->parts.known);
    m->background = background_create(&(struct background_parts){.loop = parts->loop,
                                                                 .work = reference_work_run,
                                                                 .done = on_done,
                                                                 .dispose = reference_work_dispose,
                                                                 .arg = m});
    if (m->background)
        return m;
    reference_merger_destroy(m);
    return NULL;
}

void reference_merger_destroy(struct reference_merger *m)
{
    struct reference_work *work;
    if (!m)
        return;
    atomic_store(&m->stop, true);
    background_destroy(m->background);
    while ((work = take_first(m)))
        reference_work_dispose(work);
    instrument_list_release(m->segments);
    instrument_list_release(m->parts.known);
    free(m);
}
