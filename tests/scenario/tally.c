#include "tally.h"

#include "virtual_time.h"

#include <string.h>

#define RECENT 1024

static const char *const names[TALLY_KINDS] = {
    [TALLY_REQUESTS] = "requests",
    [TALLY_LISTS] = "lists",
    [TALLY_DETAILS] = "details",
    [TALLY_SINGLE_DETAILS] = "single-details",
    [TALLY_SEGMENTS] = "segments",
    [TALLY_PART_LISTS] = "part-lists",
    [TALLY_LOGIN_TRIES] = "login-tries",
    [TALLY_LOGINS] = "logins",
    [TALLY_TERMINAL_LOGINS] = "terminal-logins",
    [TALLY_CONNECTIONS] = "connections",
    [TALLY_SUBSCRIPTIONS] = "subscriptions",
    [TALLY_PAUSES] = "pauses",
    [TALLY_EXPORTS] = "exports",
    [TALLY_ALERTS] = "alerts",
    [TALLY_ROWS] = "rows",
};

static int64_t total[TALLY_KINDS], marked[TALLY_KINDS];
static int64_t recent_ms[RECENT]; /* when the last requests were sent; a ring */
static int64_t sent, oldest;      /* numbers of requests: all, and those over a second ago */
static int64_t rate;

static void measure_rate(void)
{
    recent_ms[sent++ % RECENT] = time_ms();
    while (recent_ms[oldest % RECENT] <= time_ms() - 1000 || sent - oldest > RECENT)
        oldest++;
    if (sent - oldest > rate)
        rate = sent - oldest;
}

void tally_add(enum tally what)
{
    total[what]++;
    if (what == TALLY_REQUESTS || what == TALLY_LISTS || what == TALLY_DETAILS ||
        what == TALLY_SINGLE_DETAILS || what == TALLY_LOGIN_TRIES)
        measure_rate();
}

void tally_mark(void)
{
    memcpy(marked, total, sizeof(marked));
    rate = 0;
}

int64_t tally_count(enum tally what, bool in_all)
{
    return in_all ? total[what] : total[what] - marked[what];
}

int64_t tally_rate(void)
{
    return rate;
}

const char *tally_name(enum tally what)
{
    return names[what];
}

bool tally_find(const char *name, enum tally *out)
{
    for (int i = 0; i < TALLY_KINDS; i++) {
        if (strcmp(name, names[i]) == 0) {
            *out = (enum tally)i;
            return true;
        }
    }
    return false;
}
