/*
 * screen: the size of the terminal on standard output, and tables that are redrawn on it.
 */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H

#include "base/table.h"

bool screen_is(void); /* standard output is a terminal */
/* Characters per line; TABLE_WIDE when it is not a terminal: no column is hidden in a pipe. */
size_t screen_width(void);
size_t screen_height(void);

/* Appends "too narrow for: bid size, volume", the titles of the columns that are hidden. */
void screen_put_hidden(struct buf *out, const struct table *table);

/*
 * Draws the table over the previous one, line by line, so that it does not flicker; `notes` below
 * it, one per line. The number of rows that do not fit is shown.
 */
void screen_draw(struct buf *out, struct table *table, const char *notes);

#endif
