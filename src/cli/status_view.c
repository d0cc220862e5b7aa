#include "cli/status_view.h"

#include "base/clock.h"
#include "cli/event_table.h"
#include "cli/status_feed_view.h"
#include "cli/status_values.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TEXT_BYTES 65536
#define NAMES      10 /* of instruments recorded on demand */

/* --- lines ------------------------------------------------------------------------------------ */

static void put_replica(struct buf *out, const struct json *r, int64_t now_ns)
{
    char when[CLOCK_TEXT], age[STATUS_AGE_TEXT];
    status_title(out, "mode");
    if (*status_text(r, "why"))
        buf_printf(out, "replica, NOT READING since %s: %s",
                   status_moment(when, status_text(r, "since"), now_ns), status_text(r, "why"));
    else if (*status_text(r, "server"))
        buf_printf(out, "replica, reads stream %s at %s", status_text(r, "stream"),
                   status_text(r, "server"));
    else
        buf_puts(out, "replica, connecting");
    buf_puts(out, "\n");
    status_title(out, "stream");
    buf_printf(out, "message %.0f", status_count(r, "number"));
    if (*status_text(r, "stored"))
        buf_printf(out, " of %s by recorder %s",
                   status_moment(when, status_text(r, "stored"), now_ns),
                   status_text(r, "recorder"));
    if (status_count(r, "behind") > 0)
        buf_printf(out, "; %.0f messages and %s BEHIND", status_count(r, "behind"),
                   status_age_text(age, status_number(r, "behind_s")));
    else if (!isnan(status_number(r, "behind")))
        buf_puts(out, ", the last one");
    buf_printf(out, "; %.0f read", status_count(r, "read"));
    if (status_count(r, "missing") > 0)
        buf_printf(out, "; %.0f WERE DELETED UNREAD", status_count(r, "missing"));
    if (status_count(r, "unreadable") > 0)
        buf_printf(out, "; %.0f unreadable", status_count(r, "unreadable"));
    buf_puts(out, "\n");
}

static void put_head(struct buf *out, const struct json *s, int64_t now_ns)
{
    char age[STATUS_AGE_TEXT], since[CLOCK_TEXT];
    status_title(out, "service");
    buf_printf(out, "cinta %s, process %.0f, up %s\n", status_text(s, "version"),
               status_count(s, "pid"), status_age_text(age, status_number(s, "uptime_s")));
    if (json_get(s, "replica")) {
        put_replica(out, json_get(s, "replica"), now_ns);
        return;
    }
    status_title(out, "broker");
    buf_printf(out, "%s\n", status_text(s, "broker"));
    status_title(out, "mode");
    buf_printf(out, "%s", status_text(s, "mode"));
    if (*status_text(s, "mode_since"))
        buf_printf(out, " since %s (%s): %s",
                   status_moment(since, status_text(s, "mode_since"), now_ns),
                   status_age_text(age, status_number(s, "mode_for_s")), status_text(s, "why"));
    buf_puts(out, "\n");
}

static void put_room(struct buf *out, const struct json *store)
{
    char grows[STATUS_AGE_TEXT], room[STATUS_AGE_TEXT], day[CLOCK_TEXT];
    double per_day = status_number(store, "growth_bytes_per_day");
    const char *full = status_text(store, "disk_full");
    status_title(out, "");
    if (isnan(per_day))
        buf_puts(out, "growth unknown so far");
    else
        buf_printf(out, "%s %s a day", per_day < 0 ? "shrinks" : "grows",
                   status_size_text(grows, fabs(per_day)));
    buf_printf(out, "; disk: %s free",
               status_size_text(room, status_number(store, "disk_free_bytes")));
    if (*full)
        buf_printf(out, ", full on %s at this rate", status_day(day, full));
    buf_puts(out, "\n");
}

static void put_store(struct buf *out, const struct json *s)
{
    char size[STATUS_AGE_TEXT], wal[STATUS_AGE_TEXT];
    const struct json *store = json_get(s, "store");
    status_title(out, "database");
    buf_printf(out, "%s, %s and %s of WAL\n", status_text(store, "path"),
               status_size_text(size, status_number(store, "bytes")),
               status_size_text(wal, status_number(store, "wal_bytes")));
    put_room(out, store);
    status_title(out, "");
    buf_printf(out, "%.0f changes in %.0f commits; %.0f waiting, %.0f dropped%s\n",
               status_count(store, "snapshots"), status_count(store, "commits"),
               status_count(store, "queue"), status_count(store, "dropped"),
               status_flag(store, "failing") ? "; WRITING FAILS" : "");
}

static void put_tape(struct buf *out, const struct json *s)
{
    const struct json *tape = json_get(s, "tape");
    double lists = status_count(tape, "lists"), waiting = status_count(tape, "waiting");
    if (lists + waiting < 1)
        return;
    status_title(out, "trades");
    buf_printf(out, "%.0f added from %.0f lists of the broker", status_count(tape, "added"), lists);
    if (waiting > 0)
        buf_printf(out, "; %.0f lists waiting", waiting);
    buf_puts(out, "\n");
}

static void put_export(struct buf *out, const struct json *s)
{
    char when[CLOCK_TEXT];
    const struct json *export = json_get(s, "export");
    const char *next = status_text(export, "next");
    if (!*next)
        return;
    status_title(out, "export");
    if (status_flag(export, "running"))
        buf_puts(out, "running");
    else
        buf_printf(out, "next %s", status_future(when, next));
    if (status_count(export, "failures") > 0)
        buf_printf(out, "; FAILED %.0f times, will be retried", status_count(export, "failures"));
    buf_puts(out, "\n");
}

static void put_alerts(struct buf *out, const struct json *s)
{
    const struct json *alerts = json_get(s, "alerts");
    if (!status_flag(alerts, "wanted"))
        return;
    status_title(out, "alerts");
    buf_printf(out, "%.0f sent", status_count(alerts, "sent"));
    if (status_count(alerts, "failures") > 0)
        buf_printf(out, "; THE LAST %.0f RUNS OF THE PROGRAM FAILED",
                   status_count(alerts, "failures"));
    buf_puts(out, "\n");
}

static void put_lease(struct buf *out, const struct json *s, int64_t now_ns)
{
    char when[CLOCK_TEXT];
    const struct json *lease = json_get(s, "lease");
    if (!lease)
        return;
    status_title(out, "lease");
    buf_printf(
        out, "%s: %s since %s, term %.0f", status_text(lease, "name"), status_text(lease, "state"),
        status_moment(when, status_text(lease, "since"), now_ns), status_count(lease, "term"));
    if (json_string(json_get(lease, "host")))
        buf_printf(out, "; %s has it", status_text(lease, "host"));
    if (json_string(json_get(lease, "why")))
        buf_printf(out, "; NOT REACHED: %s", status_text(lease, "why"));
    if (status_count(lease, "withheld") > 0)
        buf_printf(out, "; %.0f changes recorded without it and not published",
                   status_count(lease, "withheld"));
    buf_puts(out, "\n");
}

static void put_sink(struct buf *out, const struct json *s, int64_t now_ns)
{
    char when[CLOCK_TEXT];
    const struct json *sink = json_get(s, "sink");
    if (!sink)
        return;
    status_title(out, "NATS");
    if (json_string(json_get(sink, "why")))
        buf_printf(out, "NOT PUBLISHING since %s: %s",
                   status_moment(when, status_text(sink, "since"), now_ns),
                   status_text(sink, "why"));
    else if (json_string(json_get(sink, "server")))
        buf_printf(out, "stream %s at %s", status_text(sink, "stream"),
                   status_text(sink, "server"));
    else
        buf_puts(out, "connecting");
    if (status_count(sink, "behind") > 0)
        buf_printf(out, "; %.0f changes wait", status_count(sink, "behind"));
    buf_printf(out, "; %.0f messages published", status_count(sink, "published"));
    if (status_count(sink, "lost") > 0)
        buf_printf(out, "; %.0f CHANGES WERE DELETED UNPUBLISHED", status_count(sink, "lost"));
    buf_puts(out, "\n");
    if (json_string(json_get(sink, "differs"))) {
        status_title(out, "");
        buf_printf(out, "the stream differs from section sink: %s\n", status_text(sink, "differs"));
    }
}

static void put_api(struct buf *out, const struct json *s)
{
    const struct json *api = json_get(s, "api");
    if (!api)
        return;
    status_title(out, "local API");
    buf_printf(out, "%s: %.0f connections, %.0f of them WebSockets with %.0f products; ",
               status_text(s, "local_api"), status_count(api, "connections"),
               status_count(api, "websockets"), status_count(api, "products"));
    buf_printf(out, "%.0f requests and %.0f frames so far\n", status_count(api, "requests"),
               status_count(api, "frames"));
}

static void put_demand(struct buf *out, const struct json *s)
{
    const struct json *demand = json_get(s, "on_demand");
    const char *before = ": ";
    if (status_count(demand, "allowed") + status_count(demand, "recorded") +
            status_count(demand, "waiting") <=
        0)
        return;
    status_title(out, "on demand");
    buf_printf(out, "%.0f of %.0f instruments", status_count(demand, "recorded"),
               status_count(demand, "allowed"));
    int names = 0;
    for (const struct json *name = json_first(json_get(demand, "symbols")); name && names < NAMES;
         name = json_next(name), names++, before = ", ")
        buf_printf(out, "%s%s", before, json_string(name) ? json_string(name) : "");
    buf_puts(out, status_count(demand, "recorded") > names ? ", ..." : "");
    if (status_count(demand, "waiting") > 0)
        buf_printf(out, "; %.0f wait for the broker's answer", status_count(demand, "waiting"));
    buf_printf(out, "; refused so far: %.0f unknown, %.0f too many\n",
               status_count(demand, "refused_unknown"), status_count(demand, "refused_full"));
}

/* During a stall the loop receives nothing, answers nothing and assigns no time stamps. */
static void put_loop(struct buf *out, const struct json *s, int64_t now_ns)
{
    char when[CLOCK_TEXT];
    const struct json *loop = json_get(s, "loop");
    if (isnan(status_number(loop, "longest_stall_s")))
        return;
    status_title(out, "loop");
    buf_printf(out, "longest stall %.0f ms (at %s); %.0f ms in the last 5 minutes\n",
               1000 * status_number(loop, "longest_stall_s"),
               status_moment(when, status_text(loop, "longest_stall"), now_ns),
               1000 * status_number(loop, "recent_stall_s"));
}

static void put_events(struct buf *out, const struct json *s, size_t width, int64_t now_ns)
{
    struct event_table table;
    const struct json *events = json_get(s, "events");
    event_table_init(&table, now_ns);
    for (const struct json *e = json_first(events); e; e = json_next(e)) {
        int64_t ts = 0;
        clock_parse_text(status_text(e, "time"), &ts);
        event_table_add(&table, ts, status_text(e, "kind"), status_text(e, "symbol"),
                        status_text(e, "detail"));
    }
    if (json_first(events))
        buf_puts(out, "\n");
    event_table_print(&table, width, out);
    event_table_finish(&table);
}

/* Each line has its title in the first column; a long value continues below, in the second. */
static void put_wrapped(struct buf *out, const char *lines, size_t width)
{
    char line[2048];
    while (*lines) {
        size_t bytes = strcspn(lines, "\n");
        snprintf(line, sizeof(line), "%.*s", (int)bytes, lines);
        size_t head = strlen(line) > STATUS_TITLE_WIDTH ? STATUS_TITLE_WIDTH + 1 : strlen(line);
        buf_append(out, line, head);
        table_wrap(out, line + head, width, STATUS_TITLE_WIDTH + 1, "\n");
        buf_puts(out, "\n");
        lines += bytes + (lines[bytes] == '\n');
    }
}

void status_view_print(struct buf *out, const struct json *status, size_t width, int64_t now_ns)
{
    struct buf lines;
    buf_init(&lines, TEXT_BYTES);
    put_head(&lines, status, now_ns);
    status_feed_view(&lines, status, now_ns);
    put_store(&lines, status);
    put_tape(&lines, status);
    put_export(&lines, status);
    put_alerts(&lines, status);
    put_lease(&lines, status, now_ns);
    put_sink(&lines, status, now_ns);
    put_api(&lines, status);
    put_demand(&lines, status);
    put_loop(&lines, status, now_ns);
    put_wrapped(out, buf_text(&lines), width);
    put_events(out, status, width, now_ns);
    buf_finish(&lines);
}
