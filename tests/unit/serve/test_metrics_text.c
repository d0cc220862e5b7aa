#include "serve/metrics_text.h"

#include "support/t.h"

static void samples(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 4096);
    metrics_family(&out, "cinta_messages_total", METRIC_COUNTER, "Messages.\nBy \\source\".");
    metrics_labelled(&out, "cinta_messages_total",
                     (const struct metric_label[]){{"source", "rest"}, {"text", "a\"b\\c\nd"}}, 2,
                     12);
    metrics_family(&out, "cinta_age_seconds", METRIC_GAUGE, "Age.");
    metrics_sample(&out, "cinta_age_seconds", NAN);
    metrics_sample(&out, "cinta_age_seconds", 0.25);
    metrics_sample(&out, "cinta_age_seconds", INFINITY);
    metrics_sample(&out, "cinta_age_seconds", -INFINITY);
    assert_string_equal(buf_text(&out),
                        "# HELP cinta_messages_total Messages.\\nBy \\\\source\".\n"
                        "# TYPE cinta_messages_total counter\n"
                        "cinta_messages_total{source=\"rest\",text=\"a\\\"b\\\\c\\nd\"} 12\n"
                        "# HELP cinta_age_seconds Age.\n"
                        "# TYPE cinta_age_seconds gauge\n"
                        "cinta_age_seconds NaN\n"
                        "cinta_age_seconds 0.25\n"
                        "cinta_age_seconds +Inf\n"
                        "cinta_age_seconds -Inf\n");
    buf_finish(&out);
}

static void a_histogram(void **state)
{
    (void)state;
    static const double bounds[] = {0.01, 1};
    struct histogram h;
    struct buf out;
    histogram_init(&h, bounds, 2);
    histogram_add(&h, 0.25);
    histogram_add(&h, 0.5);
    histogram_add(&h, 5);
    buf_init(&out, 4096);
    metrics_histogram(&out, "cinta_commit_seconds", "Commits.", &h);
    assert_string_equal(buf_text(&out), "# HELP cinta_commit_seconds Commits.\n"
                                        "# TYPE cinta_commit_seconds histogram\n"
                                        "cinta_commit_seconds_bucket{le=\"0.01\"} 0\n"
                                        "cinta_commit_seconds_bucket{le=\"1\"} 2\n"
                                        "cinta_commit_seconds_bucket{le=\"+Inf\"} 3\n"
                                        "cinta_commit_seconds_sum 5.75\n"
                                        "cinta_commit_seconds_count 3\n");
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples),
        cmocka_unit_test(a_histogram),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
