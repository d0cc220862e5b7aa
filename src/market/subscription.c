#include "market/subscription.h"

#include "market/batch_queue.h"
#include "market/source_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DENIED_LEAST 4  /* with fewer instruments, half of them is not enough */
#define LIMIT_LEAST  5  /* a message so short is not ignored because of its length */
#define DENIED_ALL   20 /* so many refused before any data: denied */
#define RETRY_MIN_MS 300000
#define RETRY_MAX_MS 3600000

enum standing {
    ABSENT, /* not listed, or REST must answer first; it may have a place in `order` */
    WAITING,
    ASKED,
    LIVE,
    REFUSED
};

struct slot {
    enum standing standing;
    bool placed;   /* it was listed once: `at` is its place */
    bool queued;   /* it is in one batch of the queue */
    int32_t at;    /* its index in `order` */
    int32_t batch; /* number of the message that last requested it; 0 = none */
};

struct subscription {
    struct subscription_limits limits;
    const struct source_table *sources;
    struct slot *slots; /* by instrument */
    int32_t *order;     /* in the order of sending: all instruments, and those that were removed */
    int32_t count;      /* of order */
    int32_t size;       /* length of slots, and room of order */
    int32_t present;    /* instruments that are not ABSENT */

    struct batch_queue queue; /* runs of `order` to be sent, each in one message */

    int limit;        /* instruments per message; reduced if this connection ignores long ones */
    struct batch out; /* the batch that waits for its first data; count 0 = none */
    int64_t sent_ms;  /* when it, or the last one, was sent */
    int32_t batches;  /* sent so far */
    int32_t live, refused;
    bool denied;
    int denials;      /* tries in a row that were denied */
    int64_t retry_ms; /* denied: one is tried then; INT64_MAX = not computed yet */
    int32_t turn;     /* place of the one that was tried last in the table's list */
    int32_t tried;    /* that instrument; -1 = none yet */
    bool trying;      /* and its answer is pending */
};

struct subscription *subscription_create(const struct subscription_limits *limits,
                                         const struct source_table *sources)
{
    struct subscription *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->limits = *limits;
    s->limit = limits->batch;
    s->sources = sources;
    s->tried = -1;
    if (batch_queue_init(&s->queue, 2) || subscription_reserve(s, source_table_size(sources))) {
        subscription_destroy(s);
        return NULL;
    }
    subscription_relisted(s);
    return s;
}

int subscription_reserve(struct subscription *s, int32_t size)
{
    if (size <= s->size)
        return 0;
    struct slot *slots = realloc(s->slots, (size_t)size * sizeof(*slots));
    s->slots = slots ? slots : s->slots;
    int32_t *order = realloc(s->order, (size_t)size * sizeof(*order));
    s->order = order ? order : s->order;
    if (!slots || !order || batch_queue_reserve(&s->queue, 2 * (size + 1)))
        return -ENOMEM;
    memset(slots + s->size, 0, (size_t)(size - s->size) * sizeof(*slots));
    s->size = size;
    return 0;
}

void subscription_destroy(struct subscription *s)
{
    if (!s)
        return;
    free(s->slots);
    free(s->order);
    batch_queue_finish(&s->queue);
    free(s);
}

/* --- the order of sending --------------------------------------------------------------------- */

static void swap(struct subscription *s, int32_t a, int32_t b)
{
    int32_t was = s->order[a];
    s->order[a] = s->order[b];
    s->order[b] = was;
    s->slots[s->order[a]].at = a;
    s->slots[s->order[b]].at = b;
}

static void set_waiting(struct subscription *s, struct batch batch)
{
    for (int32_t i = 0; i < batch.count; i++) {
        struct slot *slot = &s->slots[s->order[batch.first + i]];
        s->live -= slot->standing == LIVE;
        if (slot->standing != ABSENT)
            slot->standing = WAITING;
    }
}

static void set_queued(struct subscription *s, struct batch batch, bool queued)
{
    for (int32_t i = 0; i < batch.count; i++)
        s->slots[s->order[batch.first + i]].queued = queued;
}

/* None of the batch is queued already, so that there is room. */
static void queue_back(struct subscription *s, struct batch batch)
{
    set_waiting(s, batch);
    set_queued(s, batch, true);
    batch_queue_back(&s->queue, batch);
}

static void queue_front(struct subscription *s, struct batch batch)
{
    set_waiting(s, batch);
    set_queued(s, batch, true);
    batch_queue_front(&s->queue, batch);
}

static void clear_queue(struct subscription *s)
{
    batch_queue_clear(&s->queue);
    set_queued(s, (struct batch){0, s->count}, false);
}

/* Queues a run of `order` in batches. */
static void request(struct subscription *s, int32_t from, int32_t to)
{
    for (int32_t at = from; at < to; at += s->limit)
        queue_back(s, (struct batch){at, to - at < s->limit ? to - at : s->limit});
}

static bool inside(const struct subscription *s, struct batch batch, int32_t instrument)
{
    int32_t at = s->slots[instrument].at;
    return at >= batch.first && at < batch.first + batch.count;
}

/* --- the list --------------------------------------------------------------------------------- */

static void leave(struct subscription *s, struct slot *slot)
{
    s->live -= slot->standing == LIVE;
    s->refused -= slot->standing == REFUSED;
    s->present--;
    slot->standing = ABSENT;
}

/* One that was listed before may be in the pending message still, or in the queue. */
static void enter_again(struct subscription *s, int32_t instrument)
{
    struct slot *slot = &s->slots[instrument];
    bool pending = inside(s, s->out, instrument);
    slot->standing = pending ? ASKED : WAITING;
    if (!pending && !slot->queued)
        queue_back(s, (struct batch){slot->at, 1});
}

/* A new one gets a place at the end, which is to be queued. */
static void enter(struct subscription *s, int32_t instrument)
{
    struct slot *slot = &s->slots[instrument];
    s->present++;
    if (slot->placed) {
        enter_again(s, instrument);
        return;
    }
    slot->standing = WAITING;
    slot->placed = true;
    slot->at = s->count;
    s->order[s->count++] = instrument;
}

void subscription_relisted(struct subscription *s)
{
    struct source_list list = source_table_listed(s->sources);
    int32_t before = s->count;
    for (int32_t i = 0; i < before; i++) {
        struct slot *slot = &s->slots[s->order[i]];
        const struct source_row *row = source_table_row(s->sources, s->order[i]);
        if (slot->standing != ABSENT && row->state == SOURCE_UNLISTED)
            leave(s, slot);
    }
    for (int32_t k = 0; k < list.count; k++) {
        int32_t i = list.item[k];
        if (s->slots[i].standing == ABSENT && !source_table_row(s->sources, i)->rest_first)
            enter(s, i);
    }
    request(s, before, s->count);
}

/* --- begin and end ---------------------------------------------------------------------------- */

/* Moves refused and removed ones to the end, outside of every batch. */
static int32_t set_unwanted_apart(struct subscription *s)
{
    int32_t wanted = 0;
    for (int32_t i = 0; i < s->count; i++) {
        enum standing standing = s->slots[s->order[i]].standing;
        if (standing != REFUSED && standing != ABSENT)
            swap(s, wanted++, i);
    }
    return wanted;
}

void subscription_begin(struct subscription *s, int64_t now_ms)
{
    int32_t wanted = set_unwanted_apart(s);
    clear_queue(s);
    s->out.count = 0;
    s->limit = s->limits.batch;
    s->sent_ms = now_ms - s->limits.rate_limit_ms;
    s->denied = s->trying = false;
    request(s, 0, wanted);
}

void subscription_end(struct subscription *s)
{
    clear_queue(s);
    s->out.count = 0;
    for (int32_t i = 0; i < s->count; i++) {
        struct slot *slot = &s->slots[s->order[i]];
        if (slot->standing != REFUSED && slot->standing != ABSENT)
            slot->standing = WAITING;
    }
    s->live = 0;
}

void subscription_again(struct subscription *s, int32_t instrument)
{
    struct batch alone = {s->slots[instrument].at, 1};
    enum standing standing = s->slots[instrument].standing;
    bool pending = standing == ASKED && inside(s, s->out, instrument);
    if (pending || (standing != ASKED && standing != LIVE))
        return;
    queue_back(s, alone);
}

void subscription_forgive(struct subscription *s)
{
    for (int32_t i = 0; i < s->count; i++) {
        struct slot *slot = &s->slots[s->order[i]];
        if (slot->standing != REFUSED)
            continue;
        slot->standing = WAITING;
        if (!slot->queued)
            queue_back(s, (struct batch){slot->at, 1});
    }
    s->refused = 0;
    s->denied = s->trying = false;
    s->denials = 0;
}

/* --- sending ---------------------------------------------------------------------------------- */

static void push_halves(struct subscription *s, struct batch batch, bool front)
{
    struct batch a = {batch.first, batch.count / 2};
    struct batch b = {batch.first + a.count, batch.count - a.count};
    if (front) {
        queue_front(s, b);
        queue_front(s, a);
    } else {
        queue_back(s, a);
        queue_back(s, b);
    }
}

/* Removes from a queued batch the ones that were refused, or left the list, since. */
static struct batch without_unwanted(struct subscription *s, struct batch batch)
{
    for (int32_t i = 0; i < batch.count;) {
        if (s->slots[s->order[batch.first + i]].standing != WAITING)
            swap(s, batch.first + i, batch.first + --batch.count);
        else
            i++;
    }
    return batch;
}

/* No data for the batch: its halves go to the end of the queue; a single one is left to polling. */
static void give_up_waiting(struct subscription *s)
{
    struct batch out = s->out;
    s->out.count = 0;
    if (out.count < 2)
        return;
    if (out.count > LIMIT_LEAST)
        s->limit = (out.count + 1) / 2;
    push_halves(s, out, false);
}

static struct batch take_batch(struct subscription *s)
{
    struct batch batch = batch_queue_take(&s->queue);
    if (batch.count > s->limit) {
        batch_queue_front(&s->queue,
                          (struct batch){batch.first + s->limit, batch.count - s->limit});
        batch.count = s->limit;
    }
    set_queued(s, batch, false);
    return without_unwanted(s, batch);
}

/* --- denied --------------------------------------------------------------------------------- */

static void deny(struct subscription *s)
{
    s->denied = true;
    s->trying = false;
    s->denials++;
    s->retry_ms = INT64_MAX;
}

static int64_t retry_wait_ms(const struct subscription *s)
{
    int64_t ms = RETRY_MIN_MS;
    for (int i = 1; i < s->denials && ms < RETRY_MAX_MS; i++)
        ms *= 2;
    return ms < RETRY_MAX_MS ? ms : RETRY_MAX_MS;
}

/* A different one each time, in case only some are refused. */
static struct batch one_to_try(struct subscription *s)
{
    struct source_list list = source_table_listed(s->sources);
    for (int32_t i = 0; i < list.count; i++) {
        s->turn = (s->turn + 1) % list.count;
        s->tried = list.item[s->turn];
        enum standing standing = s->slots[s->tried].standing;
        if (standing != LIVE && standing != ABSENT)
            return (struct batch){s->slots[s->tried].at, 1};
    }
    return (struct batch){0, 0};
}

/* The one that was tried delivers data: request all others again, also refused ones. */
static void allow(struct subscription *s)
{
    int32_t live = 0;
    s->denied = s->trying = false;
    s->refused = 0;
    clear_queue(s);
    for (int32_t i = 0; i < s->count; i++) {
        if (s->slots[s->order[i]].standing == LIVE)
            swap(s, live++, i);
    }
    request(s, live, s->count);
}

static struct subscription_next wait_until(int64_t wake_ms)
{
    return (struct subscription_next){.wake_ms = wake_ms};
}

static struct subscription_next send(struct subscription *s, struct batch batch, int64_t now_ms)
{
    s->out = batch;
    s->sent_ms = now_ms;
    s->batches++;
    for (int32_t i = 0; i < batch.count; i++) {
        struct slot *slot = &s->slots[s->order[batch.first + i]];
        slot->standing = ASKED;
        slot->batch = s->batches;
    }
    return (struct subscription_next){s->order + batch.first, batch.count, now_ms};
}

static struct subscription_next try_one(struct subscription *s, int64_t now_ms)
{
    if (s->retry_ms == INT64_MAX)
        s->retry_ms = now_ms + retry_wait_ms(s);
    if (now_ms < s->retry_ms)
        return wait_until(s->retry_ms);
    struct batch batch = one_to_try(s);
    deny(s); /* until it delivers data */
    if (!batch.count)
        return wait_until(INT64_MAX);
    s->refused -= s->slots[s->tried].standing == REFUSED;
    s->trying = true;
    return send(s, batch, now_ms);
}

struct subscription_next subscription_next(struct subscription *s, int64_t now_ms)
{
    if (s->out.count && now_ms < s->sent_ms + s->limits.quiet_ms)
        return wait_until(s->sent_ms + s->limits.quiet_ms);
    if (s->out.count)
        give_up_waiting(s);
    if (s->denied)
        return try_one(s, now_ms);
    if (s->queue.count == 0)
        return wait_until(INT64_MAX);
    if (now_ms < s->sent_ms + s->limits.rate_limit_ms)
        return wait_until(s->sent_ms + s->limits.rate_limit_ms);
    struct batch batch = take_batch(s);
    return batch.count ? send(s, batch, now_ms) : wait_until(now_ms);
}

/* --- answers ---------------------------------------------------------------------------------- */

bool subscription_heard(struct subscription *s, int32_t instrument)
{
    struct slot *slot = &s->slots[instrument];
    if (slot->standing == LIVE)
        return false;
    if (slot->batch == s->batches)
        s->out.count = 0; /* accepted as a whole: silent ones are subscribed too */
    if (slot->standing != ASKED)
        return false; /* of an earlier request, or never requested */
    slot->standing = LIVE;
    s->live++;
    if (s->trying && instrument == s->tried)
        allow(s);
    return true;
}

bool subscription_live(const struct subscription *s, int32_t instrument)
{
    return s->slots[instrument].standing == LIVE;
}

static void refuse(struct subscription *s, int32_t instrument)
{
    s->live -= s->slots[instrument].standing == LIVE;
    s->slots[instrument].standing = REFUSED;
    s->refused++;
    if (source_table_row(s->sources, instrument)->on_trial)
        return;
    if ((s->present >= DENIED_LEAST && s->refused * 2 > s->present) ||
        (s->live == 0 && s->refused >= DENIED_ALL))
        deny(s);
}

/* Requests again the rest of a batch that an error has cancelled, without the one it names. */
static void ask_rest_again(struct subscription *s, struct batch out, int32_t named)
{
    int32_t last = out.first + out.count - 1;
    swap(s, s->slots[named].at, last);
    out.count--;
    queue_front(s, out);
}

struct subscription_error subscription_error(struct subscription *s, int32_t named, bool all)
{
    struct subscription_error error = {.refused = -1};
    struct batch out = s->out;
    bool was_denied = s->denied;

    if (named >= 0 && s->slots[named].standing == REFUSED)
        return error; /* reported already */
    s->out.count = 0;
    if (s->denied) { /* for the one that was tried, or one requested before */
        if (s->trying && out.count == 1)
            set_waiting(s, out);
        s->trying = false;
    } else if (all) {
        deny(s);
    } else if (named >= 0) {
        error.refused = named;
        if (out.count && inside(s, out, named))
            ask_rest_again(s, out, named);
        else
            s->out = out; /* of an earlier message: the pending one gets its own answer */
    } else if (out.count == 1) {
        error.refused = s->order[out.first];
    } else if (out.count) {
        push_halves(s, out, true);
    }
    if (error.refused >= 0)
        refuse(s, error.refused);
    error.denied = s->denied && !was_denied;
    return error;
}

bool subscription_denied(const struct subscription *s)
{
    return s->denied;
}

struct subscription_state subscription_state(const struct subscription *s)
{
    struct subscription_state state = {.live = s->live, .refused = s->refused, .denied = s->denied};
    for (int32_t i = 0; i < s->count; i++) {
        const struct slot *slot = &s->slots[s->order[i]];
        state.waiting += slot->standing == WAITING;
        state.asked += slot->standing == ASKED;
    }
    return state;
}
