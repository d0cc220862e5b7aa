/*
 * screen: the terminal that standard output is, if it is one.
 */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H

#include "base/table.h"

bool screen_is(void);
/* Characters a line has room for; TABLE_WIDE when it is no terminal: nothing is left out in a pipe.
 */
size_t screen_width(void);
size_t screen_height(void);

/* "too narrow for: bid size, volume", with `hidden` of the table's columns not shown. */
void screen_put_hidden(struct buf *out, const struct table *table);

/*
 * The table drawn over what is there, line by line, so that it does not flicker; `notes` below it,
 * a sentence a line. Rows that do not fit are counted.
 */
void screen_draw(struct buf *out, struct table *table, const char *notes);

#endif
