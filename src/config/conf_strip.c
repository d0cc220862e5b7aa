#include "config/conf_strip.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

struct strip {
    char *at;
    const char *begin, *name;
    int line;
    int depth, opened_line; /* open braces; the line of the outermost one */
    struct err *err;
};

static int refuse(const struct strip *s, int line, const char *words)
{
    return err_set(s->err, -EINVAL, "%s:%d: %s", s->name, line, words);
}

static void blank_to_line_end(struct strip *s)
{
    while (*s->at && *s->at != '\n')
        *s->at++ = ' ';
}

static int blank_block(struct strip *s)
{
    int line = s->line;
    while (*s->at && strncmp(s->at, "*/", 2) != 0) {
        if (*s->at == '\n')
            s->line++;
        else
            *s->at = ' ';
        s->at++;
    }
    if (!*s->at)
        return refuse(s, line, "the comment that begins here is not closed");
    memset(s->at, ' ', 2);
    s->at += 2;
    return 0;
}

static int pass_string(struct strip *s)
{
    char quote = *s->at++;
    while (*s->at != quote) {
        if (!*s->at || *s->at == '\n')
            return refuse(s, s->line, "the string that begins here is not closed on its line");
        if (*s->at == '\\' && (!s->at[1] || !strchr("\"'\\", *++s->at)))
            return refuse(s, s->line, "unknown escape: after '\\' only \", ' or '\\' is allowed");
        s->at++;
    }
    s->at++;
    return 0;
}

/* A comment begins only at the start of a word: an unquoted "https://", or "DLR/" followed by a
 * star, has none. */
static bool begins_word(const struct strip *s)
{
    return s->at == s->begin || strchr(" \t\r\n{}=,", s->at[-1]);
}

static int count_brace(struct strip *s)
{
    if (*s->at == '{' && s->depth++ == 0)
        s->opened_line = s->line;
    if (*s->at == '}' && s->depth > 0)
        s->depth--;
    s->at++;
    return 0;
}

static int step(struct strip *s)
{
    bool word = begins_word(s);
    switch (*s->at) {
    case '#':
        blank_to_line_end(s);
        return 0;
    case '/':
        if (word && s->at[1] == '/')
            blank_to_line_end(s);
        else if (word && s->at[1] == '*')
            return blank_block(s);
        else
            s->at++;
        return 0;
    case '"':
    case '\'':
        return pass_string(s);
    case '{':
    case '}':
        return count_brace(s);
    case '\xc2': /* a no-break space, often copied from a web page */
        if (s->at[1] == '\xa0')
            memset(s->at, ' ', 2);
        break;
    case '|': /* libConfuse reads section|key as a path, which would avoid our checks */
        return refuse(s, s->line, "unexpected '|'");
    case '\n':
        s->line++;
        break;
    default:
        break;
    }
    s->at++;
    return 0;
}

/* Some editors on Windows write one. */
static void blank_byte_order_mark(char *text)
{
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
        memset(text, ' ', 3);
}

int conf_strip(char *text, const char *name, struct err *err)
{
    struct strip s = {.at = text, .begin = text, .name = name, .line = 1, .err = err};
    blank_byte_order_mark(text);
    while (*s.at) {
        int rc = step(&s);
        if (rc)
            return rc;
    }
    if (s.depth)
        return refuse(&s, s.opened_line, "the '{' that begins here is not closed");
    return 0;
}
