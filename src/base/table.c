#include "base/table.h"

#include <string.h>

#define TEXT_BYTES ((size_t)64 * 1024 * 1024)
#define GAP        2  /* spaces between two columns */
#define WRAP_WIDTH 24 /* least width of a column that wraps, to stay readable */

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80; /* of UTF-8; has no width */
}

/* Characters, not bytes. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += !is_continuation(*text);
    return width;
}

void table_clear(struct table *table)
{
    buf_clear(&table->text);
    table->cells_count = 0;
}

void table_init(struct table *table, const struct table_column *columns, int columns_count)
{
    *table = (struct table){.columns = columns, .columns_count = columns_count};
    buf_init(&table->text, TEXT_BYTES);
    for (int i = 0; i < columns_count; i++) {
        size_t title = width_of(columns[i].title), least = columns[i].width_min;
        table->width[i] = title > least ? title : least;
    }
    table_fit(table, TABLE_WIDE);
}

void table_finish(struct table *table)
{
    buf_finish(&table->text);
}

void table_cell(struct table *table, const char *text)
{
    size_t column = table->cells_count % (size_t)table->columns_count;
    if (!text || !*text)
        text = "-";
    if (buf_append(&table->text, text, strlen(text) + 1))
        return;
    if (width_of(text) > table->width[column])
        table->width[column] = width_of(text);
    table->cells_count++;
}

size_t table_rows(const struct table *table)
{
    return table->cells_count / (size_t)table->columns_count;
}

/* --- which columns ---------------------------------------------------------------------------- */

static size_t least_width(const struct table *table, int column)
{
    size_t width = table->width[column];
    return table->columns[column].wraps && width > WRAP_WIDTH ? WRAP_WIDTH : width;
}

/* Shows the columns of a rank if all of them fit. Returns the width used after that. */
static size_t show_rank(struct table *table, int rank, size_t used)
{
    size_t more = used;
    for (int i = 0; i < table->columns_count; i++) {
        if (table->columns[i].rank == rank)
            more += least_width(table, i) + GAP;
    }
    bool fits = rank == 0 || more - GAP <= table->line_width;
    for (int i = 0; i < table->columns_count; i++) {
        if (table->columns[i].rank == rank)
            table->shown[i] = fits;
    }
    return fits ? more : used;
}

int table_fit(struct table *table, size_t line_width)
{
    size_t used = 0;
    int highest = 0, hidden = 0;
    table->line_width = line_width;
    for (int i = 0; i < table->columns_count; i++)
        highest = table->columns[i].rank > highest ? table->columns[i].rank : highest;
    for (int rank = 0; rank <= highest; rank++)
        used = show_rank(table, rank, used);
    for (int i = 0; i < table->columns_count; i++)
        hidden += !table->shown[i];
    return hidden;
}

/* --- printing --------------------------------------------------------------------------------- */

static int last_shown(const struct table *table)
{
    int last = 0;
    for (int i = 0; i < table->columns_count; i++) {
        if (table->shown[i])
            last = i;
    }
    return last;
}

/* The bytes of `text` that fit, up to the last space if there is one. */
static size_t piece_of(const char *text, size_t width)
{
    size_t bytes = 0, blank = 0;
    for (size_t used = 0; text[bytes]; bytes++) {
        used += !is_continuation(text[bytes]);
        if (used > width)
            return blank ? blank : bytes;
        if (text[bytes] == ' ')
            blank = bytes;
    }
    return bytes;
}

size_t table_wrap(struct buf *out, const char *text, size_t line_width, size_t indent,
                  const char *line_end)
{
    size_t room = line_width > indent + WRAP_WIDTH ? line_width - indent : WRAP_WIDTH;
    for (size_t lines = 1;; lines++) {
        size_t bytes = piece_of(text, room);
        buf_append(out, text, bytes);
        text += bytes + strspn(text + bytes, " ");
        if (!*text)
            return lines;
        buf_printf(out, "%s%*s", line_end, (int)indent, "");
    }
}

static void put_padded(const struct table *table, int column, bool last, const char *text,
                       struct buf *out)
{
    int blanks = (int)(table->width[column] - width_of(text));
    if (table->columns[column].right)
        buf_printf(out, "%*s%s", blanks, "", text);
    else
        buf_printf(out, "%s%*s", text, last ? 0 : blanks, "");
}

/* The line that is being printed. */
struct line {
    const struct table *table;
    const char *end;
    size_t at; /* its width so far */
    struct buf *out;
};

/* Puts one cell and returns the next one. */
static const char *put_cell(struct line *line, int column, const char *cell)
{
    const struct table *table = line->table;
    bool last = column == last_shown(table);
    if (table->shown[column]) {
        if (line->at)
            buf_printf(line->out, "%*s", GAP, "");
        line->at += line->at ? GAP : 0;
        if (last && table->columns[column].wraps)
            table_wrap(line->out, cell, table->line_width, line->at, line->end);
        else
            put_padded(table, column, last, cell, line->out);
        line->at += table->width[column];
    }
    return cell + strlen(cell) + 1;
}

void table_print(const struct table *table, size_t rows_max, const char *line_end, struct buf *out)
{
    const char *cell = buf_text(&table->text);
    struct line line = {.table = table, .end = line_end, .out = out};
    for (int i = 0; i < table->columns_count; i++)
        put_cell(&line, i, table->columns[i].title);
    buf_puts(out, line_end);
    for (size_t row = 0; row < table_rows(table) && row < rows_max; row++) {
        line.at = 0;
        for (int i = 0; i < table->columns_count; i++)
            cell = put_cell(&line, i, cell);
        buf_puts(out, line_end);
    }
}
