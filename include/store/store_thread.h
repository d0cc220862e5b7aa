/*
 * store_thread: what the store's thread does: wait, write, tidy up, and go on after trouble.
 *
 * Only store.c, which starts it, looks into what is declared here. The thread has the database to
 * itself; what both threads use is behind the lock, which is held for copying only.
 */
#ifndef STORE_STORE_THREAD_H
#define STORE_STORE_THREAD_H

#include "store/carry.h"
#include "store/connection.h"
#include "store/inbox.h"
#include "store/reopen.h"
#include "store/store.h"
#include "store/trouble.h"

#include <pthread.h>

struct store {
    char *path;
    struct connection_config config;
    int64_t commit_every_ms;
    store_notice *notice;
    void *arg;
    pthread_t thread;

    pthread_mutex_t lock; /* guards what follows; held for copying only, never while SQLite works */
    pthread_cond_t wake;
    struct inbox inbox;
    int64_t waiting_since_ms; /* the oldest thing in the inbox; 0 = nothing waits */
    size_t held_rows;         /* in the batch under way */
    int64_t close_by_ms;      /* 0 = open */
    int keep_days;
    struct store_stats stats;

    struct batch batch; /* the thread's own, from here on */
    struct connection connection;
    struct carry carry;
    struct reopen reopen; /* the last database that was lost; has a loss while none is open */
    int64_t look_from_ms; /* not before: at the files */
    struct trouble trouble;
    bool gave_up;
};

void *store_thread_run(void *store);

#endif
