#include "sim/terminal_batch.h"

#include "base/json_write.h"

#include <string.h>

#define LINES_BYTES  (256 * 1024)
#define HUGE_BYTES   (10 * 1024 * 1024) /* of a line */
#define SHORT_FIELDS 4

void terminal_batch_init(struct terminal_batch *batch)
{
    *batch = (struct terminal_batch){0};
    buf_init(&batch->lines, LINES_BYTES);
}

void terminal_batch_finish(struct terminal_batch *batch)
{
    buf_finish(&batch->lines);
}

void terminal_batch_clear(struct terminal_batch *batch)
{
    buf_clear(&batch->lines);
    batch->count = 0;
    batch->array = false;
}

void terminal_batch_end_line(struct terminal_batch *batch, int32_t instrument)
{
    buf_append(&batch->lines, "", 1);
    batch->instruments[batch->count++] = instrument;
}

/* --- faults of a line ------------------------------------------------------------------------- */

static bool ends_field(char c)
{
    return c == '|' || c == '!';
}

/* Ends after some fields. */
static void put_short(struct buf *out, const char *line)
{
    size_t len = 0;
    for (int fields = 0; line[len]; len++) {
        if (ends_field(line[len]) && ++fields == SHORT_FIELDS)
            break;
    }
    buf_append(out, line, len);
}

/* Each field after the id and the sequence is NaN. */
static void put_nan(struct buf *out, const char *line)
{
    size_t at = 0;
    for (int fields = 0; line[at] && fields < 2; at++)
        fields += ends_field(line[at]);
    buf_append(out, line, at);
    buf_puts(out, "NaN");
    for (; line[at]; at++) {
        if (ends_field(line[at]))
            buf_printf(out, "%c%s", line[at], line[at + 1] ? "NaN" : "");
    }
}

static void put_huge(struct buf *out, const char *line)
{
    size_t before = out->len_bytes;
    buf_puts(out, line);
    while (out->len_bytes - before < HUGE_BYTES)
        buf_puts(out, "|1234567890123456789012345678901234567890123456789012345678901");
}

static void put_line(struct buf *out, const char *line, enum fault_kind kind)
{
    switch (kind) {
    case FAULT_SHORT:
        put_short(out, line);
        return;
    case FAULT_NAN:
        put_nan(out, line);
        return;
    case FAULT_OVERSIZED:
        put_huge(out, line);
        return;
    case FAULT_UNKNOWN:
        buf_printf(out, "Z%s", line + strcspn(line, ":"));
        return;
    default:
        buf_puts(out, line);
        return;
    }
}

/* --- messages --------------------------------------------------------------------------------- */

static void put_array(struct buf *out, const struct terminal_batch *batch, enum fault_kind kind)
{
    struct buf line;
    const char *at = buf_text(&batch->lines);
    buf_init(&line, 2 * HUGE_BYTES);
    for (int n = 0; n < batch->count; n++, at += strlen(at) + 1) {
        buf_puts(out, n ? "," : "[");
        buf_clear(&line);
        /* One huge line is enough. */
        put_line(&line, at, kind == FAULT_OVERSIZED && n ? FAULT_NONE : kind);
        json_put_string(out, buf_text(&line));
    }
    buf_puts(out, "]");
    buf_finish(&line);
}

static void put_lines(struct buf *out, const struct terminal_batch *batch, enum fault_kind kind)
{
    if (batch->array || batch->count != 1)
        put_array(out, batch, kind);
    else
        put_line(out, buf_text(&batch->lines), kind);
}

void terminal_batch_put(struct buf *out, const struct terminal_batch *batch,
                        const struct fault *fault)
{
    size_t before = out->len_bytes;
    enum fault_kind kind = fault ? fault->kind : FAULT_NONE;
    switch (kind) {
    case FAULT_EMPTY:
        buf_puts(out, "[]");
        return;
    case FAULT_BODY:
        buf_puts(out, fault->body);
        return;
    case FAULT_SHAPE:
        buf_puts(out, "[1,{\"M\":null},[\"M:rx_DDF_DLR_SPOT|1\"]]");
        return;
    case FAULT_GARBAGE:
        buf_puts(out, "[\"M:rx_DDF_DLR_SPOT|1|,,");
        return;
    case FAULT_UTF8:
        put_lines(out, batch, kind);
        buf_puts(out, "\xc3\x28");
        return;
    case FAULT_TRUNCATED:
        put_lines(out, batch, kind);
        buf_truncate(out, before + (out->len_bytes - before) / 2);
        return;
    default:
        put_lines(out, batch, kind);
        return;
    }
}

bool terminal_batch_applies(enum fault_kind kind)
{
    static const enum fault_kind kinds[] = {
        FAULT_EMPTY, FAULT_BODY, FAULT_SHAPE,   FAULT_GARBAGE,   FAULT_UTF8,
        FAULT_SHORT, FAULT_NAN,  FAULT_UNKNOWN, FAULT_OVERSIZED, FAULT_TRUNCATED,
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i] == kind)
            return true;
    }
    return false;
}
