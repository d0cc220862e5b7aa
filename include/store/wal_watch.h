/*
 * wal_watch: moves the -wal file into the database in time, and notices who keeps it from it.
 *
 * A reader holds the state it began with, so that the -wal can only grow while a long read lasts.
 * From 64 MB on, or half of the user's limit, it is told, with the reader's name; from the limit on
 * nothing more is to be written until the reader has ended. Belongs to the writer's thread.
 */
#ifndef STORE_WAL_WATCH_H
#define STORE_WAL_WATCH_H

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
    int checkpoint_pages, restart_pages, tell_pages; /* the -wal is so long: what is done */
    int pages;                                       /* in the -wal after the last commit */
    int most_pages;                                  /* while it was stuck */
    bool moved;              /* a checkpoint was made; whoever looks at the file resets it */
    int64_t restart_from_ms; /* not before: somebody reads on and on */
    bool stuck;              /* and told */
    int64_t since_ms;
    char reader[WAL_WORDS / 2];
};

/* Registers itself with `db`: both stay where they are until the connection is closed. */
void wal_watch_init(struct wal_watch *watch, struct sqlite3 *db, const char *path,
                    int64_t limit_bytes);

/*
 * After each transaction. `busy`: more waits to be written, so a checkpoint can wait unless the
 * -wal is long. With news, `words` (WAL_WORDS) has them.
 */
enum wal_news wal_watch_step(struct wal_watch *watch, bool busy, int64_t now_ms, char *words);

/* True: the limit is reached, a reader still holds it, and `words` (WAL_WORDS) says so. */
bool wal_watch_full(struct wal_watch *watch, int64_t now_ms, char *words);

#endif
