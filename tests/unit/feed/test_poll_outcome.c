#include "feed/poll_outcome.h"

#include "support/t.h"

#define TOMORROW_MS 7777

static void answers(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum reply_class class;
        enum plan_outcome outcome;
        int64_t wait_ms;
        enum trouble_of_poll trouble;
    } rows[] = {
        {"a quote", REPLY_OK, PLAN_ANSWERED, 0, POLL_FINE},
        {"invalid token", REPLY_AUTH, PLAN_REPEAT, 0, POLL_ANSWER},
        {"a page", REPLY_PAGE, PLAN_PAGE, 0, POLL_ANSWER},
        {"a login page", REPLY_LOGIN_PAGE, PLAN_PAGE, 0, POLL_ANSWER},
        {"unknown symbol", REPLY_UNKNOWN_SYMBOL, PLAN_DROPPED, TOMORROW_MS, POLL_ANSWER},
        {"unknown segment", REPLY_UNKNOWN_SEGMENT, PLAN_DROPPED, TOMORROW_MS, POLL_ANSWER},
        {"no access", REPLY_ACCESS, PLAN_DROPPED, TOMORROW_MS, POLL_ANSWER},
        {"no data", REPLY_NO_DATA, PLAN_NO_DATA, 0, POLL_ANSWER},
        {"rate limited", REPLY_THROTTLED, PLAN_THROTTLED, 3000, POLL_ANSWER},
        {"server error", REPLY_SERVER, PLAN_BROKEN, 0, POLL_ANSWER},
        {"bad path", REPLY_BAD_PATH, PLAN_REFUSED, 0, POLL_ANSWER},
        {"bad request", REPLY_BAD_REQUEST, PLAN_REFUSED, 0, POLL_ANSWER},
        {"malformed", REPLY_MALFORMED, PLAN_REFUSED, 0, POLL_ANSWER},
        {"unknown error", REPLY_OTHER, PLAN_REFUSED, 0, POLL_ANSWER},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct err why = {.code = -1, .text = "the words"};
        t_row(rows[i].name);
        struct poll_outcome v = poll_outcome_of_answer(rows[i].class, &why, 3000, TOMORROW_MS);
        t_int(v.outcome, rows[i].outcome);
        t_int(v.wait_ms, rows[i].wait_ms);
        t_int(v.trouble, rows[i].trouble);
        t_int(v.class, rows[i].class);
        t_str(v.why.text, "the words");
    }
}

static void failures(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum http_outcome outcome;
        enum plan_outcome plan;
    } rows[] = {
        {"no such host", HTTP_RESOLVE, PLAN_UNREACHABLE},
        {"refused", HTTP_CONNECT, PLAN_UNREACHABLE},
        {"certificate", HTTP_TLS, PLAN_UNREACHABLE},
        {"time-out", HTTP_TIMEOUT, PLAN_BROKEN},
        {"reset", HTTP_BROKEN, PLAN_BROKEN},
        {"too large", HTTP_TOO_LARGE, PLAN_REFUSED},
        {"cancelled", HTTP_CANCELLED, PLAN_REPEAT},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        struct poll_outcome v = poll_outcome_of_failure(rows[i].outcome, "100% lost");
        t_int(v.outcome, rows[i].plan);
        t_int(v.trouble, POLL_CONNECTION);
        t_str(v.why.text, "100% lost");
    }
}

/* One row for each outcome: "1" if it is reported as the instrument's own failure. */
static void own_failures(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum plan_outcome outcome;
        bool none, unreachable, pages, refusals;
    } rows[] = {
        {"answered", PLAN_ANSWERED, 0, 0, 0, 0},       {"no data", PLAN_NO_DATA, 1, 1, 1, 0},
        {"refused", PLAN_REFUSED, 1, 1, 1, 0},         {"broken", PLAN_BROKEN, 1, 1, 1, 0},
        {"unreachable", PLAN_UNREACHABLE, 0, 0, 0, 0}, {"page", PLAN_PAGE, 1, 0, 0, 0},
        {"throttled", PLAN_THROTTLED, 0, 0, 0, 0},     {"repeat", PLAN_REPEAT, 0, 0, 0, 0},
        {"dropped", PLAN_DROPPED, 1, 1, 1, 0},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const struct poll_outcome v = {.outcome = rows[i].outcome};
        t_row(rows[i].name);
        t_int(poll_outcome_is_own(&v, OUTAGE_NONE), rows[i].none);
        t_int(poll_outcome_is_own(&v, OUTAGE_UNREACHABLE), rows[i].unreachable);
        t_int(poll_outcome_is_own(&v, OUTAGE_PAGES), rows[i].pages);
        t_int(poll_outcome_is_own(&v, OUTAGE_REFUSALS), rows[i].refusals);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(failures),
        cmocka_unit_test(own_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
