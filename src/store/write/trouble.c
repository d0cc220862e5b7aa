#include "store/write/trouble.h"

#include <stdio.h>

#define LOCKED_MIN_MS  20
#define LOCKED_MAX_MS  250
#define LOCKED_TELL_MS 500 /* shorter locks are normal and not reported */
#define FAILING_MIN_MS 250
#define FAILING_MAX_MS 5000

const char *trouble_title(enum trouble_kind kind)
{
    switch (kind) {
    case TROUBLE_NONE:
        break;
    case TROUBLE_LOCKED:
        return "another program holds a write lock on the database: waiting";
    case TROUBLE_WAL_FULL:
        return "the -wal file has reached its limit during a long read: waiting";
    case TROUBLE_FAILING:
        return "the database cannot be written: retrying";
    }
    return "";
}

/* It ends by itself when another program ends its transaction. */
static bool is_wait(enum trouble_kind kind)
{
    return kind == TROUBLE_LOCKED || kind == TROUBLE_WAL_FULL;
}

static void begin(struct trouble *t, enum trouble_kind kind, const char *why, int64_t now_ms)
{
    if (t->kind == TROUBLE_NONE)
        t->since_ms = now_ms;
    t->kind = kind;
    t->told = false;
    t->wait_ms = is_wait(kind) ? LOCKED_MIN_MS : FAILING_MIN_MS;
    snprintf(t->why, sizeof(t->why), "%s", why);
}

static void grow_wait(struct trouble *t)
{
    int64_t max_ms = is_wait(t->kind) ? LOCKED_MAX_MS : FAILING_MAX_MS;
    t->wait_ms = t->wait_ms * 2 < max_ms ? t->wait_ms * 2 : max_ms;
}

bool trouble_note(struct trouble *t, enum trouble_kind kind, const char *why, int64_t now_ms)
{
    /* A lock during a disk failure does not replace the failure. */
    bool worse = t->kind == TROUBLE_NONE || (is_wait(t->kind) && !is_wait(kind));
    if (worse)
        begin(t, kind, why, now_ms);
    else
        grow_wait(t);
    if (t->told || (is_wait(t->kind) && now_ms - t->since_ms < LOCKED_TELL_MS))
        return false;
    t->told = true;
    return true;
}
