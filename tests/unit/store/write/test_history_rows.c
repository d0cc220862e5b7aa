/*
 * A change is moved with the trade it shows: it is in exactly one of the two tables, its trade is
 * visible once before and after, and what is not there is left alone.
 */
#include "store/write/history_rows.h"

#include "base/clock.h"
#include "support/moving.h"

static void put(struct store *store, int64_t seq, uint32_t changed, double price)
{
    struct store_snapshot row = snapshot(0, seq, 100);
    row.ts_recv = T0 + seq * NS_PER_S;
    row.changed = changed;
    row.quote.last_price = price;
    row.quote.last_size = 3;
    row.quote.ts_last = T0 + NS_PER_S / 2;
    put_row(store, &row);
}

static void a_change_is_moved_with_its_trade(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t seq;
        uint32_t changed;
        double recent, history, trades; /* rows afterwards */
    } steps[] = {
        {"a quote", 1, ENTRY_BIT(ENTRY_BI), 3, 1, 0},
        {"the same again", 1, ENTRY_BIT(ENTRY_BI), 3, 1, 0},
        {"a trade", 2, ENTRY_BIT(ENTRY_LA), 2, 2, 1},
        {"the same again", 2, ENTRY_BIT(ENTRY_LA), 2, 2, 1},
        {"the same trade in another change", 4, ENTRY_BIT(ENTRY_LA), 1, 3, 1},
        {"LA without a price", 3, ENTRY_BIT(ENTRY_LA), 0, 4, 1},
        {"a change that does not exist", 9, ENTRY_BIT(ENTRY_LA), 0, 4, 1},
    };
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, 1);
    struct database database;
    struct history_rows rows;
    struct err err;
    put(store, 1, ENTRY_BIT(ENTRY_BI), 1500);
    put(store, 2, ENTRY_BIT(ENTRY_LA), 1500);
    put(store, 3, ENTRY_BIT(ENTRY_LA), NAN);
    put(store, 4, ENTRY_BIT(ENTRY_LA), 1500);
    fixture_close(store);
    t_int(database_open(&database, f.path, false, &err), 0);
    t_int(history_rows_open(&rows, database.db, &err), 0);
    for (size_t i = 0; i < T_COUNT(steps); i++) {
        t_row(steps[i].name);
        t_int(history_rows_move(&rows, steps[i].seq, steps[i].changed), SQLITE_OK);
        t_double(ask(&f, "SELECT count(*) FROM snapshot_recent"), steps[i].recent);
        t_double(ask(&f, "SELECT count(*) FROM snapshot_history"), steps[i].history);
        t_double(ask(&f, "SELECT count(*) FROM trade"), steps[i].trades);
        t_double(ask(&f, "SELECT count(*) FROM trades"), 1);
        t_double(ask(&f, "SELECT sum(volume) FROM bars_1m"), 3);
    }
    t_row("");
    history_rows_close(&rows);
    database_close(&database);
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_is_moved_with_its_trade),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
