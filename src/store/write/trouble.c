#include "store/write/trouble.h"

#include <stdio.h>

#define LOCKED_MIN_MS  20
#define LOCKED_MAX_MS  250
#define LOCKED_TELL_MS 500 /* shorter locks are normal and not reported */
#define FAILING_MIN_MS 250
#define FAILING_MAX_MS 5000

static void begin(struct trouble *t, enum trouble_kind kind, const char *why, int64_t now_ms)
{
    if (t->kind == TROUBLE_NONE)
        t->since_ms = now_ms;
    t->kind = kind;
    t->told = false;
    t->wait_ms = kind == TROUBLE_LOCKED ? LOCKED_MIN_MS : FAILING_MIN_MS;
    snprintf(t->why, sizeof(t->why), "%s", why);
}

static void grow_wait(struct trouble *t)
{
    int64_t max_ms = t->kind == TROUBLE_LOCKED ? LOCKED_MAX_MS : FAILING_MAX_MS;
    t->wait_ms = t->wait_ms * 2 < max_ms ? t->wait_ms * 2 : max_ms;
}

bool trouble_note(struct trouble *t, bool locked, const char *why, int64_t now_ms)
{
    /* A lock during a disk failure does not replace the failure. */
    bool worse = t->kind == TROUBLE_NONE || (t->kind == TROUBLE_LOCKED && !locked);
    if (worse)
        begin(t, locked ? TROUBLE_LOCKED : TROUBLE_FAILING, why, now_ms);
    else
        grow_wait(t);
    if (t->told || (t->kind == TROUBLE_LOCKED && now_ms - t->since_ms < LOCKED_TELL_MS))
        return false;
    t->told = true;
    return true;
}
