/*
 * finding: what a diagnosis can find, each with its name and its class (protocol section 15).
 *
 * The name is the "cause" of `cinta doctor --json`; the class decides the exit status.
 */
#ifndef DOCTOR_FINDING_H
#define DOCTOR_FINDING_H

enum doctor_class {
    DOCTOR_OK,
    DOCTOR_SILENT,     /* connected, but without data */
    DOCTOR_NETWORK,    /* name, connection, TLS, proxy; the broker is down or asks to wait */
    DOCTOR_AUTH,       /* user, password, token */
    DOCTOR_PERMISSION, /* logged in, but this user may not have the data */
    DOCTOR_PATH,       /* the address is not that of the API, or the path is wrong */
    DOCTOR_CONFIG,     /* configuration, files, disk, clock of this machine */
};

// clang-format off
#define DOCTOR_FINDINGS(X) \
    X(FINDING_NONE,               "ok",                   DOCTOR_OK) \
    /* no faults: warnings, and what explains why a step was skipped */ \
    X(FINDING_MARKET_CLOSED,      "market_closed",        DOCTOR_OK) \
    X(FINDING_NO_QUOTE,           "no_quote",             DOCTOR_OK) \
    X(FINDING_NO_LIST,            "no_list",              DOCTOR_OK) \
    X(FINDING_SYMBOLS_UNKNOWN,    "symbols_unknown",      DOCTOR_OK) \
    X(FINDING_SERVICE_STREAMS,    "service_streams",      DOCTOR_OK) \
    X(FINDING_SERVICE_POLLS,      "service_polls",        DOCTOR_OK) \
    X(FINDING_DISK_LOW,           "disk_low",             DOCTOR_OK) \
    X(FINDING_CLOCK_OFF,          "clock_off",            DOCTOR_OK) \
    X(FINDING_NATS,               "nats",                 DOCTOR_OK) \
    X(FINDING_LEASE,              "lease",                DOCTOR_OK) \
    X(FINDING_SOURCE,             "source",               DOCTOR_NETWORK) \
    X(FINDING_ODD_ADDRESS,        "odd_address",          DOCTOR_OK) \
    X(FINDING_ODD_PASSWORD,       "odd_password",         DOCTOR_OK) \
    X(FINDING_TOKEN_RENEWED,      "token_renewed",        DOCTOR_OK) \
    X(FINDING_UNENCRYPTED,        "unencrypted",          DOCTOR_OK) \
    X(FINDING_FORM_ACCEPTED,      "form_accepted",        DOCTOR_OK) \
    X(FINDING_TOKEN_ENDED,        "token_ended",          DOCTOR_OK) \
    X(FINDING_TERMINAL_ANSWERS,   "terminal_answers",     DOCTOR_OK) \
    X(FINDING_TERMINAL_HERE,      "terminal_here",        DOCTOR_OK) \
    /* this machine */ \
    X(FINDING_CONFIG_MISSING,     "config_missing",       DOCTOR_CONFIG) \
    X(FINDING_CONFIG_UNREADABLE,  "config_unreadable",    DOCTOR_CONFIG) \
    X(FINDING_CONFIG_INVALID,     "config_invalid",       DOCTOR_CONFIG) \
    X(FINDING_PASSWORD_MISSING,   "password_missing",     DOCTOR_CONFIG) \
    X(FINDING_PASSWORD_EXPOSED,   "password_file",        DOCTOR_CONFIG) \
    X(FINDING_PASSWORD_INVALID,   "password_invalid",     DOCTOR_CONFIG) \
    X(FINDING_FOLDERS,            "folders",              DOCTOR_CONFIG) \
    X(FINDING_DATABASE_NEWER,     "database_newer",       DOCTOR_CONFIG) \
    X(FINDING_DATABASE_FOREIGN,   "database_foreign",     DOCTOR_CONFIG) \
    X(FINDING_DATABASE_DAMAGED,   "database_damaged",     DOCTOR_CONFIG) \
    X(FINDING_DATABASE_CLOSED,    "database_unreadable",  DOCTOR_CONFIG) \
    X(FINDING_DISK_FULL,          "disk_full",            DOCTOR_CONFIG) \
    X(FINDING_CLOCK_WRONG,        "clock_wrong",          DOCTOR_CONFIG) \
    X(FINDING_CA_FILE,            "ca_file",              DOCTOR_CONFIG) \
    X(FINDING_NOTHING_LISTED,     "nothing_listed",       DOCTOR_CONFIG) \
    X(FINDING_NO_MEMORY,          "no_memory",            DOCTOR_CONFIG) \
    /* the address */ \
    X(FINDING_TERMINAL_ADDRESS,   "terminal_address",     DOCTOR_PATH) \
    X(FINDING_PAGE_ADDRESS,       "page_address",         DOCTOR_PATH) \
    X(FINDING_ENDPOINT_ADDRESS,   "endpoint_address",     DOCTOR_PATH) \
    X(FINDING_STREAM_TERMINAL,    "stream_terminal",      DOCTOR_PATH) \
    X(FINDING_NOT_THE_API,        "not_the_api",          DOCTOR_PATH) \
    X(FINDING_WEB_PAGE,           "web_page",             DOCTOR_PATH) \
    X(FINDING_REDIRECTED,         "redirected",           DOCTOR_PATH) \
    X(FINDING_STREAM_PATH,        "stream_path",          DOCTOR_PATH) \
    X(FINDING_STREAM_PAGE,        "stream_page",          DOCTOR_PATH) \
    X(FINDING_STREAM_REDIRECTED,  "stream_redirected",    DOCTOR_PATH) \
    X(FINDING_TOKEN_IN_QUERY,     "token_in_query",       DOCTOR_PATH) \
    X(FINDING_MATRIZ_NONE,        "no_terminal",          DOCTOR_PATH) \
    /* the way to the broker */ \
    X(FINDING_NAME_UNKNOWN,       "name_unknown",         DOCTOR_NETWORK) \
    X(FINDING_DNS_FAILED,         "dns_failed",           DOCTOR_NETWORK) \
    X(FINDING_DNS_SLOW,           "dns_timeout",          DOCTOR_NETWORK) \
    X(FINDING_TCP_REFUSED,        "tcp_refused",          DOCTOR_NETWORK) \
    X(FINDING_TCP_TIMEOUT,        "tcp_timeout",          DOCTOR_NETWORK) \
    X(FINDING_TCP_UNREACHABLE,    "tcp_unreachable",      DOCTOR_NETWORK) \
    X(FINDING_PROXY,              "proxy",                DOCTOR_NETWORK) \
    X(FINDING_TLS_EXPIRED,        "tls_expired",          DOCTOR_NETWORK) \
    X(FINDING_TLS_NOT_YET,        "tls_not_yet_valid",    DOCTOR_NETWORK) \
    X(FINDING_TLS_CLOCK,          "tls_clock",            DOCTOR_NETWORK) \
    X(FINDING_TLS_NAME,           "tls_wrong_name",       DOCTOR_NETWORK) \
    X(FINDING_TLS_SELF_SIGNED,    "tls_self_signed",      DOCTOR_NETWORK) \
    X(FINDING_TLS_ISSUER,         "tls_unknown_issuer",   DOCTOR_NETWORK) \
    X(FINDING_TLS_VERSION,        "tls_old_protocol",     DOCTOR_NETWORK) \
    X(FINDING_TLS_NONE,           "tls_not_spoken",       DOCTOR_NETWORK) \
    X(FINDING_TLS_OTHER,          "tls_failed",           DOCTOR_NETWORK) \
    X(FINDING_NO_ANSWER,          "no_answer",            DOCTOR_NETWORK) \
    X(FINDING_BROKEN,             "connection_broken",    DOCTOR_NETWORK) \
    X(FINDING_THROTTLED,          "throttled",            DOCTOR_NETWORK) \
    X(FINDING_UNAVAILABLE,        "unavailable",          DOCTOR_NETWORK) \
    X(FINDING_SERVER_ERROR,       "server_error",         DOCTOR_NETWORK) \
    X(FINDING_BLOCKED,            "blocked",              DOCTOR_NETWORK) \
    X(FINDING_MALFORMED,          "malformed",            DOCTOR_NETWORK) \
    X(FINDING_UPGRADE_LOST,       "upgrade_lost",         DOCTOR_NETWORK) \
    X(FINDING_HANDSHAKE_INVALID,  "handshake_invalid",    DOCTOR_NETWORK) \
    X(FINDING_STREAM_UNREACHABLE, "stream_unreachable",   DOCTOR_NETWORK) \
    X(FINDING_STREAM_LOST,        "stream_lost",          DOCTOR_NETWORK) \
    X(FINDING_NO_PONG,            "no_pong",              DOCTOR_NETWORK) \
    X(FINDING_MATRIZ_DOWN,        "terminal_unavailable", DOCTOR_NETWORK) \
    X(FINDING_MATRIZ_LOST,        "terminal_stream_lost", DOCTOR_NETWORK) \
    /* user, password, token */ \
    X(FINDING_LOGIN_REFUSED,      "login_refused",        DOCTOR_AUTH) \
    X(FINDING_NO_TOKEN,           "no_token",             DOCTOR_AUTH) \
    X(FINDING_LOGIN_PAGE,         "login_page",           DOCTOR_AUTH) \
    X(FINDING_TOKEN_REFUSED,      "token_refused",        DOCTOR_AUTH) \
    X(FINDING_STREAM_REFUSED,     "stream_refused",       DOCTOR_AUTH) \
    X(FINDING_STREAM_LOGIN_PAGE,  "stream_login_page",    DOCTOR_AUTH) \
    X(FINDING_STREAM_ENDED,       "stream_session_ended", DOCTOR_AUTH) \
    X(FINDING_MATRIZ_LOGIN,       "terminal_login_refused", DOCTOR_AUTH) \
    X(FINDING_MATRIZ_DENIED,      "terminal_login_denied", DOCTOR_AUTH) \
    X(FINDING_MATRIZ_NO_SESSION,  "terminal_no_session",  DOCTOR_AUTH) \
    X(FINDING_MATRIZ_REFUSED,     "terminal_stream_refused", DOCTOR_AUTH) \
    X(FINDING_NO_PERMISSION,      "no_permission",        DOCTOR_PERMISSION) \
    X(FINDING_STREAM_DENIED,      "stream_denied",        DOCTOR_PERMISSION) \
    /* connected, without data */ \
    X(FINDING_SILENT,             "silent",               DOCTOR_SILENT) \
    X(FINDING_DEAF,               "dead_stream",          DOCTOR_SILENT) \
    X(FINDING_INDEX_WITHOUT_IV,   "index_without_iv",     DOCTOR_SILENT) \
    X(FINDING_SANDBOX_SILENT,     "sandbox_silent",       DOCTOR_SILENT) \
    X(FINDING_MATRIZ_SILENT,      "terminal_silent",      DOCTOR_SILENT) \
    X(FINDING_SUBSCRIPTION,       "subscription_refused", DOCTOR_SILENT)
// clang-format on

#define DOCTOR_FINDING_NAME(name, key, class) name,
enum finding { DOCTOR_FINDINGS(DOCTOR_FINDING_NAME) FINDING_COUNT };
#undef DOCTOR_FINDING_NAME

const char *finding_key(enum finding finding); /* "tls_expired" */
enum doctor_class finding_class(enum finding finding);
const char *doctor_class_name(enum doctor_class class); /* "NETWORK" */

#endif
