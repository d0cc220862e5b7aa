#include "config/conf_lint.h"

#include "base/utf8.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define ASSIGNMENTS_MAX 256 /* later assignments are not checked for repeated keys */

struct word {
    const char *text;
    size_t len;
};

struct assignment {
    struct word section, title, key;
    int line;
};

struct lint {
    const char *at, *name;
    int line;
    struct word section, title; /* the open section and its name, if it has one */
    struct word last, named;    /* the last word outside quotes; a text after it, without a '=' */
    bool after_plus;
    struct assignment seen[ASSIGNMENTS_MAX];
    size_t seen_count;
    struct err *err;
};

static int refuse(const struct lint *l, const char *words)
{
    return err_set(l->err, -EINVAL, "%s:%d: %s", l->name, l->line, words);
}

/* "poll.rate: ", from the section and the word before the '='. */
static int refuse_value(const struct lint *l, const char *words)
{
    char section[48], key[48];
    utf8_clean(section, sizeof(section), l->section.text, l->section.len);
    utf8_clean(key, sizeof(key), l->last.text, l->last.len);
    return err_set(l->err, -EINVAL, "%s:%d: %s%s%s: %s", l->name, l->line, section,
                   *section ? "." : "", key, words);
}

/* Quotation marks that word processors and web pages use instead of " and '. */
static bool is_typographic_quote(const char *at)
{
    static const char *const marks[] = {"\u201c", "\u201d", "\u201e", "\u2018",
                                        "\u2019", "\u00ab", "\u00bb"};
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (strncmp(at, marks[i], strlen(marks[i])) == 0)
            return true;
    }
    return false;
}

static struct word word_at(const char *text)
{
    return (struct word){text, strcspn(text, " \t\r\n{}=,\"'#()+")};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static const char *after_blanks(const char *text)
{
    while (is_blank(*text))
        text++;
    return text;
}

static bool has_typographic_quote(struct word word)
{
    for (size_t i = 0; i < word.len; i++) {
        if (is_typographic_quote(word.text + i))
            return true;
    }
    return false;
}

static int check_word(const struct lint *l, struct word word)
{
    return has_typographic_quote(word)
               ? refuse(l, "typographic quotation marks: use the plain ones, \" or '")
               : 0;
}

/* "2,5": digits on both sides of a comma, without a space. */
static int check_decimal_comma(const struct lint *l, struct word value)
{
    char words[128];
    const char *comma = value.text + value.len;
    size_t whole = strspn(value.text, "0123456789");
    size_t decimals = *comma == ',' ? strspn(comma + 1, "0123456789") : 0;
    if (whole == 0 || whole != value.len || decimals == 0 || whole + decimals > 24)
        return 0;
    snprintf(words, sizeof(words), "'%.*s,%.*s' is not a number: decimals take a point, %.*s.%.*s",
             (int)whole, value.text, (int)decimals, comma + 1, (int)whole, value.text,
             (int)decimals, comma + 1);
    return refuse_value(l, words);
}

/* "yes please": the second word begins neither a key nor a section. */
static int check_second_word(const struct lint *l, struct word value)
{
    char shown[96], words[192];
    struct word second = word_at(after_blanks(value.text + value.len));
    if (!is_blank(value.text[value.len]) || second.len == 0)
        return 0;
    const char *next = after_blanks(second.text + second.len);
    if (*next && strchr("={+(", *next))
        return 0;
    size_t len = (size_t)(second.text + second.len - value.text);
    utf8_clean(shown, sizeof(shown), value.text, len);
    snprintf(words, sizeof(words),
             "'%s' is more than one value: put text with spaces in quotation marks", shown);
    return refuse_value(l, words);
}

static bool same_word(struct word a, struct word b)
{
    return a.len == b.len && memcmp(a.text, b.text, a.len) == 0;
}

/* libConfuse silently uses the last of two assignments. "+=" adds to a list, so it may repeat. */
static int check_repetition(struct lint *l)
{
    char words[64];
    for (size_t i = 0; i < l->seen_count; i++) {
        const struct assignment *a = &l->seen[i];
        if (!same_word(a->key, l->last) || !same_word(a->section, l->section) ||
            !same_word(a->title, l->title))
            continue;
        snprintf(words, sizeof(words), "given twice, first on line %d: remove one", a->line);
        return refuse_value(l, words);
    }
    if (l->seen_count < ASSIGNMENTS_MAX)
        l->seen[l->seen_count++] = (struct assignment){l->section, l->title, l->last, l->line};
    return 0;
}

static int check_value(struct lint *l)
{
    l->at = after_blanks(l->at + 1);
    struct word value = word_at(l->at);
    if (value.len == 0)
        return 0;
    int rc = check_word(l, value);
    if (rc == 0)
        rc = check_decimal_comma(l, value);
    if (rc == 0)
        rc = check_second_word(l, value);
    l->at += value.len;
    return rc;
}

/* A quoted string may contain anything; conf_strip has checked that it ends on its line. */
static void pass_string(struct lint *l)
{
    char quote = *l->at++;
    while (*l->at && *l->at != quote)
        l->at += *l->at == '\\' && l->at[1] ? 2 : 1;
    if (*l->at)
        l->at++;
}

static bool is_word(struct word word, const char *text)
{
    return word.len == strlen(text) && memcmp(word.text, text, word.len) == 0;
}

/* Only segments have names. */
static int check_title(const struct lint *l)
{
    char words[256], named[48];
    utf8_clean(named, sizeof(named), l->named.text, l->named.len);
    if (is_word(l->last, "segment") && l->named.len == 0)
        return refuse(l, "section segment needs the name of a segment: segment \"MERV\" { ... }");
    if (!is_word(l->last, "session") || l->named.len == 0)
        return 0;
    snprintf(words, sizeof(words),
             "section session has no name: the hours of a segment are in a section of their own, "
             "segment \"%s\" { ... }",
             named);
    return refuse(l, words);
}

static int open_section(struct lint *l)
{
    int rc = check_title(l);
    l->section = l->last;
    l->title = l->named;
    l->named = (struct word){"", 0};
    return rc;
}

static int take_mark(struct lint *l)
{
    int rc = *l->at == '{' ? open_section(l) : 0;
    if (*l->at == '}')
        l->section = l->title = l->last = (struct word){"", 0};
    else if (*l->at == '\n')
        l->line++;
    l->at++;
    return rc;
}

/* A word, or the name of a section without quotation marks. */
static void take_word(struct lint *l, struct word word)
{
    bool titled = is_word(l->last, "segment") || is_word(l->last, "session");
    if (titled && l->section.len == 0) {
        l->named = word;
    } else {
        l->last = word;
        l->named = (struct word){"", 0};
    }
    l->after_plus = false;
    l->at += word.len;
}

static void take_string(struct lint *l)
{
    const char *from = l->at + 1;
    pass_string(l);
    l->named = (struct word){from, (size_t)(l->at - from) - (l->at > from)};
}

/* Skips a list: its words are values, not keys. */
static int pass_list(struct lint *l)
{
    while (*l->at && *l->at != '}') {
        struct word word = word_at(l->at);
        int rc = check_word(l, word);
        if (rc)
            return rc;
        l->at += word.len;
        if (*l->at == '"' || *l->at == '\'')
            pass_string(l);
        else if (*l->at == '\n')
            take_mark(l);
        else if (*l->at && *l->at != '}')
            l->at++;
    }
    if (*l->at)
        l->at++;
    return 0;
}

static int step(struct lint *l)
{
    struct word word = word_at(l->at);
    int rc = check_word(l, word);
    if (rc)
        return rc;
    if (word.len) {
        take_word(l, word);
        return 0;
    }
    switch (*l->at) {
    case '"':
    case '\'':
        take_string(l);
        return 0;
    case '+':
        l->after_plus = true;
        l->at++;
        return 0;
    case '=':
        rc = l->after_plus ? 0 : check_repetition(l);
        if (rc == 0)
            rc = check_value(l);
        return rc == 0 && *l->at == '{' ? pass_list(l) : rc;
    default:
        return take_mark(l);
    }
}

int conf_lint(const char *text, const char *name, struct err *err)
{
    const struct word none = {"", 0};
    struct lint l = {.at = text,
                     .name = name,
                     .line = 1,
                     .section = none,
                     .title = none,
                     .last = none,
                     .named = none,
                     .err = err};
    while (*l.at) {
        int rc = step(&l);
        if (rc)
            return rc;
    }
    return 0;
}
