/*
 * history_reader: answers requests for recorded data from the database, on a thread of its own.
 *
 * Owns the thread and the requests that wait for it. It reads one request after the other, each
 * with a connection of its own, so the loop never waits for the disk and a database that was
 * replaced is noticed. A request whose client has disconnected is given up, also while it is read;
 * one that takes longer than 10 s is answered with an error.
 */
#ifndef API_HISTORY_READER_H
#define API_HISTORY_READER_H

#include "net/loop.h"
#include "serve/deferred.h"

#include <stdint.h>

#define HISTORY_READER_WAITING_MAX 32 /* requests, with the one that is being read */

struct history_reader;

enum history_subject {
    HISTORY_TRADES, /* as the broker's getTrades */
    HISTORY_CHART,  /* bars, gaps and session of the day that begins at `from` */
};

struct history_request {
    enum history_subject subject;
    const char *market_id, *symbol; /* copied */
    int64_t from, to;               /* [from, to) in ns UTC */
};

/* Starts the thread; `path` of the database is copied. NULL: no memory. */
struct history_reader *history_reader_create(struct loop *loop, const char *path);
/* Completes all requests without an answer. Does not wait for the thread, which ends by itself. */
void history_reader_destroy(struct history_reader *reader);

/* Whether another request may be added: fewer than HISTORY_READER_WAITING_MAX wait. */
bool history_reader_free(struct history_reader *reader);
/* Takes over `deferred` and completes it later: 200 with the data, or 503 with the broker's form of
 * an error. When it may not be added, or without memory, it is completed at once with 503. */
void history_reader_add(struct history_reader *reader, const struct history_request *request,
                        struct deferred *deferred);

#endif
