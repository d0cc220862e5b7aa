/*
 * event_table: the events of the service (logins, losses of the stream ...) as a table for a
 * terminal, the newest last.
 */
#ifndef CLI_EVENT_TABLE_H
#define CLI_EVENT_TABLE_H

#include "base/table.h"

#include <stdint.h>

struct event_table {
    struct table table;
    int64_t now_ns;
};

void event_table_init(struct event_table *events, int64_t now_ns);
void event_table_finish(struct event_table *events);

/* `symbol` may be NULL or "". */
void event_table_add(struct event_table *events, int64_t ts_ns, const char *kind,
                     const char *symbol, const char *detail);

/* Appends titles and rows, in lines of `width` characters; nothing if there are no rows. */
void event_table_print(struct event_table *events, size_t width, struct buf *out);

#endif
