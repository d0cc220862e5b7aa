/*
 * store_thread: the writer thread: waits for work, writes, runs the upkeep, retries after failures.
 *
 * Private to store.c, which starts it. Only this thread uses the database; data used by both
 * threads is protected by the lock, which is held for copying only.
 */
#ifndef STORE_WRITE_STORE_THREAD_H
#define STORE_WRITE_STORE_THREAD_H

#include "store/write/carried_state.h"
#include "store/write/connection.h"
#include "store/write/inbox.h"
#include "store/write/reopen.h"
#include "store/write/store.h"
#include "store/write/tape_work.h"
#include "store/write/trouble.h"

#include <pthread.h>

struct store {
    char *path;
    struct connection_config config;
    int64_t commit_every_ms;
    store_notice_fn *notice;
    void *arg;
    pthread_t thread;
    bool pressed; /* after the last change; used by the caller's thread only */

    pthread_mutex_t lock; /* guards what follows; held for copying only, never while SQLite works */
    pthread_cond_t wake;
    struct inbox inbox;
    int64_t waiting_since_ms;   /* since when the inbox is not empty; 0 = it is empty */
    size_t held_rows;           /* in the current batch */
    int64_t close_by_ms;        /* 0 = open */
    struct list_progress given; /* the newest list, not taken by the writer thread yet */
    int keep_days;
    store_commit_fn *on_commit; /* NULL: nobody is told */
    void *commit_arg;
    struct store_stats stats;

    struct batch batch; /* from here on used by the writer thread only */
    struct connection connection;
    struct list_progress list; /* the last one taken; kept for a database that replaces this one */
    int64_t list_from_ms;      /* its next slice is not written before this */
    struct carried_state carry;
    struct reopen reopen;  /* the last database that was lost */
    int64_t look_from_ms;  /* the next check of the files is not before this */
    int64_t held_since_ms; /* since when a read prevents the reopening; 0 = none does */
    bool held_told;        /* that was reported */
    struct trouble trouble;
    bool gave_up;

    struct tape_work tapes; /* its queue is guarded by the lock */
};

void *store_thread_run(void *store);

#endif
