#include "store/write/connection.h"

#include "store/schema.h"
#include "store/sql.h"

#include <errno.h>
#include <sqlite3.h>

/*
 * Whether the database is a replica is a row in it, because its views and trades depend on that. A
 * recorder may continue where a replica ended; the reverse would mix the numbers of two recorders.
 */
static int mark(sqlite3 *db, const struct connection_config *config, struct err *err)
{
    int64_t marked = 0, written = 0;
    int rc = sql_number(db, "SELECT count(*) FROM replica", &marked);
    if (rc == SQLITE_OK)
        rc = sql_number(db, "SELECT written FROM ledger", &written);
    if (rc == SQLITE_OK && config->replica && !marked && written)
        return err_set(err, -EEXIST,
                       "database '%s': a recorder has written it, and source.nats makes a replica: "
                       "set store.path to a file of its own",
                       config->path);
    if (rc == SQLITE_OK && config->replica && !marked)
        rc = sql_exec(db, "INSERT INTO replica VALUES (1, 0, 0, 0)");
    else if (rc == SQLITE_OK && !config->replica && marked)
        rc = sql_exec(db, "DELETE FROM replica");
    return rc == SQLITE_OK ? 0 : sql_fail(db, "cannot write the database", err);
}

int connection_open(struct connection *c, const struct connection_config *config,
                    enum event_kind ended, bool *left_open, struct err *err)
{
    *c = (struct connection){.database.lock_fd = -1};
    int rc = database_open(&c->database, config->path, config->full_sync, err);
    if (rc == 0)
        rc = mark(c->database.db, config, err);
    if (rc == 0)
        rc = batch_writer_open(&c->writer, c->database.db, err);
    if (rc == 0 && config->replica)
        rc = batch_writer_replica(&c->writer, err);
    if (rc == 0)
        rc = list_writer_open(&c->lists, c->database.db, err);
    if (rc == 0)
        rc = upkeep_open(&c->upkeep, c->database.db, config->keep_days, err);
    if (rc == 0)
        rc = tape_writer_open(&c->tape, c->database.db, err);
    if (rc == 0)
        rc = coverage_writer_recover(c->database.db, ended, left_open, err);
    c->open = true;
    if (rc) {
        connection_close(c);
        return rc;
    }
    wal_watch_init(&c->wal, c->database.db, config->path, config->wal_bytes);
    file_watch_init(&c->files, config->path, c->database.lock_fd);
    return 0;
}

void connection_close(struct connection *c)
{
    if (!c->open)
        return;
    batch_writer_close(&c->writer);
    list_writer_close(&c->lists);
    upkeep_close(&c->upkeep);
    tape_writer_close(&c->tape);
    database_close(&c->database);
    *c = (struct connection){.database.lock_fd = -1};
}

/*
 * Without a checkpoint of ours. The sqlite3 of a user may make one, after which the file has at
 * most the pages of the whole database, and fewer than before only after a VACUUM, which counts in
 * the schema, or when the whole database has become smaller.
 */
static bool is_resized_by_copying(struct connection *c)
{
    const struct file_head then = c->files.head;
    struct file_head found;
    int64_t pages = 0; /* of the database with its -wal */
    if (!file_watch_resized(&c->files, &found) ||
        sql_number(c->database.db, "PRAGMA page_count", &pages) != SQLITE_OK)
        return false;
    if (found.pages > then.pages && found.pages > pages)
        return true;
    if (found.size_bytes < then.size_bytes && found.schema == then.schema && pages >= then.pages)
        return true;
    c->files.head = found;
    return false;
}

enum file_loss connection_look(struct connection *c)
{
    bool moved = c->wal.moved;
    enum file_loss loss = file_watch_look(&c->files, moved);
    c->wal.moved = false;
    if (loss == FILE_KEPT && !moved && is_resized_by_copying(c))
        return FILE_OVERWRITTEN;
    return loss;
}

bool connection_checkpoint(struct connection *c)
{
    int in_wal = 0, moved = 0;
    int rc =
        sqlite3_wal_checkpoint_v2(c->database.db, NULL, SQLITE_CHECKPOINT_PASSIVE, &in_wal, &moved);
    return rc == SQLITE_OK && in_wal == moved;
}

int connection_last_seq(const struct connection *c, int64_t *seq)
{
    return sql_number(c->database.db, SCHEMA_LAST_SEQ, seq);
}
