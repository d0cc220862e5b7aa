#include "journal.h"

#include "place.h"
#include "virtual_time.h"

#include <stdlib.h>
#include <string.h>

#define SHOWN 30

struct entry {
    int64_t at_ms;
    enum event_kind kind;
    char text[400]; /* "SYMBOL: detail" */
};

static struct entry *entries; /* kept until the process ends */
static size_t count, cap;
static size_t next, marked; /* the first one not expected yet; the first one after the mark */
static int64_t marked_ms;
static bool allowed[EVENT_KINDS] = {
    [EVENT_STARTED] = true,          [EVENT_STOPPED] = true,          [EVENT_SESSION_OPEN] = true,
    [EVENT_SESSION_CLOSED] = true,   [EVENT_HOLIDAYS_UNKNOWN] = true, [EVENT_SESSION_WAKING] = true,
    [EVENT_SESSION_PRE_OPEN] = true, [EVENT_SESSION_CLOSING] = true,
};

void journal_add(enum event_kind kind, const char *symbol, const char *detail)
{
    if (count == cap) {
        cap = cap ? 2 * cap : 256;
        entries = realloc(entries, cap * sizeof(*entries));
    }
    struct entry *e = &entries[count++];
    e->at_ms = time_ms();
    e->kind = kind;
    snprintf(e->text, sizeof(e->text), "%s%s%.300s", symbol ? symbol : "", symbol ? ": " : "",
             detail);
}

static void show(FILE *out, const struct entry *e)
{
    fprintf(out, "  %10.3f s  %-16s %s\n", (double)(e->at_ms - marked_ms) / 1000,
            event_kind_name(e->kind), e->text);
}

void journal_show(FILE *out)
{
    if (count)
        fprintf(out, "the last events, in seconds since the last mark:\n");
    for (size_t i = count > SHOWN ? count - SHOWN : 0; i < count; i++)
        show(out, &entries[i]);
}

/* --- expectations ----------------------------------------------------------------------------- */

void journal_allow(enum event_kind kind)
{
    allowed[kind] = true;
}

static void refuse(const struct entry *e, const char *when)
{
    place_fail("unexpected event %s: %s: %s", when, event_kind_name(e->kind), e->text);
}

void journal_expect(enum event_kind kind, const char *text, int64_t from_ms, int64_t to_ms)
{
    const struct entry *e = NULL;
    for (; next < count; next++) {
        e = &entries[next];
        if (e->kind == kind && (!text || strstr(e->text, text)))
            break;
        if (!allowed[e->kind])
            refuse(e, "before the one that is expected");
    }
    if (next == count)
        place_fail("no event %s%s%s", event_kind_name(kind), text ? ": " : "", text ? text : "");
    next++;
    int64_t at_ms = e->at_ms - marked_ms;
    if (at_ms < from_ms || at_ms > to_ms)
        place_fail("%s was reported %.3f s after the mark", event_kind_name(kind),
                   (double)at_ms / 1000);
}

void journal_expect_no_more(void)
{
    for (; next < count; next++) {
        if (!allowed[entries[next].kind])
            refuse(&entries[next], "that the script does not mention");
    }
}

int64_t journal_count(enum event_kind kind, bool in_all)
{
    int64_t times = 0;
    for (size_t i = in_all ? 0 : marked; i < count; i++)
        times += entries[i].kind == kind;
    return times;
}

const char *journal_last(enum event_kind kind)
{
    for (size_t i = count; i-- > 0;) {
        if (entries[i].kind == kind)
            return entries[i].text;
    }
    return "";
}

void journal_mark(void)
{
    marked = count;
    marked_ms = time_ms();
}

bool journal_find_kind(const char *name, enum event_kind *out)
{
    for (int i = 0; i < EVENT_KINDS; i++) {
        if (strcmp(name, event_kind_name((enum event_kind)i)) == 0) {
            *out = (enum event_kind)i;
            return true;
        }
    }
    return false;
}
