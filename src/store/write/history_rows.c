#include "store/write/history_rows.h"

#include "market/trade.h"
#include "store/packed.h"
#include "store/sql.h"

#include <sqlite3.h>
#include <stddef.h>

#define MEMBER(name) offsetof(struct history_rows, name)

static const struct sql_statement statements[] = {
    {MEMBER(cover), "INSERT INTO history_seq SELECT seq / 32768, seq, ts_recv, ts_recv"
                    " FROM snapshot_recent WHERE seq = ?1" HISTORY_SEQ_EXTEND},
    /* The mover may have copied it already. */
    {MEMBER(add), "INSERT OR REPLACE INTO snapshot_history (" PACKED_COLUMNS
                  ") SELECT " PACKED_COLUMNS " FROM snapshot_recent WHERE seq = ?1"},
    {MEMBER(remove), "DELETE FROM snapshot_recent WHERE seq = ?1"},
};
#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

int history_rows_open(struct history_rows *rows, sqlite3 *db, struct err *err)
{
    *rows = (struct history_rows){0};
    int rc = sql_prepare_all(rows, statements, STATEMENTS, db, err);
    if (rc == 0)
        rc = tape_rows_open(&rows->tape, db, err);
    if (rc)
        history_rows_close(rows);
    return rc;
}

void history_rows_close(struct history_rows *rows)
{
    sql_finalize_all(rows, statements, STATEMENTS);
    tape_rows_close(&rows->tape);
}

int history_rows_move(struct history_rows *rows, int64_t seq, uint32_t changed)
{
    int rc = sql_run(rows->cover, SQL_VALUES(SQL_WHOLE(seq)));
    if (rc == SQLITE_OK)
        rc = sql_run(rows->add, SQL_VALUES(SQL_WHOLE(seq)));
    if (rc == SQLITE_OK && changed & TRADE_ENTRIES)
        rc = tape_rows_show(&rows->tape, seq);
    return rc == SQLITE_OK ? sql_run(rows->remove, SQL_VALUES(SQL_WHOLE(seq))) : rc;
}
