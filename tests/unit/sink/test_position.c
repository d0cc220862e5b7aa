/* Positions as text: what is written is read back, and nothing else is accepted. */
#include "sink/position.h"

#include "support/t.h"

static void a_position_is_read_back(void **state)
{
    (void)state;
    const struct sink_position rows[] = {
        {0, 0, true, 0, 0, 0},
        {1234, 1795446000000000000, false, 17, 3, 400},
        {INT64_MAX, INT64_MAX, true, INT64_MAX, INT64_MAX, INT64_MAX},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[SINK_POSITION_TEXT];
        struct sink_position read;
        t_true(sink_position_parse(sink_position_text(text, &rows[i]), &read));
        t_int(read.seq, rows[i].seq);
        t_int(read.ts_recv, rows[i].ts_recv);
        t_int(read.traded, rows[i].traded);
        t_int(read.event, rows[i].event);
        t_int(read.listed, rows[i].listed);
        t_int(read.revision, rows[i].revision);
    }
    char text[SINK_POSITION_TEXT];
    t_str(sink_position_text(text, &rows[1]), "1234.0.17.3.1795446000000000000.400");
}

static void without_a_revision_it_is_none(void **state)
{
    (void)state;
    struct sink_position read = {.revision = 42};
    t_true(sink_position_parse("1234.1.17.3.1795446000000000000", &read));
    t_int(read.seq, 1234);
    t_int(read.ts_recv, 1795446000000000000);
    t_int(read.revision, 0);
}

static void anything_else_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",           "1",
        "1.0.2.3",    "1.0.2.3.4.5.6",
        "1.2.2.3.4",  "-1.0.2.3",
        "1.0.2.3.4 ", " 1.0.2.3.4",
        "1.0.2.x.4",  "1..2.3.4",
        "+1.0.2.3",   "1.0.2.3.",
        "1,0,2,3,4",  "1.0.2.3.99999999999999999999",
        "1.0.2.3.4.", "1.0.2.3.4.x",
    };
    struct sink_position read = {.seq = 42};
    for (size_t i = 0; i < T_COUNT(texts); i++) {
        t_row(texts[i]);
        t_true(!sink_position_parse(texts[i], &read));
    }
    t_int(read.seq, 42);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_position_is_read_back),
        cmocka_unit_test(without_a_revision_it_is_none),
        cmocka_unit_test(anything_else_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
