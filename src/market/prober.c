#include "market/prober.h"

#include <stdlib.h>

struct slot {
    bool live;
    int64_t heard_ms, confirmed_ms;
    int64_t changes; /* how active it is */
};

struct prober {
    struct prober_limits limits;
    struct slot *slots;
    int32_t count;
    int64_t heard_ms; /* last data of any instrument */
    int32_t asked;    /* -1 = none */
    int64_t asked_ms;
    int32_t suspect; /* -1 = none */
    int64_t suspect_ms;
};

struct prober *prober_create(const struct prober_limits *limits, int32_t count)
{
    struct prober *p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    p->limits = *limits;
    p->count = count;
    p->asked = p->suspect = -1;
    p->slots = calloc((size_t)count + 1, sizeof(*p->slots));
    if (!p->slots) {
        free(p);
        return NULL;
    }
    return p;
}

void prober_destroy(struct prober *p)
{
    if (!p)
        return;
    free(p->slots);
    free(p);
}

void prober_heard(struct prober *p, int32_t which, bool changed, int64_t now_ms)
{
    struct slot *slot = &p->slots[which];
    slot->live = true;
    slot->heard_ms = p->heard_ms = now_ms;
    slot->changes += changed;
    if (p->suspect == which)
        p->suspect = -1;
}

void prober_lost(struct prober *p, int32_t which)
{
    p->slots[which].live = false;
    if (p->suspect == which)
        p->suspect = -1;
}

/* --- which to poll ---------------------------------------------------------------------------- */

static int64_t known_ms(const struct slot *slot)
{
    return slot->heard_ms > slot->confirmed_ms ? slot->heard_ms : slot->confirmed_ms;
}

static bool silent(const struct prober *p, int64_t now_ms)
{
    return now_ms - p->heard_ms >= p->limits.quiet_ms;
}

static bool may_ask(const struct prober *p, const struct slot *slot, int64_t now_ms)
{
    return slot->live && now_ms - known_ms(slot) >= p->limits.quiet_ms;
}

static int32_t most_active(const struct prober *p, int64_t now_ms)
{
    int32_t best = -1;
    for (int32_t i = 0; i < p->count; i++) {
        const struct slot *slot = &p->slots[i];
        if (slot->changes && may_ask(p, slot, now_ms) &&
            (best < 0 || slot->changes > p->slots[best].changes))
            best = i;
    }
    return best;
}

static int32_t longest_unknown(const struct prober *p, int64_t now_ms)
{
    int32_t best = -1;
    for (int32_t i = 0; i < p->count; i++) {
        if (may_ask(p, &p->slots[i], now_ms) &&
            (best < 0 || known_ms(&p->slots[i]) < known_ms(&p->slots[best])))
            best = i;
    }
    return best;
}

int32_t prober_pick(const struct prober *p, int64_t now_ms)
{
    if (p->asked >= 0)
        return -1;
    if (p->suspect >= 0)
        return now_ms - p->suspect_ms >= p->limits.confirm_ms ? p->suspect : -1;
    int32_t active = silent(p, now_ms) ? most_active(p, now_ms) : -1;
    return active >= 0 ? active : longest_unknown(p, now_ms);
}

int32_t prober_suspect(const struct prober *p)
{
    return p->suspect;
}

void prober_asked(struct prober *p, int32_t which, int64_t now_ms)
{
    p->asked = which;
    p->asked_ms = now_ms;
}

void prober_failed(struct prober *p, int32_t which)
{
    if (p->asked == which)
        p->asked = -1;
}

int64_t prober_known_ms(const struct prober *p, int32_t which)
{
    return known_ms(&p->slots[which]);
}

/* --- answers ---------------------------------------------------------------------------------- */

enum probe_verdict prober_answer(struct prober *p, int32_t which, bool differs, int64_t now_ms)
{
    struct slot *slot = &p->slots[which];
    bool again = p->suspect == which;
    if (p->asked != which)
        return PROBE_NOTHING;
    p->asked = -1; /* also if it is no longer streamed, or no other would ever be polled */
    if (!slot->live || slot->heard_ms >= p->asked_ms)
        return PROBE_NOTHING;
    if (differs && !again) {
        p->suspect = which;
        p->suspect_ms = now_ms;
        return PROBE_DIFFERED;
    }
    if (again)
        p->suspect = -1;
    if (differs)
        return PROBE_DIVERGED;
    slot->confirmed_ms = now_ms;
    return slot->changes && silent(p, now_ms) ? PROBE_VOUCHED : PROBE_AGREED;
}
