#include "net/http_outcome.h"

#include "base/utf8.h"
#include "net/http_fields.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

enum http_outcome http_outcome_of(int code, bool sent, bool overflow)
{
    switch ((CURLcode)code) {
    case CURLE_OK:
        return HTTP_OK;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return HTTP_RESOLVE;
    case CURLE_COULDNT_CONNECT:
    case CURLE_URL_MALFORMAT:
        return HTTP_CONNECT;
    case CURLE_UNSUPPORTED_PROTOCOL: /* in the URL, or an answer that is not HTTP/1 */
        return sent ? HTTP_BROKEN : HTTP_CONNECT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return HTTP_TLS;
    case CURLE_OPERATION_TIMEDOUT:
        return sent ? HTTP_TIMEOUT : HTTP_CONNECT;
    case CURLE_FILESIZE_EXCEEDED:
        return HTTP_TOO_LARGE;
    case CURLE_WRITE_ERROR:
        return overflow ? HTTP_TOO_LARGE : HTTP_BROKEN;
    default:
        return HTTP_BROKEN;
    }
}

/* OpenSSL's messages when the answer to the first TLS record is plain text. */
static bool is_plain_server(const char *words)
{
    return strstr(words, "wrong version number") || strstr(words, "packet length too long") ||
           strstr(words, "http request");
}

static void put_tls(char *out, size_t out_bytes, const char *words)
{
    if (is_plain_server(words))
        snprintf(
            out, out_bytes,
            "the server does not speak TLS on this port: correct the port, or write http:// or "
            "ws:// if it is meant to be unencrypted (%s)",
            words);
    else
        snprintf(out, out_bytes,
                 "TLS: %s: check the host in broker.url, the clock and broker.ca_file", words);
}

static void put_too_large(char *out, size_t out_bytes, const struct http_failure *failure)
{
    if (!failure->headers)
        snprintf(out, out_bytes, "the answer is larger than %zu bytes", failure->body_max_bytes);
    else
        snprintf(out, out_bytes, "the answer has more than %d headers or %d bytes of headers",
                 HTTP_FIELDS_MAX, HTTP_FIELDS_BYTES);
}

const char *http_outcome_text(char *out, size_t out_bytes, const struct http_failure *failure)
{
    const char *words =
        *failure->words ? failure->words : curl_easy_strerror((CURLcode)failure->code);
    switch (failure->outcome) {
    case HTTP_OK:
        return "";
    case HTTP_CANCELLED:
        return "cancelled";
    case HTTP_RESOLVE:
        snprintf(out, out_bytes, "%s: check broker.url and the machine's DNS", words);
        break;
    case HTTP_CONNECT:
        snprintf(out, out_bytes, "no connection: %s", words);
        break;
    case HTTP_TLS:
        put_tls(out, out_bytes, words);
        break;
    case HTTP_TIMEOUT:
        snprintf(out, out_bytes, "connected, but no complete answer: %s", words);
        break;
    case HTTP_BROKEN:
        snprintf(out, out_bytes, "the connection broke: %s", words);
        break;
    case HTTP_TOO_LARGE:
        put_too_large(out, out_bytes, failure);
        break;
    }
    utf8_clean(out, out_bytes, out, strlen(out)); /* some contain names from the certificate */
    return out;
}
