#include "net/http_outcome.h"

#include "support/t.h"

#include <curl/curl.h>

static void classes(void **state)
{
    (void)state;
    static const struct {
        int code;
        bool sent, overflow;
        enum http_outcome outcome;
    } rows[] = {
        {CURLE_OK, true, false, HTTP_OK},
        {CURLE_COULDNT_RESOLVE_HOST, false, false, HTTP_RESOLVE},
        {CURLE_COULDNT_RESOLVE_PROXY, false, false, HTTP_RESOLVE},
        {CURLE_COULDNT_CONNECT, false, false, HTTP_CONNECT},
        {CURLE_URL_MALFORMAT, false, false, HTTP_CONNECT},
        {CURLE_UNSUPPORTED_PROTOCOL, false, false, HTTP_CONNECT},
        {CURLE_UNSUPPORTED_PROTOCOL, true, false, HTTP_BROKEN},
        {CURLE_SSL_CONNECT_ERROR, false, false, HTTP_TLS},
        {CURLE_PEER_FAILED_VERIFICATION, false, false, HTTP_TLS},
        {CURLE_SSL_CACERT_BADFILE, false, false, HTTP_TLS},
        {CURLE_SSL_ISSUER_ERROR, false, false, HTTP_TLS},
        {CURLE_OPERATION_TIMEDOUT, false, false, HTTP_CONNECT},
        {CURLE_OPERATION_TIMEDOUT, true, false, HTTP_TIMEOUT},
        {CURLE_FILESIZE_EXCEEDED, true, false, HTTP_TOO_LARGE},
        {CURLE_WRITE_ERROR, true, true, HTTP_TOO_LARGE},
        {CURLE_WRITE_ERROR, true, false, HTTP_BROKEN},
        {CURLE_RECV_ERROR, true, false, HTTP_BROKEN},
        {CURLE_GOT_NOTHING, true, false, HTTP_BROKEN},
        {CURLE_ABORTED_BY_CALLBACK, true, false, HTTP_BROKEN},
        {CURLE_OUT_OF_MEMORY, false, false, HTTP_BROKEN},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(curl_easy_strerror((CURLcode)rows[i].code));
        t_int(http_outcome_of(rows[i].code, rows[i].sent, rows[i].overflow), rows[i].outcome);
    }
}

static void texts(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct http_failure failure;
        const char *text;
    } rows[] = {
        {"an answer", {.outcome = HTTP_OK, .words = ""}, ""},
        {"cancelled", {.outcome = HTTP_CANCELLED, .words = ""}, "cancelled"},
        {"name",
         {.outcome = HTTP_RESOLVE, .words = "cannot resolve host 'x'"},
         "cannot resolve host 'x': check broker.url and the machine's DNS"},
        {"connection", {.outcome = HTTP_CONNECT, .words = "refused"}, "no connection: refused"},
        {"libcurl's own text",
         {.outcome = HTTP_CONNECT, .code = CURLE_COULDNT_CONNECT, .words = ""},
         "no connection: Couldn't connect to server"},
        {"certificate",
         {.outcome = HTTP_TLS, .words = "certificate has expired"},
         "TLS: certificate has expired: check the host in broker.url, the clock and "
         "broker.ca_file"},
        {"no TLS on this port",
         {.outcome = HTTP_TLS, .words = "SSL routines::wrong version number"},
         "the server does not speak TLS on this port: correct the port, or write http:// or ws:// "
         "if it is meant to be unencrypted (SSL routines::wrong version number)"},
        {"time-out",
         {.outcome = HTTP_TIMEOUT, .words = "after 10 s"},
         "connected, but no complete answer: after 10 s"},
        {"broken", {.outcome = HTTP_BROKEN, .words = "reset"}, "the connection broke: reset"},
        {"body too large",
         {.outcome = HTTP_TOO_LARGE, .words = "", .body_max_bytes = 4096},
         "the answer is larger than 4096 bytes"},
        {"headers too large",
         {.outcome = HTTP_TOO_LARGE, .words = "", .body_max_bytes = 4096, .headers = true},
         "the answer has more than 128 headers or 32768 bytes of headers"},
        {"bytes that are not UTF-8",
         {.outcome = HTTP_BROKEN, .words = "name \xff\x01."},
         "the connection broke: name ? ."},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[256];
        t_row(rows[i].name);
        t_str(http_outcome_text(text, sizeof(text), &rows[i].failure), rows[i].text);
    }
    char small[20];
    const struct http_failure failure = {.outcome = HTTP_BROKEN, .words = "reset by peer"};
    t_str(http_outcome_text(small, sizeof(small), &failure), "the connection brok");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes),
        cmocka_unit_test(texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
