#include "config/conf_fill.h"

#include <errno.h>
#include <string.h>

#define BLANKS "                                                                                "

struct span {
    const char *at;
    size_t len;
};

/* The parts of a line of the sample; `name` is empty when the line has no key. */
struct line {
    struct span indent, name, comment;
    size_t equals;         /* columns before the '=' */
    size_t comment_column; /* of the '#' */
};

static bool span_is(struct span span, const char *text)
{
    return span.len == strlen(text) && memcmp(span.at, text, span.len) == 0;
}

static struct span word_at(const char *at)
{
    return (struct span){at, strspn(at, "abcdefghijklmnopqrstuvwxyz_")};
}

/* The '#' that begins the comment; a '#' inside quotes is part of a value. `end` if there is none.
 */
static const char *find_comment(const char *at, const char *end)
{
    char quote = 0;
    for (; at < end; at++) {
        if (quote ? *at == quote : *at == '"' || *at == '\'')
            quote = quote ? 0 : *at;
        else if (!quote && *at == '#')
            return at;
    }
    return end;
}

static struct line parse_line(const char *begin, const char *end)
{
    struct line line = {.indent = {begin, strspn(begin, " ")}};
    const char *at = begin + line.indent.len;
    if (strncmp(at, "# ", 2) == 0)
        at += 2;
    struct span name = word_at(at);
    const char *equals = name.at + name.len + strspn(name.at + name.len, " ");
    if (name.len == 0 || *equals != '=')
        return line;
    const char *comment = find_comment(equals, end);
    line.name = name;
    line.equals = (size_t)(equals - begin);
    line.comment = (struct span){comment, (size_t)(end - comment)};
    line.comment_column = (size_t)(comment - begin);
    return line;
}

static void pad(struct buf *out, size_t used, size_t wanted, size_t least)
{
    size_t count = wanted > used + least ? wanted - used : least;
    buf_printf(out, "%.*s", (int)count, BLANKS);
}

static void put_answer(struct buf *out, const struct line *line, const char *value)
{
    const char *last = strrchr(value, '\n');
    size_t used = line->indent.len + line->name.len;

    buf_append(out, line->indent.at, line->indent.len);
    buf_append(out, line->name.at, line->name.len);
    pad(out, used, line->equals, 1);
    buf_printf(out, "= %s", value);
    if (line->comment.len) {
        used = last ? strlen(last + 1) : line->equals + 2 + strlen(value);
        pad(out, used, line->comment_column, 2);
        buf_append(out, line->comment.at, line->comment.len);
    }
}

/* --- all lines -------------------------------------------------------------------------------- */

/* "poll {" opens a section and "}" closes it; the sample uses no other form. */
static void follow_section(struct span *section, const char *begin)
{
    struct span word = word_at(begin);
    if (word.len && strncmp(word.at + word.len, " {", 2) == 0)
        *section = word;
    else if (*begin == '}')
        section->len = 0;
}

static const struct conf_answer *answer_for(const struct line *line, struct span section,
                                            const struct conf_answer *answers, size_t count)
{
    for (size_t i = 0; line->name.len && i < count; i++) {
        if (span_is(section, answers[i].section) && span_is(line->name, answers[i].name))
            return &answers[i];
    }
    return NULL;
}

static size_t walk(struct buf *out, const char *sample, const struct conf_answer *answers,
                   size_t count)
{
    struct span section = {sample, 0};
    size_t placed = 0;
    for (const char *at = sample; *at;) {
        const char *end = at + strcspn(at, "\n");
        struct line line = parse_line(at, end);
        follow_section(&section, at);
        const struct conf_answer *answer = answer_for(&line, section, answers, count);
        if (answer)
            put_answer(out, &line, answer->value);
        else
            buf_append(out, at, (size_t)(end - at));
        placed += answer != NULL;
        at = *end ? end + 1 : end;
        buf_puts(out, *end ? "\n" : "");
    }
    return placed;
}

int conf_fill(struct buf *out, const char *sample, const struct conf_answer *answers, size_t count,
              struct err *err)
{
    size_t placed = walk(out, sample, answers, count);
    if (placed != count)
        return err_set(err, -ENOENT, "the sample configuration has only %zu of %zu keys", placed,
                       count);
    if (buf_failed(out))
        return err_set(err, -EMSGSIZE, "the configuration would be larger than %zu bytes",
                       out->max_bytes);
    return 0;
}
