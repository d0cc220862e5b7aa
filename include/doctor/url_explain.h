/*
 * url_explain: what is wrong with the URL of a WebSocket, from its text alone (protocol sections
 * 10.1, 12.2 and 15).
 *
 * Pure; nothing is asked, so the host need not exist. No value of the URL is shown: a parameter, a
 * user, a fragment or a long part of the path is described by its length and alphabet, and none of
 * its characters appears in any text.
 */
#ifndef DOCTOR_URL_EXPLAIN_H
#define DOCTOR_URL_EXPLAIN_H

#include "doctor/finding.h"

#include <stddef.h>

/* In order of importance: the first that applies is the cause. */
// clang-format off
#define URL_FAULTS(X) \
    /* no URL */ \
    X(URL_EMPTY,             "empty",                    DOCTOR_CONFIG) \
    X(URL_NOT_A_URL,         "not_a_url",                DOCTOR_CONFIG) \
    X(URL_TOO_LONG,          "too_long",                 DOCTOR_CONFIG) \
    X(URL_NO_HOST,           "no_host",                  DOCTOR_CONFIG) \
    X(URL_HOST_BAD,          "host_invalid",             DOCTOR_CONFIG) \
    X(URL_HOST_MISTYPED,     "host_misspelt",            DOCTOR_CONFIG) \
    X(URL_HOST_WILDCARD,     "host_of_a_listener",       DOCTOR_CONFIG) \
    /* the API host */ \
    X(URL_TOKEN_AS_SESSION,  "rest_token_as_session_id", DOCTOR_PATH) \
    X(URL_TERMINAL_FORM,     "terminal_form_on_api_host", DOCTOR_PATH) \
    X(URL_WS_PATH,           "ws_path_on_api_host",      DOCTOR_PATH) \
    X(URL_API_PATH,          "wrong_path",               DOCTOR_PATH) \
    X(URL_TOKEN_IN_QUERY,    "token_in_query",           DOCTOR_PATH) \
    X(URL_API_QUERY,         "query_on_api_host",        DOCTOR_PATH) \
    /* the terminal */ \
    X(URL_TERMINAL_AS_BROKER, "terminal_as_broker",      DOCTOR_PATH) \
    X(URL_TERMINAL_PATH,     "terminal_path",            DOCTOR_PATH) \
    X(URL_BROKER_HOST,       "not_the_api_host",         DOCTOR_PATH) \
    X(URL_GUEST_IDS,         "ids_for_a_guest",          DOCTOR_PATH) \
    X(URL_NAMES,             "misnamed_parameter",       DOCTOR_PATH) \
    X(URL_IDS_MISSING,       "ids_missing",              DOCTOR_AUTH) \
    X(URL_IDS_EMPTY,         "ids_empty",                DOCTOR_AUTH) \
    X(URL_PLACEHOLDER,       "placeholder",              DOCTOR_AUTH) \
    X(URL_TOKEN_AT_TERMINAL, "rest_token_at_terminal",   DOCTOR_AUTH) \
    X(URL_COOKIE,            "cookie_as_session_id",     DOCTOR_AUTH) \
    X(URL_ENCODED_TWICE,     "encoded_twice",            DOCTOR_PATH) \
    X(URL_NOT_ENCODED,       "ids_not_encoded",          DOCTOR_PATH) \
    X(URL_SESSION_INVENTED,  "session_id_invented",      DOCTOR_AUTH) \
    X(URL_CONN_INVENTED,     "conn_id_invented",         DOCTOR_AUTH) \
    X(URL_SAME_IDS,          "ids_equal",                DOCTOR_AUTH) \
    /* cinta's own address */ \
    X(URL_LOCAL_TLS,         "tls_to_cinta",             DOCTOR_PATH) \
    X(URL_LOCAL_PATH,        "wrong_path_of_cinta",      DOCTOR_PATH) \
    X(URL_LOCAL_PORT,        "port_of_cinta",            DOCTOR_PATH) \
    /* other hosts */ \
    X(URL_HOST_ADDRESS_ONLY, "ip_address",               DOCTOR_CONFIG) \
    X(URL_HOST_UNKNOWN_NAME, "host_unknown",             DOCTOR_CONFIG) \
    /* the form of the URL */ \
    X(URL_SCHEME_MISSING,    "scheme_missing",           DOCTOR_PATH) \
    X(URL_SCHEME_WRONG,      "scheme_wrong",             DOCTOR_PATH) \
    X(URL_SCHEME_BROKEN,     "scheme_broken",            DOCTOR_PATH) \
    X(URL_UNENCRYPTED,       "unencrypted",              DOCTOR_PATH) \
    X(URL_USER,              "user_in_url",              DOCTOR_PATH) \
    X(URL_PORT,              "port",                     DOCTOR_PATH) \
    X(URL_UNUSUAL,           "unusual_characters",       DOCTOR_CONFIG) \
    X(URL_BLANK,             "blank_inside",             DOCTOR_PATH) \
    X(URL_LINE_BREAK,        "line_break_inside",        DOCTOR_CONFIG) \
    X(URL_CONTROL,           "control_character",        DOCTOR_CONFIG) \
    X(URL_BACKSLASHES,       "backslashes",              DOCTOR_PATH) \
    X(URL_HTML_ENTITY,       "html_entity",              DOCTOR_PATH) \
    X(URL_BAD_PERCENT,       "incomplete_encoding",      DOCTOR_PATH) \
    X(URL_REPEATED,          "repeated_parameter",       DOCTOR_PATH) \
    X(URL_FRAGMENT,          "fragment",                 DOCTOR_PATH) \
    X(URL_ENCLOSED,          "enclosed",                 DOCTOR_CONFIG) \
    X(URL_ODD_PARAMETER,     "odd_parameter",            DOCTOR_PATH) \
    /* no fault */ \
    X(URL_FINE_API,          "api_host",                 DOCTOR_OK) \
    X(URL_FINE_TERMINAL,     "terminal",                 DOCTOR_OK) \
    X(URL_FINE_GUEST,        "public_terminal",          DOCTOR_OK) \
    X(URL_FINE_LOCAL,        "cinta",                    DOCTOR_OK) \
    X(URL_TEXT_AROUND,       "text_around",              DOCTOR_OK)
// clang-format on

#define URL_FAULT_NAME(name, key, class) name,
enum url_fault { URL_FAULTS(URL_FAULT_NAME) URL_FAULT_COUNT };
#undef URL_FAULT_NAME

const char *url_fault_key(enum url_fault fault); /* "rest_token_as_session_id" */
enum doctor_class url_fault_class(enum url_fault fault);

#define URL_FINDINGS_MAX  12
#define URL_FINDING_TEXT  512
#define URL_SENTENCE_TEXT 1536

struct url_finding {
    enum url_fault fault;
    /* What was found, what it means, what to do: parts of a sentence, without a full stop. */
    char what[URL_FINDING_TEXT], meaning[URL_FINDING_TEXT], todo[URL_FINDING_TEXT];
};

struct url_findings {
    char shown[URL_FINDING_TEXT]; /* the URL, with descriptions in the place of its values */
    struct url_finding finding[URL_FINDINGS_MAX]; /* at least one; the cause first */
    int count;
    enum doctor_class class;          /* of the cause */
    char sentence[URL_SENTENCE_TEXT]; /* the cause and what to do, with its full stop */
};

void url_explain(const char *url, struct url_findings *out);

#endif
