#include "cli/status_view.h"

#include "base/clock.h"
#include "base/table.h"
#include "support/t.h"

#define DAY INT64_C(1795402800000000000) /* 2026-11-23 00:00 in Argentina, ns UTC */
#define NOW (DAY + 12 * 3600 * NS_PER_S)

static const char json[] =
    "{\"version\":\"1.2.3\",\"pid\":77,\"uptime_s\":90061,\"broker\":\"https://b/\","
    "\"mode\":\"polling\",\"mode_since\":\"2026-11-23T14:00:00.000Z\",\"mode_for_s\":3600,"
    "\"why\":\"the stream was closed by the broker, and is tried again\","
    "\"session\":{\"open\":true,\"changes\":\"2026-11-23T20:05:00.000Z\"},"
    "\"token\":{\"state\":\"held\",\"age_s\":-3600},"
    "\"budget\":{\"login\":{\"used\":1,\"allowed\":1},\"list\":{\"used\":0,\"allowed\":1},"
    "\"stream\":{\"used\":3,\"allowed\":1}},"
    "\"store\":{\"path\":\"/x.db\",\"bytes\":1,\"growth_bytes_per_day\":2000000,"
    "\"disk_free_bytes\":3000000,\"disk_full\":\"2027-07-02T02:30:00.000Z\"},"
    "\"tape\":{\"lists\":12,\"added\":345,\"waiting\":2},"
    "\"export\":{\"next\":\"2026-11-24T20:30:00.000Z\"},"
    "\"alerts\":{\"wanted\":true,\"sent\":3,\"failures\":2},"
    "\"local_api\":\"http://127.0.0.1:8787/\",\"api\":{\"connections\":5,\"websockets\":3,"
    "\"products\":40,\"requests\":7,\"frames\":900},"
    "\"on_demand\":{\"allowed\":9,\"recorded\":3,\"waiting\":1,\"refused_full\":0,"
    "\"refused_unknown\":2,\"symbols\":[\"A\",\"B\"]},"
    "\"events\":[{\"time\":\"2026-11-23T02:59:59.000Z\",\"kind\":\"login\",\"symbol\":null,"
    "\"detail\":\"logged in\"},"
    "{\"time\":\"2026-11-23T14:59:00.000Z\",\"kind\":\"divergence\",\"symbol\":\"DLR/DIC26\","
    "\"detail\":\"REST has newer values than the stream, twice; the values of REST are taken\"}]}";

static void print(struct buf *out, size_t width)
{
    struct err err;
    struct json_parser *parser = json_parser_create();
    const struct json *status = json_parse(parser, json, sizeof(json) - 1, &err);
    t_true(status);
    buf_init(out, 65536);
    status_view_print(out, status, width, NOW);
    json_parser_destroy(parser);
}

/* Of the whole output, the lines of the stream. */
static void which_of_two_streams_is_used(void **state)
{
    (void)state;
    static const struct {
        const char *name, *dialects, *expected;
    } rows[] = {
        {"two",
         "[{\"name\":\"primary\",\"why\":\"the stream could not be connected\"},"
         "{\"name\":\"matriz\",\"why\":\"the stream delivers data\"}]",
         "           matriz is in use: it delivers; primary: the stream could not be connected\n"},
        {"the other was never needed",
         "[{\"name\":\"matriz\",\"why\":\"\"},{\"name\":\"primary\",\"why\":\"\"}]",
         "           matriz is in use: it delivers; primary: not needed so far\n"},
        {"one alone", "[{\"name\":\"matriz\",\"why\":\"\"}]", NULL},
        {"of an older service", "null", NULL},
    };
    struct json_parser *parser = json_parser_create();
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[512];
        struct err err;
        struct buf out;
        t_row(rows[i].name);
        int len = snprintf(text, sizeof(text),
                           "{\"stream\":{\"enabled\":true,\"connected\":true,\"dialect\":"
                           "\"matriz\",\"dialect_why\":\"it delivers\",\"dialects\":%s}}",
                           rows[i].dialects);
        const struct json *status = json_parse(parser, text, (size_t)len, &err);
        t_true(status);
        buf_init(&out, 65536);
        status_view_print(&out, status, TABLE_WIDE, NOW);
        if (rows[i].expected)
            t_contains(buf_text(&out), rows[i].expected);
        else
            t_true(!strstr(buf_text(&out), "in use"));
        buf_finish(&out);
    }
    json_parser_destroy(parser);
}

static void times_are_local_in_argentina(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "process 77, up 1 d 1 h\n",
        "mode       polling since 11:00:00 ART (1 h 0 min): the stream was closed",
        "session    open until Mon 2026-11-23 17:05 ART\n",
        "full on 2027-07-01 at this rate\n",
        "trades     345 added from 12 lists of the broker; 2 lists waiting\n",
        "export     next Tue 2026-11-24 17:30 ART\n",
        "alerts     3 sent; THE LAST 2 RUNS OF THE PROGRAM FAILED\n",
        "local API  http://127.0.0.1:8787/: 5 connections, 3 of them WebSockets with 40 products; "
        "7 requests and 900 frames so far\n",
        "on demand  3 of 9 instruments: A, B, ...; 1 wait for the broker's answer; "
        "refused so far: 2 unknown, 0 too many\n",
        "time (ART)        event       what happened\n"
        "2026-11-22 23:59  login       logged in\n"
        "11:59:00          divergence  DLR/DIC26: REST has newer values",
    };
    struct buf out;
    print(&out, TABLE_WIDE);
    for (size_t i = 0; i < T_COUNT(expected); i++)
        t_contains(buf_text(&out), expected[i]);
    buf_finish(&out);
}

/* The lines of the session. */
static void phases_of_sessions(void **state)
{
    (void)state;
    static const struct {
        const char *name, *session, *expected;
    } rows[] = {
        {"of an older service", "{\"open\":false}", "session    closed\ntoken"},
        {"one calendar",
         "{\"open\":false,\"phase\":\"closed\",\"changes\":\"2026-11-30T13:00:00.000Z\","
         "\"segments\":[{\"segment\":\"\",\"phase\":\"closed\",\"instruments\":3}]}",
         "session    closed until Mon 2026-11-30 10:00 ART\ntoken"},
        {"segments",
         "{\"open\":true,\"phase\":\"open\",\"changes\":\"2026-11-23T20:00:00.000Z\",\"segments\":["
         "{\"segment\":\"\",\"phase\":\"open\",\"changes\":null,\"instruments\":0},"
         "{\"segment\":\"DDF\",\"phase\":\"open\",\"changes\":\"2026-11-23T18:00:00.000Z\","
         "\"instruments\":2},"
         "{\"segment\":\"MERV\",\"phase\":\"pre_open\",\"changes\":\"2026-11-23T15:30:00.000Z\","
         "\"instruments\":9}]}",
         "session    open until Mon 2026-11-23 17:00 ART\n"
         "           DDF (2 instruments): open until Mon 2026-11-23 15:00 ART\n"
         "           MERV (9 instruments): pre-open until Mon 2026-11-23 12:30 ART\ntoken"},
        {"the closing auction, and other segments",
         "{\"open\":false,\"phase\":\"closing_auction\",\"segments\":["
         "{\"segment\":\"\",\"phase\":\"closing_auction\",\"instruments\":1},"
         "{\"segment\":\"DDF\",\"phase\":\"closed\",\"instruments\":2}]}",
         "session    closing auction\n"
         "           other segments (1 instruments): closing auction\n"
         "           DDF (2 instruments): closed\ntoken"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct json_parser *parser = json_parser_create();
        struct buf out;
        char text[2048];
        struct err err;
        t_row(rows[i].name);
        snprintf(text, sizeof(text), "{\"session\":%s}", rows[i].session);
        buf_init(&out, 65536);
        status_view_print(&out, json_parse(parser, text, strlen(text), &err), TABLE_WIDE, NOW);
        t_contains(buf_text(&out), rows[i].expected);
        buf_finish(&out);
        json_parser_destroy(parser);
    }
}

static void requests_are_compared_with_what_is_recommended(void **state)
{
    (void)state;
    struct buf out;
    print(&out, TABLE_WIDE);
    t_contains(buf_text(&out),
               "requests   login 1 of 1, list 0 of 1, stream 3 of 1 recommended in a day\n");
    buf_finish(&out);
}

static void a_negative_age_is_explained(void **state)
{
    (void)state;
    struct buf out;
    print(&out, TABLE_WIDE);
    t_contains(buf_text(&out), "token      held, obtained 1 h 0 min ahead of this machine's clock: "
                               "the clock was set back\n");
    buf_finish(&out);
}

static void of_a_replica(void **state)
{
    (void)state;
    static const struct {
        const char *name, *replica, *expected;
    } rows[] = {
        {"reading",
         "{\"server\":\"nats://a:4222\",\"stream\":\"CINTA\",\"recorder\":\"a1b2\",\"number\":17,"
         "\"stored\":\"2026-11-27T18:00:00.000Z\",\"behind\":0,\"behind_s\":0,\"read\":12}",
         "message 17 of "},
        {"behind",
         "{\"server\":\"nats://a:4222\",\"stream\":\"CINTA\",\"number\":17,\"behind\":5,"
         "\"behind_s\":90,\"missing\":3,\"unreadable\":2}",
         "message 17; 5 messages and 1 min 30 s BEHIND; 0 read; 3 WERE DELETED UNREAD; 2 "
         "unreadable"},
        {"down", "{\"why\":\"no server\",\"since\":\"2026-11-27T18:00:00.000Z\"}",
         "replica, NOT READING since "},
        {"connecting", "{}", "replica, connecting"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[1024];
        struct buf out;
        struct json_parser *parser = json_parser_create();
        snprintf(text, sizeof(text), "{\"mode\":\"replica\",\"replica\":%s}", rows[i].replica);
        buf_init(&out, 65536);
        t_row(rows[i].name);
        status_view_print(&out, json_parse(parser, text, strlen(text), NULL), 200, NOW);
        t_contains(buf_text(&out), rows[i].expected);
        t_true(!strstr(buf_text(&out), "token"));
        buf_finish(&out);
        json_parser_destroy(parser);
    }
}

static void long_lines_continue_on_the_next_line(void **state)
{
    (void)state;
    struct buf out;
    print(&out, 60);
    t_contains(buf_text(&out), "mode       polling since 11:00:00 ART (1 h 0 min): the\n"
                               "           stream was closed by the broker, and is tried\n"
                               "           again\n");
    t_contains(buf_text(&out), "11:59:00          divergence  DLR/DIC26: REST has newer\n"
                               "                              values than the stream,\n");
    for (const char *line = buf_text(&out); *line; line += strcspn(line, "\n") + 1)
        t_true(strcspn(line, "\n") <= 60);
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(which_of_two_streams_is_used),
        cmocka_unit_test(times_are_local_in_argentina),
        cmocka_unit_test(phases_of_sessions),
        cmocka_unit_test(requests_are_compared_with_what_is_recommended),
        cmocka_unit_test(a_negative_age_is_explained),
        cmocka_unit_test(of_a_replica),
        cmocka_unit_test(long_lines_continue_on_the_next_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
