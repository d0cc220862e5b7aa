#include "export/format_jsonl.h"

#include "base/json.h"
#include "export/cell_text.h"
#include "export/text_format.h"

#include <string.h>

#define KEYS_LEAD 3 /* columns that are compared: other versions may have more */

static void put_row(struct buf *out, enum extract_table table, const struct cell *cells)
{
    int count = extract_columns_count(table);
    for (int i = 0; i < count; i++) {
        buf_append(out, i ? ",\"" : "{\"", 2);
        buf_puts(out, extract_column_name(table, i));
        buf_append(out, "\":", 2);
        cell_text_put_json(out, &cells[i]);
    }
    buf_append(out, "}\n", 2);
}

static const struct text_format lines = {NULL, put_row};

static int create(struct format_writer **out, const struct format_parts *parts, struct err *err)
{
    return text_format_create(out, parts, &lines, err);
}

static bool has_keys(const struct json *line, enum extract_table table)
{
    const struct json *member = json_type(line) == JSON_OBJECT ? json_first(line) : NULL;
    for (int i = 0; i < KEYS_LEAD; i++) {
        if (!member || strcmp(json_key(member), extract_column_name(table, i)) != 0)
            return false;
        member = json_next(member);
    }
    return true;
}

static bool begins(const char *start, size_t len_bytes, enum extract_table table)
{
    (void)len_bytes;
    struct json_parser *parser = *start == '{' ? json_parser_create() : NULL;
    if (!parser)
        return false;
    const struct json *line = json_parse(parser, start, strcspn(start, "\n"), NULL);
    bool ours = line && has_keys(line, table);
    json_parser_destroy(parser);
    return ours;
}

const struct format format_jsonl = {
    .name = "jsonl",
    .suffix = ".jsonl",
    .outer = OUTER_DEFAULT,
    .create = create,
    TEXT_FORMAT_FUNCTIONS,
    .begins = begins,
};
