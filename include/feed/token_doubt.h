/*
 * token_doubt: whether an answer "the token is not valid" (401) concerns the token, or only its own
 * request. Pure.
 *
 * A server in between may answer one URL with 401 for a reason of its own. A login for each such
 * answer would use up the logins of the day, and giving up the token would end the polling of all
 * other instruments. So the request is sent once more; if other requests are accepted meanwhile, or
 * a new token is answered in the same way, it is treated like any refused request.
 */
#ifndef FEED_TOKEN_DOUBT_H
#define FEED_TOKEN_DOUBT_H

#include <stdbool.h>
#include <stdint.h>

/* Of one request that is sent again and again: the refusals since it was last accepted. */
struct token_doubt {
    int generation;   /* of the token of the last refusal; 0 = it is not refused */
    int64_t asked_ms; /* when the first refused one was sent */
    bool alone;       /* others were accepted since: its refusals do not concern any token */
};

/* Of all requests: the last one that was accepted. */
struct token_proof {
    int generation;
    int64_t asked_ms;
};

enum token_finding {
    TOKEN_ASK_AGAIN,     /* not known yet: send the request again */
    TOKEN_INVALID,       /* a new token is needed */
    TOKEN_OTHERS_ACCEPT, /* only this request is refused: a later one was accepted */
    TOKEN_NEW_ONE_TOO,   /* refused with another token too: others must show whether it is good */
};

/* `patience_ms`: so long after the first refusal no new token is needed yet. */
enum token_finding token_doubt_refused(struct token_doubt *doubt, const struct token_proof *proof,
                                       int generation, int64_t asked_ms, int64_t patience_ms);
void token_doubt_accepted(struct token_doubt *doubt, struct token_proof *proof, int generation,
                          int64_t asked_ms);

#endif
