#include "service/readiness.h"

#include "replica/replica.h"
#include "support/t.h"

#define READY ""

static void old_data_in_the_session_are_a_reason(void **state)
{
    static const struct row {
        const char *name;
        enum feed_mode mode;
        enum calendar_phase phase;
        enum outage_cause outage;
        bool store_failing;
        const char *why;
    } rows[] = {
        {"streaming", FEED_STREAMING, PHASE_OPEN, OUTAGE_NONE, false, READY},
        {"polling", FEED_POLLING, PHASE_OPEN, OUTAGE_NONE, false, READY},
        {"subscribing", FEED_SUBSCRIBING, PHASE_OPEN, OUTAGE_NONE, false, READY},
        {"stale", FEED_STALE, PHASE_OPEN, OUTAGE_NONE, false, "the stream is stale: mute for 90 s"},
        {"no token in the pre-open", FEED_NO_TOKEN, PHASE_PRE_OPEN, OUTAGE_NONE, false,
         "there is no token: the broker has not accepted a login yet"},
        {"an outage in the closing auction", FEED_POLLING, PHASE_CLOSING, OUTAGE_PAGES, false,
         "no market data from the broker (pages): connection refused"},
        {"stale at night", FEED_STALE, PHASE_CLOSED, OUTAGE_NONE, false, READY},
        {"no token", FEED_NO_TOKEN, PHASE_OPEN, OUTAGE_NONE, false,
         "there is no token: the broker has not accepted a login yet"},
        {"no token at night", FEED_NO_TOKEN, PHASE_CLOSED, OUTAGE_NONE, false, READY},
        {"an outage", FEED_POLLING, PHASE_OPEN, OUTAGE_PAGES, false,
         "no market data from the broker (pages): connection refused"},
        {"an outage at night", FEED_POLLING, PHASE_CLOSED, OUTAGE_PAGES, false, READY},
        {"a full disk", FEED_STREAMING, PHASE_OPEN, OUTAGE_NONE, true,
         "the database cannot be written; changes wait in memory"},
        {"a full disk at night", FEED_STREAMING, PHASE_CLOSED, OUTAGE_NONE, true,
         "the database cannot be written; changes wait in memory"},
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct feed_report report = {.mode = rows[i].mode,
                                     .phase = rows[i].phase,
                                     .why = "mute for 90 s",
                                     .poller = {.outage = "connection refused"}};
        struct buf why;
        report.poller.plan.outage = rows[i].outage;
        const struct readiness_facts facts = {.feed = &report,
                                              .store_failing = rows[i].store_failing,
                                              .stale_ms = 90000,
                                              .trouble = ""};
        t_row(rows[i].name);
        buf_init(&why, 1000);
        t_int(readiness_check(&facts, &why), rows[i].why[0] == '\0');
        t_str(buf_text(&why), rows[i].why);
        buf_finish(&why);
    }
}

static void a_standby_is_not_ready(void **state)
{
    const struct readiness_facts facts = {.trouble = "", .rest = "standby: b has the lease"};
    struct buf out;
    (void)state;
    buf_init(&out, 1000);
    t_true(!readiness_check(&facts, &out));
    t_str(buf_text(&out), "standby: b has the lease");
    buf_clear(&out);
    readiness_put_feed(&facts, &out);
    t_contains(buf_text(&out), "{\"mode\":\"standby\",\"reason\":\"standby: b has the lease\",");
    buf_finish(&out);
}

#define NOW_NS INT64_C(1795446000000000000)

static void a_replica_that_reads_is_ready(void **state)
{
    static const struct row {
        const char *name;
        enum replica_phase phase;
        int64_t behind, late_s;
        bool store_failing;
        const char *why;
    } rows[] = {
        {"all is read", REPLICA_READING, 0, 3600, false, READY},
        {"a little behind", REPLICA_READING, 100, 2, false, READY},
        {"far behind", REPLICA_READING, 100, 3600, false,
         "reading stream CINTA at nats://a, 100 messages behind, 3600 s late"},
        {"connecting", REPLICA_CONNECTING, 0, 0, false,
         "no messages from stream CINTA of NATS: no server"},
        {"down", REPLICA_DOWN, 0, 0, false, "no messages from stream CINTA of NATS: no server"},
        {"a full disk", REPLICA_READING, 0, 0, true,
         "the database cannot be written; reading waits for it"},
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const struct row *row = &rows[i];
        struct buf why;
        struct replica_state replica = {.phase = row->phase,
                                        .stream = "CINTA",
                                        .server = "nats://a",
                                        .behind = row->behind,
                                        .stored_ns = NOW_NS - row->late_s * 1000000000};
        if (row->phase != REPLICA_READING)
            snprintf(replica.why, sizeof(replica.why), "no server");
        const struct readiness_facts facts = {
            .replica = &replica, .store_failing = row->store_failing, .now_ns = NOW_NS};
        t_row(row->name);
        buf_init(&why, 1000);
        t_int(readiness_check(&facts, &why), row->why[0] == '\0');
        t_str(buf_text(&why), row->why);
        buf_clear(&why);
        readiness_put_feed(&facts, &why);
        t_contains(buf_text(&why), "{\"mode\":\"replica\",\"reason\":\"");
        t_contains(buf_text(&why),
                   row->phase == REPLICA_DOWN ? "\"outage\":\"no messages" : "\"outage\":null");
        buf_finish(&why);
    }
}

static void without_a_feed_it_starts(void **state)
{
    struct readiness_facts facts = {.stale_ms = 90000, .trouble = ""};
    struct buf out;
    (void)state;
    buf_init(&out, 1000);
    t_true(!readiness_check(&facts, &out));
    t_str(buf_text(&out), "starting: the list of instruments is not known yet");
    buf_clear(&out);
    readiness_put_feed(&facts, &out);
    t_str(buf_text(&out), "{\"mode\":\"starting\","
                          "\"reason\":\"the list of instruments is not known yet\","
                          "\"outage\":null,\"session\":null,\"phase\":null,\"staleMs\":90000,"
                          "\"segments\":[]}");
    facts.trouble = "the login failed: timed out";
    buf_clear(&out);
    t_true(!readiness_check(&facts, &out));
    t_str(buf_text(&out),
          "starting: the list of instruments is not known yet: the login failed: timed out");
    buf_clear(&out);
    readiness_put_feed(&facts, &out);
    t_true(strstr(buf_text(&out), "is not known yet: the login failed: timed out\","));
    buf_finish(&out);
}

static void the_state_of_the_feed_is_an_object(void **state)
{
    struct feed_report report = {
        .mode = FEED_NO_TOKEN,
        .why = "a \"reason\"",
        .phase = PHASE_OPEN,
        .segments = {{"", PHASE_CLOSED, 0, 0}, {"MERV", PHASE_OPEN, 0, 9}},
        .segments_count = 2,
    };
    struct readiness_facts facts = {.feed = &report, .stale_ms = 5000, .trouble = ""};
    struct buf out;
    (void)state;
    buf_init(&out, 1000);
    readiness_put_feed(&facts, &out);
    t_str(buf_text(&out), "{\"mode\":\"no_token\",\"reason\":\"a \\\"reason\\\"\","
                          "\"outage\":null,\"session\":true,\"phase\":\"open\",\"staleMs\":5000,"
                          "\"segments\":[{\"segment\":\"\",\"phase\":\"closed\"},"
                          "{\"segment\":\"MERV\",\"phase\":\"open\"}]}");
    buf_clear(&out);
    facts.trouble = "the login was refused";
    readiness_put_feed(&facts, &out);
    t_true(strstr(buf_text(&out), "\"a \\\"reason\\\": the login was refused\","));
    buf_clear(&out);
    t_true(!readiness_check(&facts, &out));
    t_str(buf_text(&out), "there is no token: the broker has not accepted a login yet: "
                          "the login was refused");
    buf_clear(&out);
    report.mode = FEED_POLLING;
    readiness_put_feed(&facts, &out);
    t_true(!strstr(buf_text(&out), "the login was refused"));
    buf_clear(&out);
    report.poller.plan.outage = OUTAGE_PAGES;
    report.poller.outage = "timed out";
    readiness_put_feed(&facts, &out);
    t_true(strstr(buf_text(&out), "\"outage\":\"timed out\""));
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(old_data_in_the_session_are_a_reason),
        cmocka_unit_test(a_standby_is_not_ready),
        cmocka_unit_test(a_replica_that_reads_is_ready),
        cmocka_unit_test(without_a_feed_it_starts),
        cmocka_unit_test(the_state_of_the_feed_is_an_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
