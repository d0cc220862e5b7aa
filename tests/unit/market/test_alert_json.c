#include "market/alert_json.h"

#include "support/t.h"

#define T0 INT64_C(1795446000000000000) /* 2026-11-23 12:00 in Argentina */

static const struct row {
    const char *name;
    struct alert alert;
    bool test;
    const char *text, *rest;
} rows[] = {
    {"a condition begins",
     {ALERT_BEGUN, EVENT_STALE, "", "no data for 90 s", T0, 45500, 1},
     false,
     "cinta on trader: stale for 45 s, since 2026-11-23 12:00:00 ART. The stream is connected but "
     "mute: its instruments are subscribed again, and polled until it delivers data. Detail: no "
     "data for 90 s",
     "{\"state\":\"begin\",\"kind\":\"stale\",\"symbol\":null,"},
    {"it ends",
     {ALERT_ENDED, EVENT_STALE, "", "", T0, 11100000, 0},
     false,
     "cinta on trader: stale has ended after 3 h 5 min, since 2026-11-23 12:00:00 ART.",
     "\"detail\":\"\",\"time\":\"2026-11-23T15:00:00.000Z\",\"lasted\":11100,\"events\":0,"
     "\"host\":\"trader\",\"test\":false}\n"},
    {"an event without an end, of one instrument, three times",
     {ALERT_ONCE, EVENT_DIVERGENCE, "DLR/DIC26", "LA is \"5\"", T0, 0, 3},
     false,
     "cinta on trader: divergence of DLR/DIC26 at 2026-11-23 12:00:00 ART. REST had newer values "
     "than the stream for this instrument, twice in a row; the REST values are recorded. Detail: "
     "LA is \"5\" (3 events)",
     "\"detail\":\"LA is \\\"5\\\"\","},
    {"a test",
     {ALERT_ENDED, EVENT_STALE, "", "", T0, 720000, 1},
     true,
     "Test, nothing has happened: cinta on trader: stale has ended after 12 min, since 2026-11-23 "
     "12:00:00 ART.",
     "\"test\":true}\n"},
};

static void texts_and_members(void **state)
{
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct buf out;
        t_row(rows[i].name);
        buf_init(&out, 65536);
        alert_text_put(&out, &rows[i].alert, "trader", rows[i].test);
        t_str(buf_text(&out), rows[i].text);
        buf_clear(&out);
        alert_json_put(&out, &rows[i].alert, "trader", rows[i].test);
        t_contains(buf_text(&out), rows[i].rest);
        t_contains(buf_text(&out), event_kind_meaning(rows[i].alert.kind));
        buf_finish(&out);
    }
}

/* The longest texts, in which each byte is escaped, stay one line of JSON. */
static void long_texts(void **state)
{
    (void)state;
    struct alert alert = {.state = ALERT_BEGUN, .kind = EVENT_PAGE, .ts = T0};
    struct buf out;
    memset(alert.detail, '\n', sizeof(alert.detail) - 1);
    memset(alert.symbol, '"', sizeof(alert.symbol) - 1);
    buf_init(&out, 65536);
    alert_json_put(&out, &alert, "trader", false);
    t_true(!buf_failed(&out));
    t_true(strchr(buf_text(&out), '\n') == buf_text(&out) + out.len_bytes - 1);
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_and_members),
        cmocka_unit_test(long_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
