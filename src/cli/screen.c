#include "cli/screen.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define USUAL_WIDTH  80
#define USUAL_HEIGHT 24
#define NOTES_BYTES  65536

/* Each line is cleared before it is written. Clearing after writing would delete the last character
 * of a line that ends in the last column. */
#define CLEAR_LINE "\033[K"
#define LINE_END   "\n" CLEAR_LINE

bool screen_is(void)
{
    return isatty(STDOUT_FILENO);
}

static struct winsize size_of(void)
{
    struct winsize size = {0};
    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    return size;
}

size_t screen_width(void)
{
    struct winsize size = size_of();
    if (!screen_is())
        return TABLE_WIDE;
    return size.ws_col ? size.ws_col : USUAL_WIDTH;
}

size_t screen_height(void)
{
    struct winsize size = size_of();
    return size.ws_row ? size.ws_row : USUAL_HEIGHT;
}

void screen_put_hidden(struct buf *out, const struct table *table)
{
    const char *comma = "too narrow for: ";
    for (int i = 0; i < table->columns_count; i++) {
        if (table->shown[i])
            continue;
        buf_printf(out, "%s%s", comma, table->columns[i].title);
        comma = ", ";
    }
    if (*comma == ',')
        buf_puts(out, "\n");
}

/* Returns the number of lines. */
static size_t put_notes(struct buf *out, const char *notes, size_t width)
{
    size_t lines = 0;
    char line[1024];
    while (*notes) {
        size_t bytes = strcspn(notes, "\n");
        size_t kept = bytes < sizeof(line) ? bytes : sizeof(line) - 1;
        memcpy(line, notes, kept);
        line[kept] = '\0';
        lines += table_wrap(out, line, width, 0, LINE_END);
        buf_puts(out, LINE_END);
        notes += bytes + (notes[bytes] == '\n');
    }
    return lines;
}

#define OWN_LINES 2 /* the titles, and the last line (cursor) */

/* The lines below must not take more than half of a small screen from the quotes. */
static bool leaves_room(size_t used, size_t height)
{
    return used <= OWN_LINES || used <= (height + 1) / 2;
}

/* Appends the lines below the table; returns the number of table rows that fit on the screen. */
static size_t put_below(struct buf *out, const struct table *table, const char *notes, size_t width,
                        size_t height)
{
    char more[64];
    size_t all = table_rows(table);
    size_t used = OWN_LINES + put_notes(out, notes, width);
    if (all + used <= height)
        return all;
    size_t more_lines = put_notes(out, "... and 00000 more: give a PATTERN to see them", width);
    bool notes_fit = leaves_room(used + more_lines, height);
    bool more_fits = leaves_room(OWN_LINES + more_lines, height);
    used = (notes_fit ? used : OWN_LINES) + (more_fits ? more_lines : 0);
    size_t rows = height > used ? height - used : 1;
    buf_clear(out);
    if (rows >= all)
        return all;
    snprintf(more, sizeof(more), "... and %zu more: give a PATTERN to see them", all - rows);
    if (more_fits)
        put_notes(out, more, width);
    if (notes_fit)
        put_notes(out, notes, width);
    return rows;
}

void screen_draw(struct buf *out, struct table *table, const char *notes)
{
    struct buf below;
    size_t width = screen_width();
    buf_init(&below, NOTES_BYTES);
    table_fit(table, width);
    size_t rows = put_below(&below, table, notes, width, screen_height());
    buf_puts(out, "\033[?7l\033[H" CLEAR_LINE);
    table_print(table, rows, LINE_END, out);
    buf_puts(out, buf_text(&below));
    buf_puts(out, "\033[J\033[?7h");
    buf_finish(&below);
}
