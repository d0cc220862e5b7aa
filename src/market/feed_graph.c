#include "market/feed_graph.h"

#include "market/feed_state.h"

#include <stddef.h>

#define BEGAN_MS 5400000 /* of the mode; nothing before it counts at NOW_MS */
#define NOW_MS   6000000

static const char *event_name(enum feed_event_kind kind)
{
    switch (kind) {
    case FEED_EV_TICK:
        return "time";
    case FEED_EV_TOKEN:
        return "token";
    case FEED_EV_NO_TOKEN:
        return "no token";
    case FEED_EV_OPENED:
        return "opened";
    case FEED_EV_DATUM:
        return "data";
    case FEED_EV_CHANGE:
        return "change";
    case FEED_EV_CLOSED:
        return "closed";
    case FEED_EV_REFUSED:
        return "refused";
    case FEED_EV_PAGE:
        return "page";
    case FEED_EV_LOGIN_PAGE:
        return "login page";
    case FEED_EV_AGREED:
        return "probe agrees";
    case FEED_EV_DIVERGED:
        return "probes diverge";
    case FEED_EV_DENIED:
        return "denied";
    case FEED_EV_UNWANTED:
        return "not needed";
    }
    return "?";
}

static void put_acts(struct buf *out, unsigned act)
{
    static const char *const names[] = {
        "connect",  "disconnect",  "subscribe again", "subscribe one again",
        "poll all", "renew token", "replace"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (act >> i & 1)
            buf_printf(out, "\\n%s", names[i]);
    }
}

/* A condition within a mode that has an edge of its own in the graph. */
struct scene {
    const char *when;
    int64_t quiet_ms;
    int repairs;
    bool old; /* the connection is to be replaced */
};

static void put_edge(struct buf *out, enum feed_mode mode, enum feed_event_kind kind,
                     const struct scene *scene)
{
    const struct feed_limits limits = {
        .enabled = kind != FEED_EV_UNWANTED, .stale_ms = 90000, .replace_ms = 1200000};
    const int64_t now_ms = NOW_MS;
    struct feed_state f = feed_state_init(BEGAN_MS, 1);
    f.mode = mode;
    f.has_token = mode != FEED_NO_TOKEN;
    f.session = SESSION_OPEN;
    f.active = true;
    f.since_ms = f.opened_ms = f.heard_ms = now_ms - scene->quiet_ms;
    f.retry_ms = kind == FEED_EV_TICK ? now_ms : INT64_MAX;
    f.renewed_ms = now_ms - 1;
    f.repairs = scene->repairs;
    f.repaired_ms = now_ms - 1;
    f.replace_ms = scene->old && kind == FEED_EV_TICK ? now_ms : INT64_MAX;
    f.replacing = scene->old && kind == FEED_EV_TOKEN;
    struct feed_step s =
        feed_step(f, (struct feed_event){.kind = kind, .session = SESSION_OPEN}, now_ms, &limits);
    if (s.next.mode == mode && !s.act)
        return;
    buf_printf(out, "    \"%s\" -> \"%s\" [label=\"%s%s", feed_mode_name(mode),
               feed_mode_name(s.next.mode), event_name(kind), scene->when);
    put_acts(out, s.act);
    buf_puts(out, "\"];\n");
}

void feed_graph(struct buf *out)
{
    static const struct scene fresh = {"", 0, 0, false}, quiet = {"", 100000, 0, false},
                              troubled = {", again", 100000, 1, false},
                              old = {", old connection", 0, 0, true};
    buf_puts(out, "digraph feed {\n    rankdir=LR;\n    node [shape=box, style=rounded];\n");
    for (int m = 0; m < FEED_MODES; m++) {
        for (int e = 0; e < FEED_EVENTS; e++) {
            enum feed_mode mode = (enum feed_mode)m;
            enum feed_event_kind kind = (enum feed_event_kind)e;
            put_edge(out, mode, kind, kind == FEED_EV_TICK ? &quiet : &fresh);
            if (mode == FEED_STREAMING && (kind == FEED_EV_TICK || kind == FEED_EV_DIVERGED))
                put_edge(out, mode, kind, &troubled);
            if (mode == FEED_STREAMING && (kind == FEED_EV_TICK || kind == FEED_EV_TOKEN))
                put_edge(out, mode, kind, &old);
        }
    }
    buf_puts(out, "}\n");
}
