#include "script.h"

#include "place.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES   4096
#define VALUES_MAX   9
#define NESTED_MAX   8
#define SCRIPT_BYTES (256 * 1024)

/* --- the file --------------------------------------------------------------------------------- */

static char *read_file(const char *path)
{
    char *text = calloc(1, SCRIPT_BYTES);
    FILE *f = fopen(path, "r");
    place_set(path, 0, "");
    if (!f)
        place_fail("%s", strerror(errno));
    size_t len = fread(text, 1, SCRIPT_BYTES - 1, f);
    if (len == SCRIPT_BYTES - 1)
        place_fail("the script is too long");
    fclose(f);
    place_set(path, 1, "");
    if (text[0] != '#')
        place_fail("a script begins with a comment (#): what happens, and what must hold");
    return text;
}

/* Without blanks at both ends; changes `text`. */
static char *trim(char *text)
{
    size_t len = strlen(text);
    while (len && strchr(" \t\r\n", text[len - 1]))
        text[--len] = '\0';
    return text + strspn(text, " \t");
}

static bool is_case(const char *line)
{
    return strncmp(line, "case ", 5) == 0;
}

size_t script_rows(const char *file)
{
    char *text = read_file(file), *rest = text, *line;
    size_t rows = 0;
    while ((line = strsep(&rest, "\n")))
        rows += is_case(trim(line));
    free(text);
    return rows ? rows : 1;
}

/* --- cases ------------------------------------------------------------------------------------ */

struct values {
    size_t row; /* the one to take */
    size_t seen;
    char *copy; /* the name and the values point into it */
    const char *name;
    char *value[VALUES_MAX];
    int count;
};

static void take_case(struct values *values, const char *line)
{
    char *rest, *part;
    if (values->seen++ != values->row)
        return;
    rest = values->copy = strdup(line + 5);
    values->name = trim(strsep(&rest, "|"));
    while ((part = strsep(&rest, "|"))) {
        if (values->count == VALUES_MAX)
            place_fail("a case has at most %d values", VALUES_MAX);
        values->value[values->count++] = trim(part);
    }
}

/* Replaces $1, $2 ...; `$` before anything else is kept. */
static char *fill_in(const struct values *values, const char *line)
{
    char *out = calloc(1, LINE_BYTES);
    size_t used = 0;
    for (; *line && used + 1 < LINE_BYTES; line++) {
        bool value = line[0] == '$' && line[1] >= '1' && line[1] <= '9';
        if (!value) {
            out[used++] = *line;
            continue;
        }
        int i = *++line - '1';
        if (i >= values->count)
            place_fail("$%d: the case has %d values", i + 1, values->count);
        used += (size_t)snprintf(out + used, LINE_BYTES - used, "%s", values->value[i]);
    }
    if (used + 1 >= LINE_BYTES)
        place_fail("the line is too long");
    return out;
}

/* --- lines ------------------------------------------------------------------------------------ */

/* The colon that ends the words: at the end, or before a blank. */
static char *find_colon(char *text)
{
    for (char *c = strchr(text, ':'); c; c = strchr(c + 1, ':')) {
        if (c[1] == '\0' || c[1] == ' ')
            return c;
    }
    return NULL;
}

static enum script_kind kind_of(const struct script_line *line)
{
    static const char *const names[] = {[SCRIPT_REPEAT] = "repeat",
                                        [SCRIPT_EITHER] = "either",
                                        [SCRIPT_OR] = "or",
                                        [SCRIPT_END] = "end"};
    for (int i = SCRIPT_REPEAT; i <= SCRIPT_END; i++) {
        if (strcmp(line->words[0], names[i]) == 0)
            return (enum script_kind)i;
    }
    return SCRIPT_COMMAND;
}

static void split(struct script_line *line)
{
    char *rest = line->copy = strdup(line->source), *word;
    char *colon = find_colon(rest);
    if (colon) {
        *colon = '\0';
        line->text = trim(colon + 1);
    }
    while ((word = strsep(&rest, " \t"))) {
        if (!*word)
            continue;
        if (line->words_count == SCRIPT_WORDS_MAX)
            place_fail("more than %d words", SCRIPT_WORDS_MAX);
        line->words[line->words_count++] = word;
    }
    if (line->words_count == 0)
        place_fail("no command before the colon");
    line->kind = kind_of(line);
}

static void add_line(struct script *s, int number, char *source)
{
    s->lines = realloc(s->lines, (s->count + 1) * sizeof(*s->lines));
    struct script_line *line = &s->lines[s->count++];
    *line = (struct script_line){.number = number, .source = source};
    split(line);
}

/* Sets `next` of each block. */
static void match_blocks(struct script *s)
{
    size_t open[NESTED_MAX];
    int depth = 0;
    for (size_t i = 0; i < s->count; i++) {
        struct script_line *line = &s->lines[i];
        bool opens = line->kind == SCRIPT_REPEAT || line->kind == SCRIPT_EITHER;
        place_set(s->file, line->number, s->row);
        if (line->kind == SCRIPT_COMMAND)
            continue;
        if (!opens && depth == 0)
            place_fail("%s: there is no block here", line->words[0]);
        if (opens && depth == NESTED_MAX)
            place_fail("more than %d blocks in each other", NESTED_MAX);
        if (line->kind == SCRIPT_OR && s->lines[open[depth - 1]].kind == SCRIPT_REPEAT)
            place_fail("or: this block is no either");
        if (!opens)
            s->lines[open[--depth]].next = i;
        if (line->kind != SCRIPT_END)
            open[depth++] = i;
    }
    if (depth)
        place_fail("end is missing: a block is still open");
}

struct script *script_read(const char *file, size_t row)
{
    char *text = read_file(file), *rest = text, *line;
    struct script *s = calloc(1, sizeof(*s));
    struct values values = {.row = row, .name = ""};
    s->file = file;
    s->row = "";
    for (int number = 1; (line = strsep(&rest, "\n")); number++) {
        line = trim(line);
        place_set(file, number, s->row);
        if (is_case(line))
            take_case(&values, line);
        else if (*line && *line != '#')
            add_line(s, number, fill_in(&values, line));
    }
    s->row = values.name;
    s->values = values.copy;
    free(text);
    match_blocks(s);
    return s;
}

void script_free(struct script *s)
{
    for (size_t i = 0; i < s->count; i++) {
        free(s->lines[i].source);
        free(s->lines[i].copy);
    }
    free(s->lines);
    free(s->values);
    free(s);
}
