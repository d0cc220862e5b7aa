/*
 * token: when to log in. A pure state machine.
 *
 * The broker's token is valid for 24 h at most and until the end of the ART day, there is one per
 * user, and every login counts against a budget of about one a day (protocol sections 4.1 and 11).
 * Therefore at most one login is in flight; a new token is requested on a new ART day (then it is
 * less than 24 h old), and when a token that worked is answered with 401; refused logins are
 * repeated after minutes, with growing waits. The caller sends a login when market/request_budget
 * allows it, which limits them in any case.
 *
 * Pages instead of answers may mean an invalid token: older servers answer it with a login page. A
 * token that had worked, or is old, is then kept but not used while one login checks it. If the new
 * token gets such pages too, the token is not the cause, and the next such login is much later.
 *
 * The caller stores the token itself. Each token has a generation: an answer to a request that was
 * sent with an older one gives no information about the present one.
 */
#ifndef PRIMARY_TOKEN_H
#define PRIMARY_TOKEN_H

#include "base/clock.h"
#include "base/rng.h"

#include <stdbool.h>
#include <stdint.h>

enum token_state {
    TOKEN_ABSENT,   /* none; the next login is due at retry_ms */
    TOKEN_ASKING,   /* none, login in flight */
    TOKEN_HELD,     /* usable */
    TOKEN_RENEWING, /* usable, login in flight */
    TOKEN_CHECKING, /* kept but not used, login in flight: pages came instead of answers */
};

enum token_event_kind {
    TOKEN_EV_TICK,         /* time has passed; also the first event of all */
    TOKEN_EV_GRANTED,      /* login answered with a token */
    TOKEN_EV_REFUSED,      /* the broker refused user or password */
    TOKEN_EV_NO_TOKEN,     /* login answered with neither a token nor a refusal */
    TOKEN_EV_UNAVAILABLE,  /* no answer, a page instead of one, 429, 5xx */
    TOKEN_EV_WORKED,       /* the token of this generation was accepted */
    TOKEN_EV_UNAUTHORIZED, /* the token of this generation was refused */
    TOKEN_EV_PAGE,         /* a request with that token was answered with a page */
    TOKEN_EV_LOGIN_PAGE,   /* with the broker's login page */
    TOKEN_EV_DOUBTED,      /* it may be invalid: get a new one while this stays in use */
    TOKEN_EV_HURRY,        /* a session begins soon: a login that waits is sent now */
};

struct token_event {
    enum token_event_kind kind;
    int generation;         /* WORKED, UNAUTHORIZED, PAGE, LOGIN_PAGE */
    int64_t retry_after_ms; /* UNAVAILABLE: Retry-After of the broker; 0 = none */
};

struct token_machine {
    enum token_state state;
    int generation;      /* of the token held, or of the last one */
    int64_t obtained_ns; /* wall */
    bool worked;         /* this token was accepted by a request */
    bool ever_worked;    /* some token was accepted since the start */
    int failures;        /* logins in a row that failed, and tokens that were refused */
    int64_t retry_ms;    /* no login before this time (monotonic) */
    bool paged;          /* pages were received with this token since it last worked */
    int64_t paged_ms;    /* the first of them */
    int page_logins;     /* logins because of pages since a token last worked */
    int64_t page_ms;     /* no further one before this time */
    struct rng rng;
};

struct token_step {
    struct token_machine next;
    bool login;      /* send POST auth/getToken, now or when the request budget allows it */
    bool hopeless;   /* refused before any token worked: the service should exit with 77 */
    int64_t wake_ms; /* send TICK again at this time (monotonic) */
    const char *why; /* the reason for a login or a wait, for messages; NULL = nothing to report */
};

/* obtained_ns = 0: no token. Otherwise one from the cache (generation 1), obtained at that time. */
struct token_machine token_machine_init(int64_t obtained_ns, struct now now, uint64_t seed);

struct token_step token_step(struct token_machine machine, struct token_event event,
                             struct now now);

bool token_usable(const struct token_machine *machine);
const char *token_state_name(enum token_state state);

#endif
