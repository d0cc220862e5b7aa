/*
 * The broker's list of trades merged into the table `trade`: whatever changes have shown, in
 * whatever order, and wherever it is interrupted, each trade is there once.
 */
#include "store/write/tape_writer.h"

#include "base/rng.h"
#include "store/sql.h"
#include "support/moving.h"

#define DAY        art_day(T0)
#define AT(ms)     (T0 + (ms)*NS_PER_MS)
#define COMPLETE   AT(3600999) /* an hour later: the end of a whole second */
#define LISTED_MAX 600

/* --- changes and lists ------------------------------------------------------------------------ */

/* A trade that LA shows, and when that arrives. ts_event 0: LA has no date. */
static void put_last(struct store *store, int64_t seq, struct trade trade, int64_t ts_recv)
{
    struct store_snapshot row = snapshot(0, seq, 100);
    row.ts_recv = ts_recv;
    row.source = SOURCE_STREAM;
    row.changed = ENTRY_BIT(ENTRY_LA);
    row.quote.last_price = trade.price;
    row.quote.last_size = trade.size;
    row.quote.ts_last = trade.ts_event;
    put_row(store, &row);
}

static struct trade trade_at(int64_t ms, double price, double size)
{
    return (struct trade){AT(ms), price, size, TRADE_FROM_HISTORY};
}

/* The writer over a database that no service uses. */
struct bed {
    struct fixture f;
    struct database database;
    struct tape_writer writer;
    struct store_tape tape;
};

static void open_writer(struct bed *bed)
{
    struct err err;
    t_int(database_open(&bed->database, bed->f.path, false, &err), 0);
    t_int(tape_writer_open(&bed->writer, bed->database.db, &err), 0);
}

static void close_writer(struct bed *bed)
{
    tape_writer_close(&bed->writer);
    database_close(&bed->database);
}

static struct store_tape tape_of(struct trade *trades, size_t count)
{
    return (struct store_tape){
        .day = DAY, .ts_complete = COMPLETE, .trades = trades, .count = count};
}

/* `steps` of them, or all; true: it is merged. */
static bool merge_some(struct bed *bed, const struct store_tape *tape, int steps)
{
    bool done = false;
    for (int i = 0; i < steps && !done; i++)
        t_int(tape_writer_step(&bed->writer, tape, 1, &done), SQLITE_OK);
    return done;
}

static struct store_tape_result merge(const struct fixture *f, const struct store_tape *tape)
{
    struct bed bed = {.f = *f};
    open_writer(&bed);
    t_true(merge_some(&bed, tape, INT32_MAX));
    struct store_tape_result result = bed.writer.result;
    close_writer(&bed);
    return result;
}

static const char all_trades[] = "SELECT * FROM trades ORDER BY symbol, ts_event, seq";
static const char all_bars[] = "SELECT * FROM bars_1m ORDER BY symbol, ts_minute";

/* The bars are those of the trades, in whatever order both were written. */
static void check_bars(const struct fixture *f)
{
    t_double(ask(f,
                 "SELECT count(*) FROM (SELECT instrument_id, ts_event / 60000000000, min(price),"
                 " max(price), sum(size), count(*), min(ts_event), max(ts_event) FROM trade"
                 " GROUP BY 1, 2 EXCEPT SELECT instrument_id, ts_minute / 60000000000, low, high,"
                 " volume, trades, ts_open, ts_close FROM bar_1m)"),
             0);
    t_double(ask(f, "SELECT (SELECT count(*) FROM bars_1m) - (SELECT count(*) FROM (SELECT DISTINCT"
                    " symbol, ts_event / 60000000000 FROM trades))"),
             0);
    t_double(ask(f, "SELECT count(*) FROM bar_1m b WHERE trades > 0 AND (open NOT IN (SELECT price "
                    "FROM trade t"
                    " WHERE t.instrument_id = b.instrument_id AND t.ts_event = b.ts_open)"
                    " OR close NOT IN (SELECT price FROM trade t"
                    " WHERE t.instrument_id = b.instrument_id AND t.ts_event = b.ts_close))"),
             0);
}

/* --- one merge -------------------------------------------------------------------------------- */

static struct fixture with_changes(void)
{
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, 2);
    put_last(store, 1, trade_at(100, 1500, 5), AT(150));
    put_last(store, 2, trade_at(2000, 1501, 2), AT(2600)); /* BYMA: a whole second */
    put_last(store, 3, trade_at(9000, 1502, 1), AT(9500)); /* not in the list */
    fixture_close(store);
    return f;
}

static struct trade listed[] = {
    {AT(100), 1500, 5, TRADE_FROM_HISTORY},       {AT(100), 1500, 5, TRADE_FROM_HISTORY},
    {AT(100), 1499, 1, TRADE_FROM_HISTORY},       {AT(2430), 1501, 2, TRADE_FROM_HISTORY},
    {AT(65000), 1503, 4, TRADE_FROM_HISTORY},     {AT(3601000), 1509, 1, TRADE_FROM_HISTORY},
    {AT(-86400000), 1400, 1, TRADE_FROM_HISTORY}, {AT(70300), 1505, 2, TRADE_FROM_HISTORY},
};

static void what_the_changes_have_not_shown_is_added(void **state)
{
    (void)state;
    struct fixture f = with_changes();
    const struct store_tape tape = tape_of(listed, T_COUNT(listed));
    const struct store_tape_result r = merge(&f, &tape);
    t_true(r.merged);
    t_int(r.day, DAY);
    t_int(r.ts_complete, COMPLETE);
    t_int(r.listed, 6); /* not the later one and the one of another day */
    t_int(r.added, 4);
    t_int(r.unlisted, 1);
    t_double(ask(&f, "SELECT count(*) FROM trades"), 7);
    t_double(ask(&f, "SELECT count(*) FROM trades WHERE origin = 'history'"), 4);
    t_double(ask(&f, "SELECT listed FROM ledger"), 4);
    t_double(ask(&f, "SELECT listed * 100 + unlisted FROM tape_day WHERE ts_merged > 0"), 601);
    t_double(ask(&f, "SELECT ts_complete FROM tape_day"), (double)COMPLETE);
    /* Within a millisecond in the order of the list. */
    t_double(ask(&f, "SELECT group_concat(seq, ' ') = '-2 -1 1' FROM (SELECT seq FROM trade"
                     " WHERE ts_event = (SELECT min(ts_event) FROM trade) ORDER BY seq)"),
             1);
    t_double(ask(&f, "SELECT price FROM trade WHERE seq = -2"), 1500);
    check_bars(&f);
    fixture_remove(&f);
}

static void rows_that_are_moved_later_add_nothing(void **state)
{
    (void)state;
    struct fixture f = with_changes();
    const struct store_tape tape = tape_of(listed, T_COUNT(listed));
    merge(&f, &tape);
    uint64_t trades = digest(&f, all_trades), bars = digest(&f, all_bars);
    move(&f, INT32_MAX);
    t_double(ask(&f, "SELECT count(*) FROM snapshot_recent"), 0);
    t_true(digest(&f, all_trades) == trades);
    t_true(digest(&f, all_bars) == bars);

    /* After a restart, REST shows the last one again, with BYMA's time, and then a new one. */
    struct store *store = fixture_store(f.path, 2);
    put_last(store, 4, trade_at(65000, 1503, 4), AT(70000));
    put_last(store, 5, trade_at(2000, 1501, 2), AT(71000));
    put_last(store, 6, trade_at(70000, 1505, 2), AT(72000)); /* not shown before */
    put_last(store, 7, trade_at(3602000, 1510, 3), AT(3603000));
    fixture_close(store);
    t_double(ask(&f, "SELECT count(*) FROM trades"), 8);
    move(&f, INT32_MAX);
    t_double(ask(&f, "SELECT count(*) FROM trades"), 8);
    t_double(ask(&f, "SELECT size FROM trade WHERE seq = 7"), 3);
    check_bars(&f);
    fixture_remove(&f);
}

static void the_same_list_adds_nothing_again(void **state)
{
    (void)state;
    struct fixture f = with_changes();
    struct store_tape tape = tape_of(listed, T_COUNT(listed));
    merge(&f, &tape);
    uint64_t trades = digest(&f, all_trades);
    t_int(merge(&f, &tape).added, 0);
    t_true(digest(&f, all_trades) == trades);

    tape.ts_complete = AT(60000); /* an older answer that arrives later: the time is not lowered */
    t_int(merge(&f, &tape).added, 0);
    t_double(ask(&f, "SELECT ts_complete FROM tape_day"), (double)COMPLETE);

    tape.ts_complete = AT(3602500); /* a newer one */
    t_int(merge(&f, &tape).added, 1);
    t_double(ask(&f, "SELECT ts_complete FROM tape_day"), (double)AT(3601999));
    t_double(ask(&f, "SELECT min(seq) FROM trade"), -5);
    check_bars(&f);
    fixture_remove(&f);
}

static void lists_at_the_edges(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t day, ts_complete; /* relative to DAY and T0 */
        size_t count;
        int64_t complete_ms, listed, added, unlisted;
    } rows[] = {
        {"an empty list of a day with trades", 0, 3600 * NS_PER_S, 0, 3599999, 0, 0, 3},
        {"an empty list of a day without", 1, 40 * NS_PER_HOUR, 0, 36 * 3600000 - 1, 0, 0, 0},
        {"the day before", -1, 0, T_COUNT(listed), -12 * 3600000 - 1, 1, 1, 0},
        {"complete up to the middle of a second", 0, 2500 * NS_PER_MS, T_COUNT(listed), 1999, 3, 2,
         0},
        {"complete until long after the day", 0, 400 * NS_PER_HOUR, T_COUNT(listed),
         12 * 3600000 - 1, 7, 5, 1},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct fixture f = with_changes();
        struct store_tape tape = tape_of(listed, rows[i].count);
        t_row(rows[i].name);
        tape.day += rows[i].day;
        tape.ts_complete = T0 + rows[i].ts_complete;
        const struct store_tape_result r = merge(&f, &tape);
        t_int(r.ts_complete, AT(rows[i].complete_ms));
        t_int(r.listed, rows[i].listed);
        t_int(r.added, rows[i].added);
        t_int(r.unlisted, rows[i].unlisted);
        t_double(ask(&f, "SELECT count(*) FROM tape_day WHERE ts_merged IS NOT NULL"), 1);
        fixture_remove(&f);
    }
    t_row("");
}

/* --- rows that are corrected ------------------------------------------------------------------ */

static const char rows_of_trade[] =
    "SELECT group_concat(((ts_event - 1795446000000000000) / 1000000) || ' ' || price || ' ' ||"
    " ifnull(size, '-') || ' ' || origin || ' ' || undated || ' ' || corrected, ', ')"
    " FROM (SELECT * FROM trade ORDER BY ts_event, seq)";

static void rows_of_the_terminal_get_size_and_time(void **state)
{
    (void)state;
    static struct trade list[] = {
        {AT(1250), 1500, 5, TRADE_FROM_HISTORY},
        {AT(1700), 1500, 5, TRADE_FROM_HISTORY},
        {AT(62345), 1501, 2, TRADE_FROM_HISTORY},
    };
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, 1);
    char text[256];
    t_int(T0, INT64_C(1795446000000000000));
    put_last(store, 1, (struct trade){AT(1000), 1500, NAN, 0}, AT(1400));
    put_last(store, 2, (struct trade){AT(62000), 1501, NAN, 0}, AT(62500));
    put_last(store, 3, (struct trade){AT(63000), 1502, NAN, 0}, AT(63500)); /* not in the list */
    fixture_close(store);
    t_double(ask(&f, "SELECT sum(volume) IS NULL FROM bars_1m"), 1);
    const struct store_tape tape = tape_of(list, T_COUNT(list));
    const struct store_tape_result r = merge(&f, &tape);
    t_int(r.added, 1);
    t_int(r.corrected, 2);
    t_int(r.unlisted, 1);
    t_true(ask_text(&f, rows_of_trade, text, sizeof(text)));
    t_str(text, "1250 1500.0 5.0 2 0 2, 1700 1500.0 5.0 4 0 0, 62345 1501.0 2.0 2 0 3, "
                "63000 1502.0 - 2 0 0");
    t_double(ask(&f, "SELECT sum(volume) FROM bars_1m"), 12);
    t_double(ask(&f, "SELECT listed FROM ledger"), 3);
    t_double(ask(&f, "SELECT max(last_listed) FROM bar_1m"), 3);
    check_bars(&f);
    uint64_t before = digest(&f, all_trades);
    t_int(merge(&f, &tape).corrected, 0);
    t_true(digest(&f, all_trades) == before);
    t_double(ask(&f, "SELECT listed FROM ledger"), 3);
    fixture_remove(&f);
}

/* The list says when a trade was made that LA showed without a date, also before its last minute.
 */
static void a_trade_without_a_date_gets_its_time(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t arrived_ms, complete_ms;
    } rows[] = {
        {"at once", 9100, 3600999},
        {"in the next minute", 61000, 3600999},
        {"long afterwards", 3000000, 3600999},
        {"after the time of the list", 61000, 59999},
    };
    static struct trade list[] = {{AT(1000), 1499, 2, TRADE_FROM_HISTORY},
                                  {AT(9000), 1500, 5, TRADE_FROM_HISTORY}};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct fixture f = fixture_make();
        struct store *store = fixture_store(f.path, 1);
        struct store_tape tape = tape_of(list, T_COUNT(list));
        t_row(rows[i].name);
        put_last(store, 1, (struct trade){0, 1500, 5, 0}, AT(rows[i].arrived_ms));
        fixture_close(store);
        tape.ts_complete = AT(rows[i].complete_ms);
        const struct store_tape_result r = merge(&f, &tape);
        t_int(r.added, 1);
        t_int(r.corrected, 1);
        t_int(r.unlisted, 0);
        t_double(ask(&f, "SELECT count(*) FROM trades"), 2);
        t_double(ask(&f, "SELECT ts_event FROM trades WHERE seq = 1"), (double)AT(9000));
        t_double(ask(&f, "SELECT count(*) FROM bars_1m"), 1);
        check_bars(&f);
        move(&f, INT32_MAX);
        t_double(ask(&f, "SELECT count(*) FROM trades"), 2);
        t_int(merge(&f, &tape).corrected, 0);

        /* A trade in the minute that has none any more. */
        store = fixture_store(f.path, 1);
        put_last(store, 2, (struct trade){AT(3661000), 1505, 7, 0}, AT(3661100));
        put_last(store, 3, (struct trade){AT(61000), 1503, 4, 0}, AT(3662000));
        fixture_close(store);
        move(&f, INT32_MAX);
        check_bars(&f);
        fixture_remove(&f);
    }
    t_row("");
}

/* The last trade of the list is shown by LA without a date, after the list was merged. */
static void a_listed_trade_that_is_shown_without_a_date_adds_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double price, size;
        double trades;
    } rows[] = {
        {"the last one", 1502, 3, 3},
        {"one just before, in a message that was late", 1501, 2, 3},
        {"the last one without a size", 1502, NAN, 3},
        {"another size", 1502, 4, 4},
        {"another price", 1503, 3, 4},
        {"an earlier one: it was traded again", 1500, 5, 4},
    };
    static struct trade list[] = {{AT(1000), 1500, 5, TRADE_FROM_HISTORY},
                                  {AT(7200), 1501, 2, TRADE_FROM_HISTORY},
                                  {AT(9000), 1502, 3, TRADE_FROM_HISTORY}};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct fixture f = fixture_make();
        struct store_tape tape = tape_of(list, T_COUNT(list));
        t_row(rows[i].name);
        fixture_close(fixture_store(f.path, 1));
        tape.ts_complete = AT(59999);
        merge(&f, &tape);
        struct store *store = fixture_store(f.path, 1);
        put_last(store, 1, (struct trade){0, rows[i].price, rows[i].size, 0}, AT(65000));
        fixture_close(store);
        t_double(ask(&f, "SELECT count(*) FROM trades"), rows[i].trades);
        move(&f, INT32_MAX);
        t_double(ask(&f, "SELECT count(*) FROM trades"), rows[i].trades);
        check_bars(&f);
        fixture_remove(&f);
    }
    t_row("");
}

/* --- interruptions ---------------------------------------------------------------------------- */

/* Many trades, of which changes have shown some, in several transactions. */
static size_t long_list(struct trade *out)
{
    for (size_t i = 0; i < LISTED_MAX; i++)
        out[i] = trade_at((int64_t)i * 777 / 10 * 10, 1500 + (double)(i % 7), (double)(i % 3 + 1));
    return LISTED_MAX;
}

static struct fixture with_many_changes(const struct trade *list)
{
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, 1);
    for (int64_t i = 0; i < LISTED_MAX; i += 3) {
        struct trade seen = list[i];
        int64_t ts_recv = seen.ts_event + NS_PER_S;
        if (i % 2)
            seen.ts_event = seen.ts_event / NS_PER_S * NS_PER_S;
        if (i % 4 == 1) /* the terminal */
            seen.size = NAN;
        if (i % 8 == 0)
            seen.ts_event = 0;
        put_last(store, i / 3 + 1, seen, ts_recv);
    }
    fixture_close(store);
    return f;
}

static int count_steps(const struct store_tape *tape)
{
    struct bed bed = {.f = with_many_changes(tape->trades)};
    int steps = 0;
    open_writer(&bed);
    bed.writer.step_ms = 0; /* each transaction has the fewest rows */
    while (!merge_some(&bed, tape, 1))
        steps++;
    close_writer(&bed);
    fixture_remove(&bed.f);
    return steps + 1;
}

/* The rows of the table, whatever the numbers of those that were added. */
static const char rows_only[] =
    "SELECT instrument_id, ts_event, price, size, origin FROM trade ORDER BY 1, 2, 3, 4, 5";

static void a_merge_that_is_killed_can_be_repeated(void **state)
{
    (void)state;
    static struct trade list[LISTED_MAX];
    const struct store_tape tape = tape_of(list, long_list(list));
    struct fixture whole = with_many_changes(list);
    merge(&whole, &tape);
    uint64_t expected = digest(&whole, rows_only);
    double rows = ask(&whole, "SELECT count(*) FROM trade");
    t_true(rows >= LISTED_MAX);
    int steps = count_steps(&tape);
    t_true(steps > 20);
    for (int killed_after = 0; killed_after < steps; killed_after += 3) {
        char name[32];
        snprintf(name, sizeof(name), "killed after step %d", killed_after);
        t_row(name);
        struct bed bed = {.f = with_many_changes(list)};
        open_writer(&bed);
        bed.writer.step_ms = 0;
        t_true(!merge_some(&bed, &tape, killed_after));
        close_writer(&bed);
        t_double(ask(&bed.f, "SELECT count(*) FROM tape_day WHERE ts_merged IS NOT NULL"), 0);
        if (killed_after / 3 % 2) /* the next start may first move the rows */
            move(&bed.f, INT32_MAX);
        merge(&bed.f, &tape);
        move(&bed.f, INT32_MAX);
        t_double(ask(&bed.f, "SELECT count(*) FROM trade"), rows);
        t_true(digest(&bed.f, rows_only) == expected);
        t_double(ask(&bed.f, "SELECT count(DISTINCT seq) - count(*) FROM trade"), 0);
        check_bars(&bed.f);
        fixture_remove(&bed.f);
    }
    fixture_remove(&whole);
    t_row("");
}

/* Another program holds the write lock at each step in turn. */
static void a_step_that_fails_is_repeated(void **state)
{
    (void)state;
    static struct trade list[LISTED_MAX];
    const struct store_tape tape = tape_of(list, long_list(list));
    struct fixture whole = with_many_changes(list);
    int64_t added = merge(&whole, &tape).added;
    uint64_t expected = digest(&whole, rows_only);
    struct bed bed = {.f = with_many_changes(list)};
    sqlite3 *user;
    struct err err;
    bool done = false;
    int refused = 0, granted = 0;
    open_writer(&bed);
    bed.writer.step_ms = 0;
    sqlite3_busy_timeout(bed.database.db, 0);
    t_int(sql_open(&user, bed.f.path, SQL_WRITE, 0, &err), 0);
    while (!done) {
        t_int(sql_begin(user), SQLITE_OK);
        refused += tape_writer_step(&bed.writer, &tape, 1, &done) != SQLITE_OK;
        sql_exec(user, "ROLLBACK");
        t_true(!done);
        for (int n = 0; n <= granted && !done; n++) /* each time it gets a step further */
            t_int(tape_writer_step(&bed.writer, &tape, 1, &done), SQLITE_OK);
        granted++;
    }
    t_true(refused > 5);
    t_int(bed.writer.result.added, added); /* of all attempts */
    sqlite3_close(user);
    close_writer(&bed);
    t_true(digest(&bed.f, rows_only) == expected);
    check_bars(&bed.f);
    fixture_remove(&bed.f);
    fixture_remove(&whole);
}

/* --- a random day against the truth ----------------------------------------------------------- */

#define TRADES 300

/* A market whose trades are all known, and what a service sees of them. */
struct market_day {
    struct rng rng;
    struct fixture f;
    struct trade truth[TRADES];
    int64_t seq;
    enum { ROFEX, BYMA, TERMINAL, UNDATED, KINDS } kind;
};

static void make_truth(struct market_day *m)
{
    int64_t ms = 0;
    for (size_t i = 0; i < TRADES; i++) {
        if (rng_below(&m->rng, 6))
            ms += rng_below(&m->rng, 900);
        m->truth[i] =
            trade_at(ms, 1500 + (double)rng_below(&m->rng, 3), (double)(1 + rng_below(&m->rng, 2)));
    }
}

static struct trade seen_as(const struct market_day *m, const struct trade *trade)
{
    struct trade seen = *trade;
    if (m->kind == BYMA || m->kind == TERMINAL)
        seen.ts_event = seen.ts_event / NS_PER_S * NS_PER_S;
    if (m->kind == TERMINAL)
        seen.size = NAN;
    if (m->kind == UNDATED)
        seen.ts_event = 0;
    return seen;
}

/* The same last trade once more. Without a date, market/market sees no change in it. */
static void repeat_last(struct market_day *m, struct store *store, size_t to)
{
    if (to && m->kind != UNDATED && rng_below(&m->rng, 2))
        put_last(store, ++m->seq, seen_as(m, &m->truth[to - 1]), m->truth[to - 1].ts_event + 1);
}

/* The service runs while the trades [from, to) are made: it sees most of them. */
static void record(struct market_day *m, size_t from, size_t to)
{
    struct store *store = fixture_store(m->f.path, 1);
    repeat_last(m, store, from); /* LA still has the last one before */
    for (size_t i = from; i < to; i++) {
        if (rng_below(&m->rng, 3) == 0)
            continue;
        put_last(store, ++m->seq, seen_as(m, &m->truth[i]),
                 m->truth[i].ts_event + rng_below(&m->rng, 300) * NS_PER_MS);
    }
    repeat_last(m, store, to); /* the other source */
    fixture_close(store);
}

/* The list as it is after the trade `to`; the service may be killed while it merges it. */
static void merge_until(struct market_day *m, size_t to, bool last)
{
    struct bed bed = {.f = m->f};
    struct store_tape tape = tape_of(m->truth, to);
    tape.ts_complete = last ? COMPLETE : to ? m->truth[to - 1].ts_event : T0;
    open_writer(&bed);
    bed.writer.step_ms = 0;
    bool done = merge_some(&bed, &tape, last ? INT32_MAX : (int)rng_below(&m->rng, 12));
    t_true(done || !last);
    close_writer(&bed);
}

/* Of each second, price and size as many rows as trades were made. */
static void check_truth(const struct market_day *m)
{
    sqlite3 *db;
    struct err err;
    t_int(sql_open(&db, m->f.path, SQL_READ, 0, &err), 0);
    t_int(sql_exec(db, "CREATE TEMP TABLE truth (second, price, size)"), SQLITE_OK);
    for (size_t i = 0; i < TRADES; i++)
        t_int(sql_once(db, "INSERT INTO temp.truth VALUES (?1, ?2, ?3)",
                       SQL_VALUES(SQL_WHOLE(m->truth[i].ts_event / NS_PER_S),
                                  SQL_REAL(m->truth[i].price), SQL_REAL(m->truth[i].size))),
              SQLITE_OK);
    int64_t differences = -1;
    t_int(sql_number(db,
                     "SELECT count(*) FROM (SELECT second, price, size, count(*) FROM truth"
                     " GROUP BY 1, 2, 3 EXCEPT SELECT ts_event / 1000000000, price, size, count(*)"
                     " FROM trades GROUP BY 1, 2, 3)",
                     &differences),
          SQLITE_OK);
    t_int(differences, 0);
    sqlite3_close(db);
}

static void each_trade_of_a_random_day_is_there_once(void **state)
{
    (void)state;
    static struct market_day m;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        char name[32];
        snprintf(name, sizeof(name), "day %d", (int)seed);
        t_row(name);
        m = (struct market_day){.rng = {.state = seed}, .kind = seed % KINDS};
        m.f = fixture_make();
        make_truth(&m);
        for (size_t at = 0; at < TRADES;) {
            size_t to = at + (size_t)rng_below(&m.rng, 90) + 1;
            to = to < TRADES ? to : TRADES;
            if (rng_below(&m.rng, 4)) /* else an outage */
                record(&m, at, to);
            else
                record(&m, to, to); /* only the last one, after it */
            if (rng_below(&m.rng, 2))
                move_bites(&m.f, (int)rng_below(&m.rng, 3)); /* 1: all rows are in both tables */
            if (rng_below(&m.rng, 2))
                merge_until(&m, to, false);
            at = to;
        }
        merge_until(&m, TRADES, true);
        t_double(ask(&m.f, "SELECT count(*) FROM trades"), TRADES);
        move(&m.f, INT32_MAX);
        t_double(ask(&m.f, "SELECT count(*) FROM trades"), TRADES);
        check_truth(&m);
        t_double(ask(&m.f, "SELECT unlisted FROM tape_day"), 0);
        check_bars(&m.f);
        fixture_remove(&m.f);
    }
    t_row("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_changes_have_not_shown_is_added),
        cmocka_unit_test(rows_that_are_moved_later_add_nothing),
        cmocka_unit_test(the_same_list_adds_nothing_again),
        cmocka_unit_test(lists_at_the_edges),
        cmocka_unit_test(rows_of_the_terminal_get_size_and_time),
        cmocka_unit_test(a_trade_without_a_date_gets_its_time),
        cmocka_unit_test(a_listed_trade_that_is_shown_without_a_date_adds_nothing),
        cmocka_unit_test(a_merge_that_is_killed_can_be_repeated),
        cmocka_unit_test(a_step_that_fails_is_repeated),
        cmocka_unit_test(each_trade_of_a_random_day_is_there_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
