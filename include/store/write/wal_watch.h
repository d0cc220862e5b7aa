/*
 * wal_watch: checkpoints the -wal file, and detects readers that prevent it from being reset.
 *
 * A read transaction needs the state it began with, so the -wal can only grow during a long read.
 * From 64 MB on, or half of the configured limit, it is reported with the name of the reading
 * process; at the limit, nothing more is written until the read has ended. Used by the writer
 * thread only.
 */
#ifndef STORE_WRITE_WAL_WATCH_H
#define STORE_WRITE_WAL_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WAL_WORDS 512

struct sqlite3;

enum wal_news { WAL_NO_NEWS, WAL_STUCK, WAL_FREED };

struct wal_watch {
    struct sqlite3 *db;
    const char *path;    /* borrowed */
    int64_t limit_bytes; /* 0 = none */
    int64_t page_bytes;
    int checkpoint_pages, restart_pages, tell_pages; /* of the -wal, from which each is done */
    int pages;                                       /* in the -wal after the last commit */
    int most_pages;                                  /* largest `pages` while it was stuck */
    bool moved;              /* a checkpoint was made; reset by connection_look() */
    int64_t restart_from_ms; /* earliest next restart: a reader prevented the last */
    bool stuck;              /* and reported */
    int64_t since_ms;
    char reader[WAL_WORDS / 2];
};

/* Registers itself with `db`: do not move either until the connection is closed. */
void wal_watch_init(struct wal_watch *watch, struct sqlite3 *db, const char *path,
                    int64_t limit_bytes);

/*
 * Call after each transaction. `busy`: more data waits to be written, so a checkpoint is postponed
 * unless the -wal is long. Unless WAL_NO_NEWS is returned, `words` (WAL_WORDS) has the message.
 */
enum wal_news wal_watch_step(struct wal_watch *watch, bool busy, int64_t now_ms, char *words);

/* True: the limit is reached and a reader prevents a reset; `words` (WAL_WORDS) has the message. */
bool wal_watch_full(struct wal_watch *watch, int64_t now_ms, char *words);

#endif
