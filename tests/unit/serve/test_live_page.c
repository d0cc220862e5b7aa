#include "serve/live_page.h"

#include "serve/page_files.h"
#include "support/headers.h"
#include "support/t.h"

/* web_answer_finish() when done. */
static struct web_answer answered(const char *name, const char *if_none_match, bool post)
{
    struct t_header headers[] = {{"If-None-Match", if_none_match}, {NULL, NULL}};
    const struct web_request request = {
        .post = post, .path = name, .header = t_find_header, .self = headers};
    struct web_answer answer;
    web_answer_init(&answer);
    live_page_answer(name, &request, &answer);
    return answer;
}

static void files(void **state)
{
    (void)state;
    static const struct row {
        const char *name;
        int status;
        const char *type, *contains;
    } rows[] = {
        /* clang-format off */
        {"",                    200, "text/html;charset=UTF-8",       "<title>cinta</title>"},
        {"index.html",          200, "text/html;charset=UTF-8",       "<title>cinta</title>"},
        {"main.js",             200, "text/javascript;charset=UTF-8", "import { Chart }"},
        {"page.css",            200, "text/css;charset=UTF-8",        "color-scheme"},
        {"icon.svg",            200, "image/svg+xml",                 "<svg"},
        {"dygraph.js",          200, "text/javascript;charset=UTF-8", "@license"},
        {"dygraph.css",         200, "text/css;charset=UTF-8",        ".dygraph-legend"},
        {"dygraph-licence.txt", 200, "text/plain;charset=UTF-8",      "Permission is hereby granted"},
        {"none.js",             404, "text/plain",                    "no such file"},
        {"../main.js",          404, "text/plain",                    "no such file"},
        {"MAIN.JS",             404, "text/plain",                    "no such file"},
        {"dygraph.min.js.map",  404, "text/plain",                    "no such file"},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        struct web_answer answer = answered(rows[i].name, NULL, false);
        t_int(answer.status, rows[i].status);
        t_str(answer.content_type, rows[i].type);
        t_contains(buf_text(&answer.body), rows[i].contains);
        web_answer_finish(&answer);
    }
}

/* Every file has a known type, is complete, and has an ETag of its own; none names a source map. */
static void all_files(void **state)
{
    (void)state;
    for (const struct page_file *file = page_files; file->name; file++) {
        t_row(file->name);
        struct web_answer answer = answered(file->name, NULL, false);
        t_int(answer.status, 200);
        t_true(strcmp(answer.content_type, "application/octet-stream") != 0);
        t_int(answer.body.len_bytes, file->len_bytes);
        t_true(!strstr(buf_text(&answer.body), "sourceMappingURL"));
        for (const struct page_file *other = page_files; other != file; other++)
            t_true(strcmp(file->etag, other->etag) != 0);
        web_answer_finish(&answer);
    }
}

static void nothing_of_other_hosts_is_allowed(void **state)
{
    (void)state;
    struct web_answer answer = answered("", NULL, false);
    const char *policy = web_answer_header(&answer, "content-security-policy");
    t_contains(policy, "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
                       "connect-src 'self'; img-src 'self'; base-uri 'none'");
    t_str(web_answer_header(&answer, "x-content-type-options"), "nosniff");
    t_str(web_answer_header(&answer, "referrer-policy"), "no-referrer");
    web_answer_finish(&answer);
}

static void unchanged_files_are_not_sent_again(void **state)
{
    (void)state;
    char own[64], weak[64], list[96];
    struct web_answer first = answered("main.js", NULL, false);
    const char *etag = web_answer_header(&first, "etag");
    snprintf(own, sizeof(own), "%s", etag);
    snprintf(weak, sizeof(weak), "W/%s", etag);
    snprintf(list, sizeof(list), "\"other\", %s", etag);
    const struct row {
        const char *name, *tags;
        int status;
    } rows[] = {
        /* clang-format off */
        {"the same",    own,             304},
        {"weak",        weak,            304},
        {"in a list",   list,            304},
        {"any",         "*",             304},
        {"another",     "\"0123456789\"", 200},
        {"empty",       "",              200},
        {"no quotes",   "x",             200},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        struct web_answer answer = answered("main.js", rows[i].tags, false);
        t_int(answer.status, rows[i].status);
        t_true((answer.body.len_bytes == 0) == (rows[i].status == 304));
        t_str(web_answer_header(&answer, "etag"), own);
        t_str(web_answer_header(&answer, "cache-control"), "no-cache");
        web_answer_finish(&answer);
    }
    web_answer_finish(&first);
}

static void only_get(void **state)
{
    (void)state;
    struct web_answer answer = answered("", NULL, true);
    t_int(answer.status, 405);
    web_answer_finish(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files),
        cmocka_unit_test(all_files),
        cmocka_unit_test(nothing_of_other_hosts_is_allowed),
        cmocka_unit_test(unchanged_files_are_not_sent_again),
        cmocka_unit_test(only_get),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
