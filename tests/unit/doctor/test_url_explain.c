#include "support/t.h"

#include "doctor/url_explain.h"
#include "url_samples.h"

#include <stdlib.h>

#define API      "wss://api.eco.xoms.com.ar"
#define TERMINAL "wss://matriz.eco.xoms.com.ar"
#define GUEST    "wss://matbarofex.primary.ventures"

static struct url_findings found;

/* No part of a secret is in any text. */
static void check_no_secret(void)
{
    static const char *const secrets[] = {"Zk2",  "Qw4",     "Vb9",  "FxgZGhs", "CXyZz",
                                          "SFMy", "NotReal", "Tm90", "hunter2", "1795096978117"};
    for (size_t i = 0; i < T_COUNT(secrets); i++) {
        t_true(!strstr(found.sentence, secrets[i]) && !strstr(found.shown, secrets[i]));
        for (int j = 0; j < found.count; j++) {
            const struct url_finding *f = &found.finding[j];
            t_true(!strstr(f->what, secrets[i]) && !strstr(f->meaning, secrets[i]) &&
                   !strstr(f->todo, secrets[i]));
        }
    }
}

static void check_form(void)
{
    t_true(found.count >= 1 && found.count <= URL_FINDINGS_MAX);
    t_int(found.class, url_fault_class(found.finding[0].fault));
    t_true(found.sentence[strlen(found.sentence) - 1] == '.');
    t_true(strlen(found.sentence) < URL_SENTENCE_TEXT - 1);
    for (int j = 0; j < found.count; j++) {
        const struct url_finding *f = &found.finding[j];
        t_true(*f->what && *f->meaning && *f->todo);
        t_true(strlen(f->what) < URL_FINDING_TEXT - 1 &&
               strlen(f->meaning) < URL_FINDING_TEXT - 1 && strlen(f->todo) < URL_FINDING_TEXT - 1);
        t_true(j == 0 || found.finding[j - 1].fault <= f->fault);
    }
}

static const struct row {
    const char *url, *cause;
    enum doctor_class class;
    const char *words; /* of the sentence */
    const char *also;  /* another finding; NULL: not asked */
} rows[] = {
    /* the beginning of the project */
    {API "/ws?session_id=" TOKEN_ENC "&conn_id=", "rest_token_as_session_id", DOCTOR_PATH,
     "use wss://api.eco.xoms.com.ar/ with the header X-Auth-Token", NULL},
    {API "/ws?session_id=" TOKEN_ENC "&conn_id=k3j4h5", "rest_token_as_session_id", DOCTOR_PATH,
     "connect a page to cinta at ws://127.0.0.1:8787/", NULL},
    {API "/ws?session_id=" TOKEN "&conn_id=", "rest_token_as_session_id", DOCTOR_PATH,
     "44 characters of base64", NULL},
    {API "?session_id=" TOKEN_ENC, "rest_token_as_session_id", DOCTOR_PATH, "REST token", NULL},
    /* the API host */
    {API "/", "api_host", DOCTOR_OK, "a browser cannot send", NULL},
    {API, "api_host", DOCTOR_OK, "X-Auth-Token", NULL},
    {"wss://api.nosuchbroker.xoms.com.ar:443/", "api_host", DOCTOR_OK, "X-Auth-Token", NULL},
    {API "/ws", "ws_path_on_api_host", DOCTOR_PATH, "the path /", NULL},
    {API "/ws/", "ws_path_on_api_host", DOCTOR_PATH, "the path /", NULL},
    {API "/websocket", "wrong_path", DOCTOR_PATH, "the path / only", NULL},
    {API "/" TOKEN, "wrong_path", DOCTOR_PATH, "the path / only", NULL},
    {API "/rest/marketdata/get?symbol=DLR", "wrong_path", DOCTOR_PATH, "a path of the REST API",
     "query_on_api_host"},
    {API "/ws?session_id=" SESSION_ENC "&conn_id=" CONN_ENC, "terminal_form_on_api_host",
     DOCTOR_PATH, "wss://matriz.eco.xoms.com.ar/ws", NULL},
    {API "/ws?session_id=&conn_id=", "terminal_form_on_api_host", DOCTOR_PATH, "another host",
     NULL},
    {API "/?token=" TOKEN_ENC, "token_in_query", DOCTOR_PATH, "from the header X-Auth-Token", NULL},
    {API "/?" TOKEN, "token_in_query", DOCTOR_PATH, "from the header X-Auth-Token", NULL},
    {API "/?X-Auth-Token=" TOKEN_ENC, "token_in_query", DOCTOR_PATH, "logs", NULL},
    {API "/ws?token=" TOKEN_ENC, "ws_path_on_api_host", DOCTOR_PATH, "/ws", "token_in_query"},
    {API "/?level=1", "query_on_api_host", DOCTOR_PATH, "no parameters", NULL},
    {"https://api.eco.xoms.com.ar/", "scheme_wrong", DOCTOR_PATH, "begin the URL with wss://",
     "api_host"},
    {"http://api.remarkets.primary.com.ar/", "scheme_wrong", DOCTOR_PATH,
     "The scheme is http:", NULL},
    {"ws://api.eco.xoms.com.ar/", "unencrypted", DOCTOR_PATH, "in the clear", NULL},
    {"api.eco.xoms.com.ar", "scheme_missing", DOCTOR_PATH, "wss://", NULL},
    {"api.eco.xoms.com.ar/ws?session_id=" TOKEN_ENC, "rest_token_as_session_id", DOCTOR_PATH, "",
     "scheme_missing"},
    {"wss:/api.eco.xoms.com.ar/", "scheme_broken", DOCTOR_PATH, "://", NULL},
    {"ftp://api.eco.xoms.com.ar/", "scheme_wrong", DOCTOR_PATH, "ws or wss", NULL},
    {API ":8443/", "port", DOCTOR_PATH, "443", NULL},
    {API ":99999/", "port", DOCTOR_PATH, "1 to 65535", NULL},
    {API ":hunter2/", "port", DOCTOR_PATH, "1 to 65535", NULL},
    {API "/#hunter2", "fragment", DOCTOR_PATH, "#", NULL},
    {"wss://alice:hunter2@api.eco.xoms.com.ar/", "user_in_url", DOCTOR_PATH, "up to the @", NULL},
    {"wss://alice:hunter2/x?y@api.eco.xoms.com.ar/", "user_in_url", DOCTOR_PATH, "password", NULL},
    /* the terminal */
    {"https://matriz.eco.xoms.com.ar/", "terminal_as_broker", DOCTOR_PATH,
     "https://api.eco.xoms.com.ar/ as broker.url", NULL},
    {TERMINAL "/", "terminal_as_broker", DOCTOR_PATH, "wss://api.eco.xoms.com.ar/", NULL},
    {TERMINAL "/?session_id=" SESSION_ENC "&conn_id=" CONN_ENC, "terminal_path", DOCTOR_PATH,
     "/ws only", NULL},
    {TERMINAL "/ws?session_id=" SESSION_ENC "&conn_id=" CONN_ENC, "terminal", DOCTOR_OK,
     "Origin: https://matriz.eco.xoms.com.ar and the terminal's cookies", NULL},
    {TERMINAL "/ws", "ids_missing", DOCTOR_AUTH, "api/v2/profile", NULL},
    {TERMINAL "/ws?session_id=" SESSION_ENC, "ids_missing", DOCTOR_AUTH, "conn_id is missing",
     NULL},
    {TERMINAL "/ws?session_id=&conn_id=", "ids_empty", DOCTOR_AUTH, "Both ids are empty", NULL},
    {TERMINAL "/ws?session_id=" SESSION_ENC "&conn_id=", "ids_empty", DOCTOR_AUTH,
     "The conn_id is empty", NULL},
    {TERMINAL "/ws?session_id=" TOKEN_ENC "&conn_id=", "ids_empty", DOCTOR_AUTH, "empty",
     "rest_token_at_terminal"},
    {TERMINAL "/ws?session_id=" TOKEN_ENC "&conn_id=" CONN_ENC, "rest_token_at_terminal",
     DOCTOR_AUTH, "with this token use wss://api.eco.xoms.com.ar/", NULL},
    {TERMINAL "/ws?session_id=" SESSION "&conn_id=" CONN_ENC, "ids_not_encoded", DOCTOR_PATH,
     "encodeURIComponent", NULL},
    {TERMINAL "/ws?session_id=Qw4%252F7w&conn_id=" CONN_ENC, "encoded_twice", DOCTOR_PATH,
     "encoded twice", "session_id_invented"},
    {TERMINAL "/ws?session_id=" COOKIE "&conn_id=1795096978117", "cookie_as_session_id",
     DOCTOR_AUTH, "header Cookie", "conn_id_invented"},
    {TERMINAL "/ws?session_id=" SESSION_ENC "&conn_id=1795096978117", "conn_id_invented",
     DOCTOR_AUTH, "the digits of a time", NULL},
    {TERMINAL "/ws?session_id=" SESSION_ENC "&conn_id=123e4567-e89b-12d3-a456-426614174000",
     "conn_id_invented", DOCTOR_AUTH, "a UUID", NULL},
    {TERMINAL "/ws?session_id=abc&conn_id=" CONN_ENC, "session_id_invented", DOCTOR_AUTH,
     "64 characters", NULL},
    {TERMINAL "/ws?session_id=" SESSION_ENC "&conn_id=" SESSION_ENC, "ids_equal", DOCTOR_AUTH,
     "two different values", NULL},
    {TERMINAL "/ws?session_id=undefined&conn_id=" CONN_ENC, "placeholder", DOCTOR_AUTH, "undefined",
     NULL},
    {TERMINAL "/ws?sessionId=" SESSION_ENC "&connectionId=" CONN_ENC, "misnamed_parameter",
     DOCTOR_PATH, "call it session_id", NULL},
    {TERMINAL "/ws?session_id=" SESSION_ENC "&amp;conn_id=" CONN_ENC, "html_entity", DOCTOR_PATH,
     "&amp;", NULL},
    {TERMINAL "/ws?session_id=" SESSION_ENC "&conn_id=" CONN_ENC "&conn_id=", "repeated_parameter",
     DOCTOR_PATH, "more than once", "odd_parameter"},
    {TERMINAL "/ws?session_id=" SESSION_ENC "&conn_id=" CONN_ENC "%", "conn_id_invented",
     DOCTOR_AUTH, "conn_id", "incomplete_encoding"},
    {TERMINAL "/ws?session_id=" SESSION_ENC "&conn_id=" CONN_ENC "&EIO=3", "odd_parameter",
     DOCTOR_PATH, "1 parameter ", "terminal"},
    /* public terminals */
    {GUEST "/ws?session_id=&conn_id=", "public_terminal", DOCTOR_OK, "without login", NULL},
    {GUEST "/ws?session_id=" SESSION_ENC "&conn_id=" CONN_ENC, "ids_for_a_guest", DOCTOR_PATH,
     "?session_id=&conn_id=", NULL},
    {GUEST "/ws", "ids_missing", DOCTOR_AUTH, "?session_id=&conn_id=", NULL},
    {GUEST "/", "terminal_path", DOCTOR_PATH, "/ws only", NULL},
    /* cinta */
    {"ws://127.0.0.1:8787/", "cinta", DOCTOR_OK, "serve.listen", NULL},
    {"ws://localhost:8787/ws?session_id=hunter2", "cinta", DOCTOR_OK, "serve.token", NULL},
    {"wss://localhost:8787/", "tls_to_cinta", DOCTOR_PATH, "use ws://", NULL},
    {"ws://localhost/", "port_of_cinta", DOCTOR_PATH, "8787", NULL},
    {"localhost:8787", "scheme_missing", DOCTOR_PATH, "ws://", NULL},
    {"ws://localhost:8787/stream", "wrong_path_of_cinta", DOCTOR_PATH, "/ws", NULL},
    {"ws://0.0.0.0:8787/", "host_of_a_listener", DOCTOR_CONFIG, "127.0.0.1", NULL},
    {"ws://192.168.1.20:8787/", "cinta", DOCTOR_OK, "another machine", NULL},
    /* other hosts */
    {"wss://eco.xoms.com.ar/ws", "not_the_api_host", DOCTOR_PATH, "wss://api.eco.xoms.com.ar/",
     NULL},
    {"wss://api.eco.xoms.com/", "host_misspelt", DOCTOR_CONFIG, "api.eco.xoms.com.ar", NULL},
    {"wss://190.10.20.30/", "ip_address", DOCTOR_CONFIG, "certificate", NULL},
    {"wss://example.com/", "host_unknown", DOCTOR_CONFIG, "example.com", NULL},
    {"wss://example.com/ws?session_id=" TOKEN_ENC "&conn_id=" CONN_ENC, "rest_token_at_terminal",
     DOCTOR_AUTH, "REST API", "host_unknown"},
    {"wss:///ws", "no_host", DOCTOR_CONFIG, "nothing to connect to", NULL},
    {"wss://" TOKEN "/ws", "host_invalid", DOCTOR_CONFIG, "not a host name", NULL},
    {"wss://" COOKIE, "host_invalid", DOCTOR_CONFIG, "not a host name", NULL},
    /* the text */
    {"", "empty", DOCTOR_CONFIG, "no URL", NULL},
    {" \n", "empty", DOCTOR_CONFIG, "no URL", NULL},
    {TOKEN, "not_a_url", DOCTOR_CONFIG, "a token of the REST API", NULL},
    {COOKIE, "not_a_url", DOCTOR_CONFIG, "the terminal's cookie", NULL},
    {"no anda hunter2", "not_a_url", DOCTOR_CONFIG, "neither a scheme", NULL},
    {"wss%3A%2F%2Fapi.eco.xoms.com.ar%2F", "not_a_url", DOCTOR_CONFIG, "percent-encoded", NULL},
    {" \"" API "/\" ", "enclosed", DOCTOR_CONFIG, "remove them", "api_host"},
    {"url = " API "/", "api_host", DOCTOR_OK, "X-Auth-Token", "text_around"},
    {"curl '" TERMINAL "/ws?session_id=" SESSION_ENC "&conn_id=" CONN_ENC
     "' -H 'Cookie: _mtz_web_key=hunter2'",
     "terminal", DOCTOR_OK, "Origin", "text_around"},
    {"wscat -c " API "/ -H 'X-Auth-Token: " TOKEN "'", "api_host", DOCTOR_OK, "X-Auth-Token",
     "text_around"},
    {TERMINAL "/WS?session_id=" SESSION_ENC "&conn_id=" CONN_ENC, "terminal_path", DOCTOR_PATH,
     "/ws only", NULL},
    {API "/ws HTTP/1.1", "ws_path_on_api_host", DOCTOR_PATH, "", "text_around"},
    {"wss://\xef\xbd\x81pi.eco.xoms.com.ar/", "unusual_characters", DOCTOR_CONFIG, "U+FF41", NULL},
    {API "/\xe2\x80\x8b", "unusual_characters", DOCTOR_CONFIG, "U+200B", NULL},
    {"wss:\\\\api.eco.xoms.com.ar\\", "backslashes", DOCTOR_PATH, "write /", NULL},
    {TERMINAL "/ws?session_id=" SESSION_ENC "&conn_id=Vb9\n" CONN_ENC, "conn_id_invented",
     DOCTOR_AUTH, "", "line_break_inside"},
    {TERMINAL "/ws?session_id=Qw4 7wABAgM&conn_id=" CONN_ENC, "ids_not_encoded", DOCTOR_PATH,
     "blank", "blank_inside"},
};

static bool has(const char *key)
{
    for (int j = 0; j < found.count; j++) {
        if (strcmp(url_fault_key(found.finding[j].fault), key) == 0)
            return true;
    }
    return false;
}

static void urls(void **state)
{
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].url);
        url_explain(rows[i].url, &found);
        t_str(url_fault_key(found.finding[0].fault), rows[i].cause);
        t_int(found.class, rows[i].class);
        t_contains(found.sentence, rows[i].words);
        t_true(!rows[i].also || has(rows[i].also));
        check_form();
        check_no_secret();
    }
}

static void a_url_is_shown_without_its_values(void **state)
{
    (void)state;
    static const struct {
        const char *url, *shown;
    } shown[] = {
        {API "/ws?session_id=" TOKEN_ENC "&conn_id=",
         API "/ws?session_id=(44 characters of base64)&conn_id=(empty)"},
        {"https://alice:hunter2@api.eco.xoms.com.ar:443/rest/hunter2/?hunter2#hunter2",
         "https://(user)@api.eco.xoms.com.ar:443/rest/(7 bytes)/?(7 characters)#(7 bytes)"},
        {"wss://" TOKEN "/", "wss://(44 bytes)/"},
        {API "/?hunter2hunter2hunter2=x", API "/?(name)=(1 character)"},
        {"hunter2", "(7 bytes)"},
    };
    for (size_t i = 0; i < T_COUNT(shown); i++) {
        t_row(shown[i].url);
        url_explain(shown[i].url, &found);
        t_str(found.shown, shown[i].shown);
        check_no_secret();
    }
}

static void a_megabyte_of_text(void **state)
{
    (void)state;
    static const char *const begins[] = {
        API "/ws?session_id=", "", "wss://", API "/?", API "/#", "wss://u:"};
    static const char *const fillers[] = {"Zk2+7wABAgM",     "%25", "&a=b", "/", "@", "?x",
                                          "\xf0\x9f\x98\x80"};
    for (size_t i = 0; i < T_COUNT(begins) * T_COUNT(fillers); i++) {
        enum { BYTES = 1024 * 1024 };
        const char *filler = fillers[i % T_COUNT(fillers)];
        char *text = malloc(BYTES + 64);
        size_t len = (size_t)sprintf(text, "%s", begins[i / T_COUNT(fillers)]),
               step = strlen(filler);
        for (; len < BYTES; len += step)
            memcpy(text + len, filler, step);
        text[len] = '\0';
        t_row(begins[i / T_COUNT(fillers)]);
        url_explain(text, &found);
        t_str(url_fault_key(found.finding[0].fault),
              *begins[i / T_COUNT(fillers)] ? "too_long" : "not_a_url");
        check_form();
        check_no_secret();
        free(text);
    }
}

/* As many faults as possible: the most important ones remain. */
static void more_faults_than_fit(void **state)
{
    (void)state;
    url_explain("x \"http://u:hunter2@api.eco.xoms.com.ar:81/ws?session_id=" TOKEN
                "&amp;conn_id=a b%&token=x&token=y\x01\xe2\x80\x8b\nhunter2=\\#hunter2\" x",
                &found);
    t_int(found.count, URL_FINDINGS_MAX);
    t_str(url_fault_key(found.finding[0].fault), "rest_token_as_session_id");
    check_form();
    check_no_secret();
}

static void each_fault_has_a_key_of_its_own(void **state)
{
    (void)state;
    for (int a = 0; a < URL_FAULT_COUNT; a++) {
        for (int b = 0; b < a; b++)
            t_true(strcmp(url_fault_key((enum url_fault)a), url_fault_key((enum url_fault)b)) != 0);
        t_true(url_fault_key((enum url_fault)a)[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls),
        cmocka_unit_test(a_url_is_shown_without_its_values),
        cmocka_unit_test(a_megabyte_of_text),
        cmocka_unit_test(more_faults_than_fit),
        cmocka_unit_test(each_fault_has_a_key_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
