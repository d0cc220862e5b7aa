#include "feed/token_doubt.h"

enum token_finding token_doubt_refused(struct token_doubt *doubt, const struct token_proof *proof,
                                       int generation, int64_t asked_ms, int64_t patience_ms)
{
    bool renewed = doubt->generation && generation != doubt->generation;
    bool first = doubt->generation == 0;
    doubt->generation = generation;
    if (first) {
        doubt->asked_ms = asked_ms;
        return TOKEN_ASK_AGAIN;
    }
    doubt->alone |= proof->generation == generation && proof->asked_ms > doubt->asked_ms;
    if (doubt->alone)
        return TOKEN_OTHERS_ACCEPT;
    if (asked_ms - doubt->asked_ms < patience_ms)
        return TOKEN_ASK_AGAIN;
    return renewed ? TOKEN_NEW_ONE_TOO : TOKEN_INVALID;
}

void token_doubt_accepted(struct token_doubt *doubt, struct token_proof *proof, int generation,
                          int64_t asked_ms)
{
    *doubt = (struct token_doubt){0};
    if (proof->generation != generation || asked_ms > proof->asked_ms)
        *proof = (struct token_proof){generation, asked_ms};
}
