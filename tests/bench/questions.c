#include "questions.h"

#include "base/clock.h"
#include "base/rng.h"
#include "history.h"
#include "report.h"
#include "statements.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_NS   (3600 * NS_PER_S)
#define ASKED_MAX 100000
#define WHERE     " FROM snapshots WHERE symbol = ?1 AND ts_recv BETWEEN ?2 AND ?3"

struct question {
    const char *name, *sql;
    sqlite3_stmt *stmt;
    double *ms; /* owned */
    int64_t count, rows;
};

static const struct question questions[] = {
    {.name = "hour", .sql = "SELECT *" WHERE},
    {.name = "hour_bare",
     .sql = "SELECT * FROM snapshot_history WHERE instrument_id = (SELECT id FROM instrument "
            "WHERE symbol = ?1) AND ts_recv BETWEEN ?2 AND ?3"},
    {.name = "hour_prices",
     .sql = "SELECT recv_time, bid_price, offer_price, last_price" WHERE " ORDER BY ts_recv"},
    {.name = "hour_mean", .sql = "SELECT count(*), avg(offer_price - bid_price)" WHERE},
    {.name = "quotes", .sql = "SELECT * FROM quotes"},
};
#define QUESTIONS (sizeof(questions) / sizeof(questions[0]))

struct asking {
    sqlite3 *db;
    struct question list[QUESTIONS];
    char (*symbols)[64]; /* owned */
    int64_t symbols_count;
    int days;
    struct rng rng;
};

static void read_symbols(struct asking *a)
{
    sqlite3_stmt *stmt = statement_prepare(a->db, "SELECT symbol FROM instrument");
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        a->symbols = realloc(a->symbols, (size_t)(a->symbols_count + 1) * sizeof(*a->symbols));
        if (!a->symbols)
            report_fail("out of memory");
        snprintf(a->symbols[a->symbols_count++], sizeof(*a->symbols), "%s",
                 (const char *)sqlite3_column_text(stmt, 0));
    }
    sqlite3_finalize(stmt);
}

static void open_all(struct asking *a, const char *path)
{
    if (sqlite3_open_v2(path, &a->db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        report_fail("%s", sqlite3_errmsg(a->db));
    sqlite3_busy_timeout(a->db, 10000);
    read_symbols(a);
    memcpy(a->list, questions, sizeof(questions));
    for (size_t i = 0; i < QUESTIONS; i++) {
        a->list[i].stmt = statement_prepare(a->db, a->list[i].sql);
        a->list[i].ms = calloc(ASKED_MAX, sizeof(double));
        if (!a->list[i].ms)
            report_fail("out of memory");
    }
}

/* Selects a different instrument and hour for each query. */
static void choose(struct asking *a, sqlite3_stmt *stmt)
{
    if (!sqlite3_bind_parameter_count(stmt))
        return;
    int64_t open_ns = history_opens_ns((int)rng_below(&a->rng, a->days), a->days);
    int64_t from = open_ns + rng_below(&a->rng, HISTORY_SESSION_NS - HOUR_NS);
    sqlite3_bind_text(stmt, 1, a->symbols[rng_below(&a->rng, a->symbols_count)], -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 2, from);
    sqlite3_bind_int64(stmt, 3, from + HOUR_NS);
}

static void answer(struct asking *a, struct question *question)
{
    int columns = sqlite3_column_count(question->stmt);
    choose(a, question->stmt);
    struct stopwatch watch = stopwatch_start();
    while (sqlite3_step(question->stmt) == SQLITE_ROW) {
        question->rows++;
        for (int i = 0; i < columns; i++)
            (void)sqlite3_column_type(question->stmt, i);
    }
    sqlite3_reset(question->stmt);
    question->ms[question->count++] = stopwatch_read(&watch).wall_s * 1000;
}

static void report_question(struct question *question)
{
    char name[64];
    snprintf(name, sizeof(name), "%s_rows", question->name);
    report(name, (double)question->rows / (double)question->count);
    report_spread(question->name, question->ms, question->count);
    free(question->ms);
}

void questions_ask(const char *path, int days, double seconds)
{
    struct asking a = {.days = days, .rng = {7}};
    open_all(&a, path);
    struct stopwatch watch = stopwatch_start();
    while (stopwatch_read(&watch).wall_s < seconds && a.list[0].count < ASKED_MAX) {
        for (size_t i = 0; i < QUESTIONS; i++)
            answer(&a, &a.list[i]);
    }
    for (size_t i = 0; i < QUESTIONS; i++) {
        report_question(&a.list[i]);
        sqlite3_finalize(a.list[i].stmt);
    }
    sqlite3_close(a.db);
    free(a.symbols);
}
