#include "market/subscription.h"

#include "market/source_table.h"

#include <stdlib.h>
#include <string.h>

#define DENIED_LEAST 4  /* with fewer instruments, half of them is not enough */
#define LIMIT_LEAST  5  /* a message so short is not ignored because of its length */
#define DENIED_ALL   20 /* so many refused before any data: denied */
#define RETRY_MIN_MS 300000
#define RETRY_MAX_MS 3600000

enum standing { WAITING, ASKED, LIVE, REFUSED };

struct slot {
    enum standing standing;
    int32_t at;    /* its index in `order` */
    int32_t batch; /* number of the message that last requested it; 0 = none */
};

/* A run of `order` that is sent in one message. */
struct group {
    int32_t first, count;
};

struct subscription {
    struct subscription_limits limits;
    const struct source_table *sources;
    struct slot *slots; /* by instrument */
    int32_t *order;     /* all instruments, in the order of sending */
    int32_t count;

    struct group *queue; /* a ring of queue_cap */
    int32_t queue_cap, queue_first, queue_count;

    int limit;        /* instruments per message; reduced if this connection ignores long ones */
    struct group out; /* the batch that waits for its first data; count 0 = none */
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
    struct source_list list = source_table_listed(sources);
    size_t n = (size_t)list.count + 1;
    if (!s)
        return NULL;
    s->limits = *limits;
    s->sources = sources;
    s->count = list.count;
    s->tried = -1;
    s->queue_cap = 2 * (list.count + 1);
    s->slots = calloc((size_t)source_table_size(sources) + 1, sizeof(*s->slots));
    s->order = calloc(n, sizeof(*s->order));
    s->queue = calloc(2 * n, sizeof(*s->queue));
    if (!s->slots || !s->order || !s->queue) {
        subscription_destroy(s);
        return NULL;
    }
    for (int32_t i = 0; i < s->count; i++) {
        s->order[i] = list.item[i];
        s->slots[list.item[i]].at = i;
    }
    return s;
}

void subscription_destroy(struct subscription *s)
{
    if (!s)
        return;
    free(s->slots);
    free(s->order);
    free(s->queue);
    free(s);
}

/* --- the queue -------------------------------------------------------------------------------- */

static void push_back(struct subscription *s, struct group group)
{
    if (group.count && s->queue_count < s->queue_cap)
        s->queue[(s->queue_first + s->queue_count++) % s->queue_cap] = group;
}

static void push_front(struct subscription *s, struct group group)
{
    if (!group.count || s->queue_count == s->queue_cap)
        return;
    s->queue_first = (s->queue_first + s->queue_cap - 1) % s->queue_cap;
    s->queue[s->queue_first] = group;
    s->queue_count++;
}

static struct group pop(struct subscription *s)
{
    struct group group = s->queue[s->queue_first];
    s->queue_first = (s->queue_first + 1) % s->queue_cap;
    s->queue_count--;
    return group;
}

static void swap(struct subscription *s, int32_t a, int32_t b)
{
    int32_t was = s->order[a];
    s->order[a] = s->order[b];
    s->order[b] = was;
    s->slots[s->order[a]].at = a;
    s->slots[s->order[b]].at = b;
}

static void set_waiting(struct subscription *s, struct group group)
{
    for (int32_t i = 0; i < group.count; i++) {
        struct slot *slot = &s->slots[s->order[group.first + i]];
        s->live -= slot->standing == LIVE;
        slot->standing = WAITING;
    }
}

/* --- begin and end ---------------------------------------------------------------------------- */

/* Moves refused ones to the end, outside of every group. */
static int32_t set_refused_apart(struct subscription *s)
{
    int32_t wanted = 0;
    for (int32_t i = 0; i < s->count; i++) {
        if (s->slots[s->order[i]].standing != REFUSED)
            swap(s, wanted++, i);
    }
    return wanted;
}

void subscription_begin(struct subscription *s, int64_t now_ms)
{
    int32_t wanted = set_refused_apart(s);
    s->queue_first = s->queue_count = 0;
    s->out.count = 0;
    s->limit = s->limits.batch;
    s->sent_ms = now_ms - s->limits.rate_limit_ms;
    s->denied = s->trying = false;
    for (int32_t at = 0; at < wanted; at += s->limit) {
        struct group group = {at, wanted - at < s->limit ? wanted - at : s->limit};
        set_waiting(s, group);
        push_back(s, group);
    }
}

void subscription_end(struct subscription *s)
{
    s->queue_first = s->queue_count = 0;
    s->out.count = 0;
    for (int32_t i = 0; i < s->count; i++) {
        struct slot *slot = &s->slots[s->order[i]];
        if (slot->standing != REFUSED)
            slot->standing = WAITING;
    }
    s->live = 0;
}

void subscription_again(struct subscription *s, int32_t instrument)
{
    struct group alone = {s->slots[instrument].at, 1};
    if (s->slots[instrument].standing == REFUSED || s->slots[instrument].standing == WAITING)
        return;
    set_waiting(s, alone);
    push_back(s, alone);
}

void subscription_forgive(struct subscription *s)
{
    for (int32_t i = 0; i < s->count; i++) {
        struct slot *slot = &s->slots[s->order[i]];
        if (slot->standing != REFUSED)
            continue;
        slot->standing = WAITING;
        push_back(s, (struct group){slot->at, 1});
    }
    s->refused = 0;
    s->denied = s->trying = false;
    s->denials = 0;
}

/* --- sending ---------------------------------------------------------------------------------- */

static void push_halves(struct subscription *s, struct group group, bool front)
{
    struct group a = {group.first, group.count / 2};
    struct group b = {group.first + a.count, group.count - a.count};
    set_waiting(s, group);
    if (front) {
        push_front(s, b);
        push_front(s, a);
    } else {
        push_back(s, a);
        push_back(s, b);
    }
}

/* Removes from a queued group the ones that were refused since. */
static struct group without_refused(struct subscription *s, struct group group)
{
    for (int32_t i = 0; i < group.count;) {
        if (s->slots[s->order[group.first + i]].standing == REFUSED)
            swap(s, group.first + i, group.first + --group.count);
        else
            i++;
    }
    return group;
}

/* No data for the batch: its halves go to the end of the queue; a single one is left to polling. */
static void give_up_waiting(struct subscription *s)
{
    struct group out = s->out;
    s->out.count = 0;
    if (out.count < 2)
        return;
    if (out.count > LIMIT_LEAST)
        s->limit = (out.count + 1) / 2;
    push_halves(s, out, false);
}

static struct group take_group(struct subscription *s)
{
    struct group group = pop(s);
    if (group.count > s->limit) {
        push_front(s, (struct group){group.first + s->limit, group.count - s->limit});
        group.count = s->limit;
    }
    return without_refused(s, group);
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
static struct group one_to_try(struct subscription *s)
{
    struct source_list list = source_table_listed(s->sources);
    for (int32_t i = 0; i < s->count; i++) {
        s->turn = (s->turn + 1) % s->count;
        s->tried = list.item[s->turn];
        if (s->slots[s->tried].standing != LIVE)
            return (struct group){s->slots[s->tried].at, 1};
    }
    return (struct group){0, 0};
}

/* The one that was tried delivers data: request all others again, also refused ones. */
static void allow(struct subscription *s)
{
    int32_t live = 0;
    s->denied = s->trying = false;
    s->refused = 0;
    s->queue_first = s->queue_count = 0;
    for (int32_t i = 0; i < s->count; i++) {
        if (s->slots[s->order[i]].standing == LIVE)
            swap(s, live++, i);
    }
    for (int32_t at = live; at < s->count; at += s->limit) {
        struct group group = {at, s->count - at < s->limit ? s->count - at : s->limit};
        set_waiting(s, group);
        push_back(s, group);
    }
}

static struct subscription_next wait_until(int64_t wake_ms)
{
    return (struct subscription_next){.wake_ms = wake_ms};
}

static struct subscription_next send(struct subscription *s, struct group group, int64_t now_ms)
{
    s->out = group;
    s->sent_ms = now_ms;
    s->batches++;
    for (int32_t i = 0; i < group.count; i++) {
        struct slot *slot = &s->slots[s->order[group.first + i]];
        slot->standing = ASKED;
        slot->batch = s->batches;
    }
    return (struct subscription_next){s->order + group.first, group.count, now_ms};
}

static struct subscription_next try_one(struct subscription *s, int64_t now_ms)
{
    if (s->retry_ms == INT64_MAX)
        s->retry_ms = now_ms + retry_wait_ms(s);
    if (now_ms < s->retry_ms)
        return wait_until(s->retry_ms);
    struct group group = one_to_try(s);
    deny(s); /* until it delivers data */
    if (!group.count)
        return wait_until(INT64_MAX);
    s->refused -= s->slots[s->tried].standing == REFUSED;
    s->trying = true;
    return send(s, group, now_ms);
}

struct subscription_next subscription_next(struct subscription *s, int64_t now_ms)
{
    if (s->out.count && now_ms < s->sent_ms + s->limits.quiet_ms)
        return wait_until(s->sent_ms + s->limits.quiet_ms);
    if (s->out.count)
        give_up_waiting(s);
    if (s->denied)
        return try_one(s, now_ms);
    if (s->queue_count == 0)
        return wait_until(INT64_MAX);
    if (now_ms < s->sent_ms + s->limits.rate_limit_ms)
        return wait_until(s->sent_ms + s->limits.rate_limit_ms);
    struct group group = take_group(s);
    return group.count ? send(s, group, now_ms) : wait_until(now_ms);
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
    if ((s->count >= DENIED_LEAST && s->refused * 2 > s->count) ||
        (s->live == 0 && s->refused >= DENIED_ALL))
        deny(s);
}

/* Requests again the rest of a batch that an error has cancelled, without the one it names. */
static void ask_rest_again(struct subscription *s, struct group out, int32_t named)
{
    int32_t last = out.first + out.count - 1;
    swap(s, s->slots[named].at, last);
    out.count--;
    set_waiting(s, out);
    push_front(s, out);
}

static bool inside(const struct subscription *s, struct group group, int32_t instrument)
{
    int32_t at = s->slots[instrument].at;
    return at >= group.first && at < group.first + group.count;
}

struct subscription_error subscription_error(struct subscription *s, int32_t named, bool all)
{
    struct subscription_error error = {.refused = -1};
    struct group out = s->out;
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
