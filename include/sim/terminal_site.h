/*
 * terminal_site: what the simulated browser terminal answers over HTTP, and which handshakes of its
 * socket it admits (protocol sections 12.1, 12.2 and 12.6).
 *
 * Owns the sessions. Pure: the time is an argument. Which of its checks are made, and how an ended
 * session is refused, are rules, because real terminals differ or are not known in this.
 */
#ifndef SIM_TERMINAL_SITE_H
#define SIM_TERMINAL_SITE_H

#include "base/clock.h"
#include "base/json.h"
#include "serve/source.h"
#include "serve/web.h"
#include "sim/account.h"
#include "sim/terminal_sessions.h"

#include <stdbool.h>

/* What is checked, as bits. */
enum terminal_check {
    TERMINAL_CHECK_IDS = 1,    /* session_id and conn_id of a handshake are those of one session */
    TERMINAL_CHECK_COOKIE = 2, /* a handshake has the cookie of that session, and SERVERID */
    TERMINAL_CHECK_ORIGIN = 4, /* handshakes and logins come from a page of this host */
    TERMINAL_CHECK_CSRF = 8,   /* a login has the CSRF token of the session of its cookie */
};
#define TERMINAL_CHECK_ALL 15

/* How a request or handshake without a session is refused. */
enum terminal_refusal {
    TERMINAL_REFUSE_REDIRECT, /* 302 to the login page */
    TERMINAL_REFUSE_HTML,     /* 200 with the login page */
    TERMINAL_REFUSE_401,
    TERMINAL_REFUSE_403,
};

struct terminal_rules {
    unsigned checks;
    enum terminal_refusal refusal;
    bool guest; /* empty ids and no login suffice */
};

struct terminal_counts {
    int64_t requests, profiles;             /* all, and those for the profile */
    int64_t logins, login_refused, refused; /* refused: handshakes */
    const char *reason;                     /* of the last refused handshake; NULL: none yet */
};

/* To be filled in by its owner, with terminal_sessions_init(). */
struct terminal_site {
    struct terminal_sessions sessions;
    struct terminal_rules rules;
    struct terminal_counts counts;
    const struct account *account;      /* borrowed, as the next two */
    const struct market_source *source; /* for the list of instruments */
    struct json_parser *parser;
};

void terminal_site_answer(struct terminal_site *site, const struct web_request *request,
                          struct now now, struct web_answer *answer);
/* False: `answer` is the refusal. */
bool terminal_site_admits(struct terminal_site *site, const struct web_request *request,
                          struct now now, struct web_answer *answer);

#endif
