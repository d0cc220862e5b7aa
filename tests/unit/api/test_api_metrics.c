#include "api/api_metrics.h"

#include "base/clock.h"
#include "support/t.h"

#define T0 INT64_C(1795446000000000000)
#define MS NS_PER_MS

static void latency_is_measured_once_from_the_first_change(void **state)
{
    static const struct step {
        const char *name;
        int32_t instrument;
        int64_t stamp_ms; /* after T0; -1: without a stamp, or nobody waits; -2: no change */
        int64_t sent_ms;  /* after T0; -1: not sent */
        int64_t count;
        double sum_s;
    } steps[] = {
        {"a snapshot without a change", 3, -2, 10, 0, 0},
        {"a change", 3, 0, 20, 1, 0.02},
        {"the same again, for another client", 3, -2, 30, 1, 0.02},
        {"two changes become one frame", 5000, 40, -1, 1, 0.02},
        {"", 5000, 50, 60, 2, 0.04},
        {"a clock that is behind: not known", 3, 100, 90, 2, 0.04},
        {"by REST", 3, -1, 200, 2, 0.04},
        {"nobody waits any more", 3, 300, -1, 2, 0.04},
        {"", 3, -1, 9000, 2, 0.04},
        {"within the same time", 3, 9000, 9000, 3, 0.04},
    };
    struct api_metrics m;
    (void)state;
    api_metrics_init(&m);
    for (size_t i = 0; i < T_COUNT(steps); i++) {
        const struct step *s = &steps[i];
        t_row(s->name);
        if (s->stamp_ms > -2)
            api_metrics_awaited(&m, s->instrument, s->stamp_ms < 0 ? 0 : T0 + s->stamp_ms * MS);
        if (s->sent_ms >= 0)
            api_metrics_sent(&m, s->instrument, T0 + s->sent_ms * MS);
        t_int(histogram_up_to(&m.broker_to_client_s, HISTOGRAM_LATENCY_COUNT), s->count);
        t_true(fabs(m.broker_to_client_s.sum - s->sum_s) < 1e-9);
    }
    api_metrics_finish(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(latency_is_measured_once_from_the_first_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
