#include "support/t.h"

#include "doctor/url_parts.h"

static const char *text_of(struct url_part part)
{
    static char text[256];
    snprintf(text, sizeof(text), "%.*s", (int)part.len_bytes, part.text);
    return text;
}

static void parts(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        enum url_scheme scheme;
        bool slashes;
        const char *user, *host, *port, *path, *fragment;
        int parameters;
    } rows[] = {
        {"wss://a.b/ws?x=1&y", URL_SCHEME_WSS, true, "", "a.b", "", "/ws", "", 2},
        {"WS://a.b:80", URL_SCHEME_WS, true, "", "a.b", "80", "", "", 0},
        {"https://a.b/#f?x=1", URL_SCHEME_HTTPS, true, "", "a.b", "", "/", "f?x=1", 0},
        {"http://a.b?x#", URL_SCHEME_HTTP, true, "", "a.b", "", "", "", 1},
        {"ftp://a.b/", URL_SCHEME_OTHER, true, "", "a.b", "", "/", "", 0},
        {"wss:/a.b/c", URL_SCHEME_WSS, false, "", "a.b", "", "/c", "", 0},
        {"wss//a.b/c", URL_SCHEME_WSS, false, "", "a.b", "", "/c", "", 0},
        {"wss:a.b/c", URL_SCHEME_WSS, false, "", "a.b", "", "/c", "", 0},
        {"//a.b/c", URL_SCHEME_NONE, false, "", "a.b", "", "/c", "", 0},
        {"a.b:8080/c", URL_SCHEME_NONE, false, "", "a.b", "8080", "/c", "", 0},
        {"a.b", URL_SCHEME_NONE, false, "", "a.b", "", "", "", 0},
        {"/ws?x=1", URL_SCHEME_NONE, false, "", "", "", "/ws", "", 1},
        {"wss://u:p@a.b/", URL_SCHEME_WSS, true, "u:p", "a.b", "", "/", "", 0},
        {"wss://u:p/q?r@a.b/", URL_SCHEME_WSS, true, "u:p/q?r", "a.b", "", "/", "", 0},
        {"wss://a.b/ws?m=x@y", URL_SCHEME_WSS, true, "", "a.b", "", "/ws", "", 1},
        {"wss://[::1]:8787/ws", URL_SCHEME_WSS, true, "", "[::1]", "8787", "/ws", "", 0},
        {"wss://[::1", URL_SCHEME_WSS, true, "", "[::1", "", "", "", 0},
        {"wss://", URL_SCHEME_WSS, true, "", "", "", "", "", 0},
        {"wss://?", URL_SCHEME_WSS, true, "", "", "", "", "", 0},
        {"wss://a.b/?&&x=1&", URL_SCHEME_WSS, true, "", "a.b", "", "/", "", 1},
        {"://a", URL_SCHEME_NONE, false, "", "", "//a", "", "", 0},
        {"", URL_SCHEME_NONE, false, "", "", "", "", "", 0},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct url_parts p;
        t_row(rows[i].url);
        url_parts_read(&p, rows[i].url);
        t_int(p.scheme, rows[i].scheme);
        t_int(p.slashes, rows[i].slashes);
        t_str(text_of(p.user), rows[i].user);
        t_str(text_of(p.host), rows[i].host);
        if (strcmp(rows[i].url, "://a") != 0) {
            t_str(text_of(p.port), rows[i].port);
            t_str(text_of(p.path), rows[i].path);
        }
        t_str(text_of(p.fragment), rows[i].fragment);
        t_int(p.has_fragment, strchr(rows[i].url, '#') != NULL);
        t_int(p.parameters, rows[i].parameters);
    }
}

static void parameters(void **state)
{
    (void)state;
    struct url_parts p;
    url_parts_read(&p, "wss://a.b/ws?session_id=a=b/c&conn_id=&loose&=v#x");
    t_int(p.parameters, 4);
    t_str(text_of(p.parameter[0].name), "session_id");
    t_str(text_of(p.parameter[0].value), "a=b/c");
    t_str(text_of(p.parameter[1].value), "");
    t_true(p.parameter[1].equals && !p.parameter[2].equals);
    t_str(text_of(p.parameter[2].name), "");
    t_str(text_of(p.parameter[2].value), "loose");
    t_str(text_of(p.parameter[3].name), "");
    t_str(text_of(p.parameter[3].value), "v");
}

/* A secret that was pasted without a name is not taken for one. */
static void a_value_that_ends_in_equals(void **state)
{
    (void)state;
    struct url_parts p;
    url_parts_read(&p, "wss://a.b/?Zk27wABAgMEBQYHCAkKCw==&short=");
    t_int(p.parameters, 2);
    t_true(!p.parameter[0].equals && p.parameter[1].equals);
    t_str(text_of(p.parameter[0].value), "Zk27wABAgMEBQYHCAkKCw==");
}

static void many_parameters(void **state)
{
    (void)state;
    char url[1024] = "wss://a.b/?";
    struct url_parts p;
    for (int i = 0; i < 200; i++)
        strcat(url, "x=1&");
    strcat(url, "#end");
    url_parts_read(&p, url);
    t_int(p.parameters, URL_PARAMETERS_MAX);
    t_str(text_of(p.fragment), "end");
}

static void comparisons_ignore_case(void **state)
{
    (void)state;
    const struct url_part part = {"Api.Eco.test", 7};
    t_true(url_part_is(part, "api.eco") && !url_part_is(part, "api.eco.") &&
           !url_part_is(part, "api"));
    t_true(url_part_begins(part, "API.") && !url_part_begins(part, "api.eco.t"));
    t_true(url_part_ends(part, ".ECO") && !url_part_ends(part, ".test") && url_part_ends(part, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts),
        cmocka_unit_test(parameters),
        cmocka_unit_test(a_value_that_ends_in_equals),
        cmocka_unit_test(many_parameters),
        cmocka_unit_test(comparisons_ignore_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
