/*
 * list_writer: writes the reference data of a list of instruments, and its segments, in slices, so
 * that no transaction takes longer than LIST_WRITER_MS and other programs can write in between.
 *
 * Rows of instruments that are recorded or were listed before keep their id. Used by the writer
 * thread only.
 */
#ifndef STORE_WRITE_LIST_WRITER_H
#define STORE_WRITE_LIST_WRITER_H

#include "base/err.h"
#include "market/instrument_list.h"

#define LIST_WRITER_MS 20

struct sqlite3;
struct sqlite3_stmt;

struct list_writer {
    struct sqlite3 *db;
    struct sqlite3_stmt *put, *put_segment, *mark;
};

/* A list and how far it is written. */
struct list_progress {
    struct instrument_list *list; /* a share; NULL = there is none */
    int64_t ts_read; /* when the broker sent it; 0 = it is not the broker's whole list */
    char *broker;    /* owned */
    size_t at;       /* the next instrument */
    bool done;
};

int list_writer_open(struct list_writer *writer, struct sqlite3 *db, struct err *err);
void list_writer_close(struct list_writer *writer);

/* Writes a slice and commits it. Returns SQLite's result code; after anything but SQLITE_OK nothing
 * of the slice is written, and `progress` is unchanged. */
int list_writer_step(struct list_writer *writer, struct list_progress *progress);

/* Writes a part of a list within the caller's transaction. Returns SQLite's result code. */
int list_writer_put(struct list_writer *writer, const struct instrument_list *list);

bool list_progress_pending(const struct list_progress *progress);
void list_progress_finish(struct list_progress *progress);

#endif
