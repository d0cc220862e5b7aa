/* Where reading begins: behind what was read, or again when the stream is another one. */
#include "replica/reading.h"

#include "support/t.h"

static void where_it_begins(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct store_place place;
        struct nats_stream_state stream;
        int64_t stored_ns;
        bool start_last;
        struct replica_begin expected;
    } rows[] = {
        {"an empty database",
         {0},
         {.first_seq = 5, .last_seq = 90, .created_ns = 7},
         0,
         false,
         {REPLICA_FROM_BEGINNING, 5, 0, false}},
        {"an empty stream too",
         {0},
         {.created_ns = 7},
         0,
         false,
         {REPLICA_FROM_BEGINNING, 1, 0, false}},
        {"an empty database, from the last",
         {0},
         {.first_seq = 5, .last_seq = 90, .created_ns = 7},
         0,
         true,
         {REPLICA_FROM_LAST, 5, 0, false}},
        {"behind what was read",
         {7, 40, 1000},
         {.first_seq = 5, .last_seq = 90, .created_ns = 7},
         1000,
         true,
         {REPLICA_FROM_PLACE, 41, 0, false}},
        {"the last one was read",
         {7, 90, 1000},
         {.first_seq = 5, .last_seq = 90, .created_ns = 7},
         1000,
         false,
         {REPLICA_FROM_PLACE, 91, 0, false}},
        {"its time is not known",
         {7, 40, 0},
         {.first_seq = 5, .last_seq = 90, .created_ns = 7},
         1000,
         false,
         {REPLICA_FROM_PLACE, 41, 0, false}},
        {"the next ones were deleted",
         {7, 40, 1000},
         {.first_seq = 61, .last_seq = 90, .created_ns = 7},
         0,
         false,
         {REPLICA_FROM_PLACE, 61, 20, false}},
        {"all were deleted",
         {7, 40, 1000},
         {.first_seq = 91, .last_seq = 90, .created_ns = 7},
         0,
         false,
         {REPLICA_FROM_PLACE, 91, 50, false}},
        {"another stream",
         {7, 40, 1000},
         {.first_seq = 1, .last_seq = 90, .created_ns = 8},
         0,
         false,
         {REPLICA_FROM_BEGINNING, 1, 0, true}},
        {"the servers have lost the end",
         {7, 95, 1000},
         {.first_seq = 1, .last_seq = 90, .created_ns = 7},
         0,
         true,
         {REPLICA_FROM_LAST, 1, 0, true}},
        {"and other messages have its numbers",
         {7, 40, 1000},
         {.first_seq = 1, .last_seq = 90, .created_ns = 7},
         1001,
         false,
         {REPLICA_FROM_BEGINNING, 1, 0, true}},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        const struct replica_begin got =
            replica_begin(&rows[i].place, &rows[i].stream, rows[i].stored_ns, rows[i].start_last);
        t_int(got.from, rows[i].expected.from);
        t_int(got.number, rows[i].expected.number);
        t_int(got.missing, rows[i].expected.missing);
        t_int(got.other_stream, rows[i].expected.other_stream);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(where_it_begins)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
