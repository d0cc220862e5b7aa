/* Where to go on: the decisions without a server. tests/wire/test_sink.py has those with one. */
#include "sink/resume.h"

#include "support/t.h"

static void only_what_the_memory_does_not_know_is_scanned(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t known_ns, created_ns;
        uint64_t known_seq, scanned_seq, first_seq, expected;
    } rows[] = {
        {"nothing is known", 0, 100, 0, 0, 1, 1},
        {"the same stream", 100, 100, 70, 0, 1, 70},
        {"what follows was read too", 100, 100, 70, 90, 1, 91},
        {"nothing of this recorder was found", 100, 100, 0, 90, 1, 91},
        {"the stream has lost its end", 100, 100, 101, 0, 1, 1},
        {"the stream has lost what was read", 100, 100, 70, 101, 1, 1},
        {"its older messages were deleted", 100, 100, 70, 0, 90, 90},
        {"another stream of that name", 50, 100, 70, 0, 1, 1},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const struct sink_memory memory = {.created_ns = rows[i].known_ns,
                                           .stream_seq = rows[i].known_seq,
                                           .scanned_seq = rows[i].scanned_seq};
        const struct nats_stream_state stream = {
            .created_ns = rows[i].created_ns, .first_seq = rows[i].first_seq, .last_seq = 100};
        t_row(rows[i].name);
        t_int(sink_scan_from(&memory, &stream), rows[i].expected);
    }
}

static void the_first_start(void **state)
{
    (void)state;
    const struct outbox_ends ends = {
        .last_seq = 7, .last_event = 5, .last_listed = 3, .last_revision = 9};
    struct sink_position now = sink_first_position(&ends, false);
    t_int(now.seq, 7);
    t_int(now.event, 5);
    t_int(now.listed, 3);
    t_int(now.revision, 0); /* what instruments are is published from the beginning on */
    t_true(now.traded);
    struct sink_position beginning = sink_first_position(&ends, true);
    t_int(beginning.seq, 0);
    t_int(beginning.event, 0);
    t_true(beginning.traded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_the_memory_does_not_know_is_scanned),
        cmocka_unit_test(the_first_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
