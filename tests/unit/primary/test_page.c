#include "support/t.h"

#include "primary/page.h"

#include <stdlib.h>

static struct reply reply_of(int status, const char *location, const char *body)
{
    return (struct reply){status, "", location, body, strlen(body)};
}

static void pages_and_their_descriptions(void **state)
{
    (void)state;
    static const struct row {
        const char *name;
        int status;
        const char *location, *body;
        bool page, login;
        const char *words;
    } rows[] = {
        /* clang-format off */
        {"bot protection", 403, "", "<!DOCTYPE html><html><head><title>Just a moment...</title></head>", true, false,
         "an HTML page, title \"Just a moment...\", instead of JSON (403)"},
        {"attributes and blanks", 200, "", "\r\n<HTML><TITLE data-x='1'>\n  Sitio\t en \r\n mantenimiento  \n</TITLE>",
         true, false, "an HTML page, title \"Sitio en mantenimiento\", instead of JSON (200)"},
        {"no title", 200, "", "<html><body>hi</body></html>", true, false,
         "an HTML page without a title instead of JSON (200)"},
        {"empty title", 200, "", "<title> \n </title>", true, false, "an HTML page without a title"},
        {"a title without an end", 200, "", "<title>cut off", true, false, "title \"cut off\""},
        {"a title tag without an end", 200, "", "<title", true, false, "without a title"},
        {"control characters", 200, "", "<title>a\x1b[2J\xc2\x9b" "\x07g</title>", true, false, "title \"a [2J g\""},
        {"not UTF-8", 200, "", "<title>Mantenimi\xe9n</title>", true, false, "title \"Mantenimi?n\""},
        {"login page", 200, "", "<!doctype html><title>Ingreso</title><form action=\"/J_Spring_Security_Check\">",
         true, true, "a login page, title \"Ingreso\", instead of JSON (200)"},
        {"byte order mark", 200, "", "\xef\xbb\xbf <p>", true, false, "an HTML page"},
        {"empty", 200, "", "", true, false, "an empty body instead of JSON (200)"},
        {"blanks", 200, "", " \r\n\t", true, false, "an empty body"},
        {"text", 403, "", "  Forbidden by\n policy 7 ", true, false,
         "the text \"Forbidden by policy 7\" instead of JSON (403)"},
        {"redirect", 301, "https://www.broker.test/mantenimiento;jsessionid=5EC2E7?t=5EC2E7", "", true, false,
         "a redirect to \"https://www.broker.test/mantenimiento;jsessionid=***?t=***\" instead of JSON (301)"},
        {"redirect to a login", 302, "/Login?error", "", true, true, "a redirect to \"/Login?***\" instead"},
        {"login only in the query", 302, "/wait?next=/login", "", true, false, "a redirect to \"/wait?next=***\" instead"},
        {"redirect without a location", 307, "", "", true, false, "a redirect to \"\""},
        {"JSON", 200, "", " {\"status\":\"OK\"}", false, false, ""},
        {"JSON that contains the form's name", 200, "", "{\"x\":\"j_spring_security_check\"}", false, false, ""},
        {"broken JSON", 200, "", "[{", false, false, ""},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const struct row *row = &rows[i];
        struct reply reply = reply_of(row->status, row->location, row->body);
        char words[PAGE_WORDS];
        t_row(row->name);
        t_int(page_is(&reply), row->page);
        t_int(page_is_login(&reply), row->login);
        if (row->page)
            t_contains(page_words(words, &reply, "JSON"), row->words);
    }
}

/* The body of an answer need not end in a NUL. */
static void bytes_after_the_body_are_not_read(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        size_t body;
        bool page;
    } rows[] = {
        {"blanks before JSON", "  {}", 2, true},
        {"half a byte order mark", "\xef\xbb\xbf{", 2, true},
        {"JSON", "  {}", 3, false},
        {"JSON after a byte order mark", "\xef\xbb\xbf{}", 5, false},
        {"nothing before JSON", "{}", 0, true},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char *exact = memcpy(malloc(rows[i].body), rows[i].text, rows[i].body);
        t_row(rows[i].name);
        t_int(page_is(&(struct reply){200, "", "", rows[i].text, rows[i].body}), rows[i].page);
        t_int(page_is(&(struct reply){200, "", "", exact, rows[i].body}), rows[i].page);
        free(exact);
    }
    t_row("");
    const struct reply login = {200, "", "", "<a>j_spring_security_check", 25};
    t_true(!page_is_login(&login));
}

static void a_long_title_is_truncated(void **state)
{
    (void)state;
    char body[5000] = "<title>", words[PAGE_WORDS];
    memset(body + 7, 'x', sizeof(body) - 8);
    struct reply reply = reply_of(200, "", body);
    t_contains(page_words(words, &reply, "JSON"), "xxx...\", instead of JSON (200)");
    t_int(strspn(strchr(words, 'x'), "x"), 92); /* and three dots */
}

/* A title or login form beyond the first 16 KB is not found. */
static void only_the_beginning_of_a_large_page_is_searched(void **state)
{
    (void)state;
    static char body[100000];
    char words[PAGE_WORDS];
    memset(body, '<', sizeof(body) - 1);
    memcpy(body + 50000, "<title>far</title>j_spring_security_check", 41);
    struct reply reply = reply_of(200, "", body);
    t_true(!page_is_login(&reply));
    t_contains(page_words(words, &reply, "JSON"), "without a title");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_and_their_descriptions),
        cmocka_unit_test(bytes_after_the_body_are_not_read),
        cmocka_unit_test(a_long_title_is_truncated),
        cmocka_unit_test(only_the_beginning_of_a_large_page_is_searched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
