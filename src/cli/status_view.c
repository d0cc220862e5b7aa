#include "cli/status_view.h"

#include "base/clock.h"
#include "cli/event_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TITLE_WIDTH 10
#define AHEAD_S     5 /* a time stamp up to this far ahead of our clock is normal */
#define TEXT_BYTES  65536
#define NAMES       10 /* of instruments recorded on demand */

/* --- values ----------------------------------------------------------------------------------- */

static double number(const struct json *object, const char *key)
{
    double value = NAN;
    json_number(json_get(object, key), &value);
    return value;
}

/* For counts: 0 when the key is absent. */
static double count(const struct json *object, const char *key)
{
    double value = number(object, key);
    return isnan(value) ? 0 : value;
}

static const char *text(const struct json *object, const char *key)
{
    const char *value = json_string(json_get(object, key));
    return value ? value : "";
}

static bool flag(const struct json *object, const char *key)
{
    return json_is_true(json_get(object, key));
}

char *status_age_text(char *out, double seconds)
{
    double minutes = floor(seconds / 60), hours = floor(minutes / 60), days = floor(hours / 24);
    if (isnan(seconds))
        snprintf(out, STATUS_AGE_TEXT, "never");
    else if (seconds < 60)
        snprintf(out, STATUS_AGE_TEXT, "%.1f s", seconds < 0 ? 0 : seconds);
    else if (minutes < 60)
        snprintf(out, STATUS_AGE_TEXT, "%.0f min %.0f s", minutes, floor(fmod(seconds, 60)));
    else if (hours < 24)
        snprintf(out, STATUS_AGE_TEXT, "%.0f h %.0f min", hours, fmod(minutes, 60));
    else
        snprintf(out, STATUS_AGE_TEXT, "%.0f d %.0f h", days, fmod(hours, 24));
    return out;
}

char *status_size_text(char *out, double bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    int unit = 0;
    while (bytes >= 1000 && unit < 4) {
        bytes /= 1000;
        unit++;
    }
    snprintf(out, STATUS_AGE_TEXT, unit ? "%.1f %s" : "%.0f %s", isnan(bytes) ? 0 : bytes,
             units[unit]);
    return out;
}

/* "3.2 s ago", "never". */
static const char *ago(char out[STATUS_AGE_TEXT], const struct json *object, const char *key)
{
    double seconds = number(object, key);
    char age[STATUS_AGE_TEXT];
    snprintf(out, STATUS_AGE_TEXT, "%.20s%s", status_age_text(age, seconds),
             isnan(seconds) ? "" : " ago");
    return out;
}

/* An ISO 8601 time as "16:10:52 ART", with the date when it is not today; "-" when there is none.
 */
static const char *moment(char out[CLOCK_TEXT], const char *iso, int64_t now_ns)
{
    int64_t ns;
    if (!clock_parse_text(iso, &ns))
        return "-";
    strcat(art_short_text(out, ns, now_ns), " ART");
    return out;
}

/* A future time, with its date: "Fri 2026-11-27 17:05 ART". */
static const char *future_moment(char out[CLOCK_TEXT], const char *iso)
{
    int64_t ns;
    char time[CLOCK_TEXT];
    if (!clock_parse_text(iso, &ns))
        return "-";
    snprintf(out, CLOCK_TEXT, "%s %.16s ART", clock_weekday(art_day(ns)), art_text(time, ns));
    return out;
}

/* Only the date in Argentina. */
static const char *moment_day(char out[CLOCK_TEXT], const char *iso)
{
    int64_t ns;
    return clock_parse_text(iso, &ns) ? clock_day_text(out, art_day(ns)) : "-";
}

static void title(struct buf *out, const char *name)
{
    buf_printf(out, "%-*s ", TITLE_WIDTH, name);
}

/* --- lines ------------------------------------------------------------------------------------ */

static void put_replica(struct buf *out, const struct json *r, int64_t now_ns)
{
    char when[CLOCK_TEXT], age[STATUS_AGE_TEXT];
    title(out, "mode");
    if (*text(r, "why"))
        buf_printf(out, "replica, NOT READING since %s: %s", moment(when, text(r, "since"), now_ns),
                   text(r, "why"));
    else if (*text(r, "server"))
        buf_printf(out, "replica, reads stream %s at %s", text(r, "stream"), text(r, "server"));
    else
        buf_puts(out, "replica, connecting");
    buf_puts(out, "\n");
    title(out, "stream");
    buf_printf(out, "message %.0f", count(r, "number"));
    if (*text(r, "stored"))
        buf_printf(out, " of %s by recorder %s", moment(when, text(r, "stored"), now_ns),
                   text(r, "recorder"));
    if (count(r, "behind") > 0)
        buf_printf(out, "; %.0f messages and %s BEHIND", count(r, "behind"),
                   status_age_text(age, number(r, "behind_s")));
    else if (!isnan(number(r, "behind")))
        buf_puts(out, ", the last one");
    buf_printf(out, "; %.0f read", count(r, "read"));
    if (count(r, "missing") > 0)
        buf_printf(out, "; %.0f WERE DELETED UNREAD", count(r, "missing"));
    if (count(r, "unreadable") > 0)
        buf_printf(out, "; %.0f unreadable", count(r, "unreadable"));
    buf_puts(out, "\n");
}

static void put_head(struct buf *out, const struct json *s, int64_t now_ns)
{
    char age[STATUS_AGE_TEXT], since[CLOCK_TEXT];
    title(out, "service");
    buf_printf(out, "cinta %s, process %.0f, up %s\n", text(s, "version"), count(s, "pid"),
               status_age_text(age, number(s, "uptime_s")));
    if (json_get(s, "replica")) {
        put_replica(out, json_get(s, "replica"), now_ns);
        return;
    }
    title(out, "broker");
    buf_printf(out, "%s\n", text(s, "broker"));
    title(out, "mode");
    buf_printf(out, "%s", text(s, "mode"));
    if (*text(s, "mode_since"))
        buf_printf(out, " since %s (%s): %s", moment(since, text(s, "mode_since"), now_ns),
                   status_age_text(age, number(s, "mode_for_s")), text(s, "why"));
    buf_puts(out, "\n");
}

/* "closed until Mon 10:00 ART" */
static void put_phase(struct buf *out, const struct json *of)
{
    char when[CLOCK_TEXT];
    const char *changes = text(of, "changes"), *phase = text(of, "phase");
    if (strcmp(phase, "pre_open") == 0)
        phase = "pre-open";
    else if (strcmp(phase, "closing_auction") == 0)
        phase = "closing auction";
    else if (!*phase) /* of an older service */
        phase = flag(of, "open") ? "open" : "closed";
    buf_puts(out, phase);
    if (*changes)
        buf_printf(out, " until %s", future_moment(when, changes));
    buf_puts(out, "\n");
}

/* If there are other calendars than the general one: each that some instruments have. */
static void put_segments(struct buf *out, const struct json *segments)
{
    const struct json *first = json_first(segments);
    for (const struct json *segment = first; segment; segment = json_next(segment)) {
        const char *name = text(segment, "segment");
        if (!json_next(first) || count(segment, "instruments") < 1)
            continue;
        title(out, "");
        buf_printf(out, "%s (%.0f instruments): ", *name ? name : "other segments",
                   count(segment, "instruments"));
        put_phase(out, segment);
    }
}

static void put_session(struct buf *out, const struct json *s)
{
    char age[STATUS_AGE_TEXT];
    const struct json *session = json_get(s, "session"), *token = json_get(s, "token");
    if (json_get(s, "replica"))
        return;
    if (session) { /* without a feed it is not known */
        title(out, "session");
        put_phase(out, session);
        put_segments(out, json_get(session, "segments"));
    }
    title(out, "token");
    buf_printf(out, "%s", text(token, "state"));
    double token_s = number(token, "age_s");
    if (token_s < -AHEAD_S)
        buf_printf(out, ", obtained %s ahead of this machine's clock: the clock was set back",
                   status_age_text(age, -token_s));
    else if (!isnan(token_s))
        buf_printf(out, ", %s old", status_age_text(age, token_s));
    buf_puts(out, "\n");
}

static void put_stream_now(struct buf *out, const struct json *st)
{
    char age[STATUS_AGE_TEXT], pong[STATUS_AGE_TEXT];
    double asked = count(st, "asked") + count(st, "waiting");
    buf_printf(out, "%.0f instruments live", count(st, "live"));
    if (asked > 0)
        buf_printf(out, ", %.0f pending", asked);
    if (count(st, "refused") > 0)
        buf_printf(out, ", %.0f refused", count(st, "refused"));
    buf_printf(out, "; %.1f messages/s, last message %s; last pong %s", count(st, "messages_per_s"),
               ago(age, st, "last_datum_age_s"), ago(pong, st, "last_pong_age_s"));
    if (!isnan(number(st, "round_trip_s")))
        buf_printf(out, " in %.0f ms", 1000 * number(st, "round_trip_s"));
    if (!isnan(number(st, "clock_ahead_s")))
        buf_printf(out, "; clock offset to the broker %+.0f ms",
                   1000 * number(st, "clock_ahead_s"));
    if (flag(st, "denied"))
        buf_puts(out, "; NO PERMISSION for market data");
    buf_puts(out, "\n");
}

/* Which of several streams is in use, and what the others do. */
static void put_dialects(struct buf *out, const struct json *st)
{
    const struct json *each = json_first(json_get(st, "dialects"));
    const char *used = text(st, "dialect");
    if (!json_next(each))
        return;
    title(out, "");
    buf_printf(out, "%s is in use: %s", used, text(st, "dialect_why"));
    for (; each; each = json_next(each)) {
        if (strcmp(text(each, "name"), used) != 0)
            buf_printf(out, "; %s: %s", text(each, "name"),
                       *text(each, "why") ? text(each, "why") : "not needed so far");
    }
    buf_puts(out, "\n");
}

static void put_stream(struct buf *out, const struct json *s)
{
    char age[STATUS_AGE_TEXT];
    const struct json *st = json_get(s, "stream");
    if (!st)
        return;
    title(out, "stream");
    if (!flag(st, "enabled")) {
        buf_puts(out, "disabled by the configuration\n");
        return;
    }
    if (flag(st, "connected"))
        put_stream_now(out, st);
    else if (isnan(number(st, "next_try_in_s")))
        buf_puts(out, "not connected\n");
    else
        buf_printf(out, "not connected; next try in %s\n",
                   status_age_text(age, number(st, "next_try_in_s")));
    put_dialects(out, st);
    title(out, "");
    buf_printf(out,
               "%.0f messages, %.0f changes, %.0f outdated, %.0f malformed; %.0f connections, "
               "%.0f losses\n",
               count(st, "messages"), count(st, "changes"), count(st, "outdated"),
               count(st, "malformed"), count(st, "connections"), count(st, "losses"));
}

/* A Retry-After may last for minutes: without this line the quotes age for no visible reason. */
static void put_hold(struct buf *out, const struct json *p)
{
    char wait[STATUS_AGE_TEXT];
    if (count(p, "hold_s") < 1)
        return;
    title(out, "");
    buf_printf(out,
               "NO REQUESTS for another %s: the broker asked for fewer (feed_log: rate_limited); "
               "a reload ends the wait\n",
               status_age_text(wait, count(p, "hold_s")));
}

/* During an outage polling sends one request at a time. */
static void put_outage(struct buf *out, const struct json *p)
{
    char age[STATUS_AGE_TEXT];
    const char *outage = text(p, "outage"), *head = "BROKER DOWN";
    if (!*outage) {
        put_hold(out, p);
        return;
    }
    if (strcmp(outage, "pages") == 0)
        head = "PAGES INSTEAD OF ANSWERS";
    else if (strcmp(outage, "refusals") == 0)
        head = "MOST INSTRUMENTS REFUSED";
    title(out, "");
    buf_printf(out, "%s for %s: %s; next try in %.0f s\n", head,
               status_age_text(age, number(p, "broker_down_for_s")), text(p, "outage_why"),
               ceil(count(p, "hold_s")));
}

static void put_polling(struct buf *out, const struct json *s)
{
    char age[STATUS_AGE_TEXT];
    const struct json *p = json_get(s, "polling"), *unobserved = json_get(s, "unobserved");
    const struct json *probes = json_get(s, "probes");
    if (!p)
        return;
    title(out, "polling");
    buf_printf(out, "%.0f of %.0f instruments", count(p, "polled"), count(p, "instruments"));
    if (count(p, "failing") > 0)
        buf_printf(out, ", %.0f failing", count(p, "failing"));
    if (count(p, "dropped") > 0)
        buf_printf(out, ", %.0f dropped for today", count(p, "dropped"));
    buf_printf(out, "; %.1f requests/s of %g; last answer %s", count(p, "requests_per_s"),
               count(p, "rate"), ago(age, p, "last_answer_age_s"));
    buf_puts(out, "\n");
    put_outage(out, p);
    if (count(s, "unreadable") > 0) {
        title(out, "unreadable");
        buf_printf(out, "%.0f entries recorded as empty (feed_log: unreadable)\n",
                   count(s, "unreadable"));
    }
    title(out, "probes");
    buf_printf(out, "%.0f agreed with the stream, %.0f differed, %.0f found it out of date\n",
               count(probes, "agreed"), count(probes, "differed"), count(probes, "divergences"));
    title(out, "unobserved");
    buf_printf(out, "%.0f instruments now; longest time %s\n", count(unobserved, "instruments"),
               status_age_text(age, number(unobserved, "longest_s")));
}

static void put_room(struct buf *out, const struct json *store)
{
    char grows[STATUS_AGE_TEXT], room[STATUS_AGE_TEXT], day[CLOCK_TEXT];
    double per_day = number(store, "growth_bytes_per_day");
    const char *full = text(store, "disk_full");
    title(out, "");
    if (isnan(per_day))
        buf_puts(out, "growth unknown so far");
    else
        buf_printf(out, "%s %s a day", per_day < 0 ? "shrinks" : "grows",
                   status_size_text(grows, fabs(per_day)));
    buf_printf(out, "; disk: %s free", status_size_text(room, number(store, "disk_free_bytes")));
    if (*full)
        buf_printf(out, ", full on %s at this rate", moment_day(day, full));
    buf_puts(out, "\n");
}

static void put_store(struct buf *out, const struct json *s)
{
    char size[STATUS_AGE_TEXT], wal[STATUS_AGE_TEXT];
    const struct json *store = json_get(s, "store");
    title(out, "database");
    buf_printf(out, "%s, %s and %s of WAL\n", text(store, "path"),
               status_size_text(size, number(store, "bytes")),
               status_size_text(wal, number(store, "wal_bytes")));
    put_room(out, store);
    title(out, "");
    buf_printf(out, "%.0f changes in %.0f commits; %.0f waiting, %.0f dropped%s\n",
               count(store, "snapshots"), count(store, "commits"), count(store, "queue"),
               count(store, "dropped"), flag(store, "failing") ? "; WRITING FAILS" : "");
}

static void put_tape(struct buf *out, const struct json *s)
{
    const struct json *tape = json_get(s, "tape");
    double lists = count(tape, "lists"), waiting = count(tape, "waiting");
    if (lists + waiting < 1)
        return;
    title(out, "trades");
    buf_printf(out, "%.0f added from %.0f lists of the broker", count(tape, "added"), lists);
    if (waiting > 0)
        buf_printf(out, "; %.0f lists waiting", waiting);
    buf_puts(out, "\n");
}

static void put_export(struct buf *out, const struct json *s)
{
    char when[CLOCK_TEXT];
    const struct json *export = json_get(s, "export");
    const char *next = text(export, "next");
    if (!*next)
        return;
    title(out, "export");
    if (flag(export, "running"))
        buf_puts(out, "running");
    else
        buf_printf(out, "next %s", future_moment(when, next));
    if (count(export, "failures") > 0)
        buf_printf(out, "; FAILED %.0f times, will be retried", count(export, "failures"));
    buf_puts(out, "\n");
}

static void put_alerts(struct buf *out, const struct json *s)
{
    const struct json *alerts = json_get(s, "alerts");
    if (!flag(alerts, "wanted"))
        return;
    title(out, "alerts");
    buf_printf(out, "%.0f sent", count(alerts, "sent"));
    if (count(alerts, "failures") > 0)
        buf_printf(out, "; THE LAST %.0f RUNS OF THE PROGRAM FAILED", count(alerts, "failures"));
    buf_puts(out, "\n");
}

static void put_lease(struct buf *out, const struct json *s, int64_t now_ns)
{
    char when[CLOCK_TEXT];
    const struct json *lease = json_get(s, "lease");
    if (!lease)
        return;
    title(out, "lease");
    buf_printf(out, "%s: %s since %s, term %.0f", text(lease, "name"), text(lease, "state"),
               moment(when, text(lease, "since"), now_ns), count(lease, "term"));
    if (json_string(json_get(lease, "host")))
        buf_printf(out, "; %s has it", text(lease, "host"));
    if (json_string(json_get(lease, "why")))
        buf_printf(out, "; NOT REACHED: %s", text(lease, "why"));
    if (count(lease, "withheld") > 0)
        buf_printf(out, "; %.0f changes recorded without it and not published",
                   count(lease, "withheld"));
    buf_puts(out, "\n");
}

static void put_sink(struct buf *out, const struct json *s, int64_t now_ns)
{
    char when[CLOCK_TEXT];
    const struct json *sink = json_get(s, "sink");
    if (!sink)
        return;
    title(out, "NATS");
    if (json_string(json_get(sink, "why")))
        buf_printf(out, "NOT PUBLISHING since %s: %s", moment(when, text(sink, "since"), now_ns),
                   text(sink, "why"));
    else if (json_string(json_get(sink, "server")))
        buf_printf(out, "stream %s at %s", text(sink, "stream"), text(sink, "server"));
    else
        buf_puts(out, "connecting");
    if (count(sink, "behind") > 0)
        buf_printf(out, "; %.0f changes wait", count(sink, "behind"));
    buf_printf(out, "; %.0f messages published", count(sink, "published"));
    if (count(sink, "lost") > 0)
        buf_printf(out, "; %.0f CHANGES WERE DELETED UNPUBLISHED", count(sink, "lost"));
    buf_puts(out, "\n");
    if (json_string(json_get(sink, "differs"))) {
        title(out, "");
        buf_printf(out, "the stream differs from section sink: %s\n", text(sink, "differs"));
    }
}

static void put_api(struct buf *out, const struct json *s)
{
    const struct json *api = json_get(s, "api");
    if (!api)
        return;
    title(out, "local API");
    buf_printf(out, "%s: %.0f connections, %.0f of them WebSockets with %.0f products; ",
               text(s, "local_api"), count(api, "connections"), count(api, "websockets"),
               count(api, "products"));
    buf_printf(out, "%.0f requests and %.0f frames so far\n", count(api, "requests"),
               count(api, "frames"));
}

static void put_demand(struct buf *out, const struct json *s)
{
    const struct json *demand = json_get(s, "on_demand");
    const char *before = ": ";
    if (count(demand, "allowed") + count(demand, "recorded") + count(demand, "waiting") <= 0)
        return;
    title(out, "on demand");
    buf_printf(out, "%.0f of %.0f instruments", count(demand, "recorded"),
               count(demand, "allowed"));
    int names = 0;
    for (const struct json *name = json_first(json_get(demand, "symbols")); name && names < NAMES;
         name = json_next(name), names++, before = ", ")
        buf_printf(out, "%s%s", before, json_string(name) ? json_string(name) : "");
    buf_puts(out, count(demand, "recorded") > names ? ", ..." : "");
    if (count(demand, "waiting") > 0)
        buf_printf(out, "; %.0f wait for the broker's answer", count(demand, "waiting"));
    buf_printf(out, "; refused so far: %.0f unknown, %.0f too many\n",
               count(demand, "refused_unknown"), count(demand, "refused_full"));
}

/* During a stall the loop receives nothing, answers nothing and assigns no time stamps. */
static void put_loop(struct buf *out, const struct json *s, int64_t now_ns)
{
    char when[CLOCK_TEXT];
    const struct json *loop = json_get(s, "loop");
    if (isnan(number(loop, "longest_stall_s")))
        return;
    title(out, "loop");
    buf_printf(out, "longest stall %.0f ms (at %s); %.0f ms in the last 5 minutes\n",
               1000 * number(loop, "longest_stall_s"),
               moment(when, text(loop, "longest_stall"), now_ns),
               1000 * number(loop, "recent_stall_s"));
}

static void put_events(struct buf *out, const struct json *s, size_t width, int64_t now_ns)
{
    struct event_table table;
    const struct json *events = json_get(s, "events");
    event_table_init(&table, now_ns);
    for (const struct json *e = json_first(events); e; e = json_next(e)) {
        int64_t ts = 0;
        clock_parse_text(text(e, "time"), &ts);
        event_table_add(&table, ts, text(e, "kind"), text(e, "symbol"), text(e, "detail"));
    }
    if (json_first(events))
        buf_puts(out, "\n");
    event_table_print(&table, width, out);
    event_table_finish(&table);
}

/* How often the broker was asked for what it wants to be asked once a day. */
static void put_budget(struct buf *out, const struct json *s)
{
    static const char *const kinds[] = {"login", "list", "stream"};
    const struct json *budget = json_get(s, "budget");
    if (!budget)
        return;
    title(out, "requests");
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const struct json *kind = json_get(budget, kinds[i]);
        buf_printf(out, "%s%s %.0f of %.0f", i ? ", " : "", kinds[i], count(kind, "used"),
                   count(kind, "allowed"));
    }
    buf_puts(out, " recommended in a day\n");
}

static void put_reference(struct buf *out, const struct json *s, int64_t now_ns)
{
    char when[CLOCK_TEXT];
    const struct json *reference = json_get(s, "reference");
    if (!reference)
        return;
    title(out, "reference");
    buf_printf(out, "%.0f instruments listed, read %s", count(reference, "instruments"),
               json_string(json_get(reference, "read"))
                   ? moment(when, text(reference, "read"), now_ns)
                   : "never");
    if (json_string(json_get(reference, "failed")))
        buf_printf(out, "; the last request failed: %s", text(reference, "failed"));
    buf_puts(out, "\n");
}

/* Each line has its title in the first column; a long value continues below, in the second. */
static void put_wrapped(struct buf *out, const char *lines, size_t width)
{
    char line[2048];
    while (*lines) {
        size_t bytes = strcspn(lines, "\n");
        snprintf(line, sizeof(line), "%.*s", (int)bytes, lines);
        size_t head = strlen(line) > TITLE_WIDTH ? TITLE_WIDTH + 1 : strlen(line);
        buf_append(out, line, head);
        table_wrap(out, line + head, width, TITLE_WIDTH + 1, "\n");
        buf_puts(out, "\n");
        lines += bytes + (lines[bytes] == '\n');
    }
}

void status_view_print(struct buf *out, const struct json *status, size_t width, int64_t now_ns)
{
    struct buf lines;
    buf_init(&lines, TEXT_BYTES);
    put_head(&lines, status, now_ns);
    put_session(&lines, status);
    put_stream(&lines, status);
    put_polling(&lines, status);
    put_budget(&lines, status);
    put_reference(&lines, status, now_ns);
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
