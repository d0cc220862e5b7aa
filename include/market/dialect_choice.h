/*
 * dialect_choice: which of the configured kinds of stream (stream.dialects) delivers the data, and
 * which of them connect now. Pure.
 *
 * One of them is the main one, whose data are recorded. If it has not streamed for half a minute of
 * the session, the next one connects too, and the first that streams becomes the main one; the
 * others are closed. While a less preferred one streams, the preferred ones are tried from time to
 * time, 5 to 30 minutes apart. One that has streamed for 10 s becomes the main one; the previous
 * one stays open for 10 s more, while its instruments move. Outside session hours nothing changes,
 * except when the main one streams no more.
 */
#ifndef MARKET_DIALECT_CHOICE_H
#define MARKET_DIALECT_CHOICE_H

#include "base/rng.h"

#include <stdbool.h>
#include <stdint.h>

#define DIALECTS_MAX 4

/* Dialects are indices in order of preference, and bits of a set. All times are monotonic. */
struct dialect_choice {
    int count, main;
    unsigned wanted;  /* they connect, or are connected */
    bool streaming;   /* the main one is */
    int64_t since_ms; /* not streaming: since then, in the session */
    bool in_session;  /* at the last step */

    bool trying;          /* the preferred ones are wanted too */
    int64_t trial_ms;     /* start of the trial, or of the next one */
    int candidate;        /* of the trial: the most preferred that streams; -1 = none */
    int64_t candidate_ms; /* since then */
    int failed_trials;    /* in a row */

    int64_t leaving_ms; /* when the previous main one is closed; 0 = it is */
    struct rng rng;
};

struct dialect_step {
    struct dialect_choice next;
    bool changed;    /* there is another main one */
    const char *why; /* then; else NULL */
    int64_t wake_ms; /* call again then; INT64_MAX = only when something else happens */
};

/* `main`: the one to begin with. */
struct dialect_choice dialect_choice_init(int count, int main, int64_t now_ms, uint64_t seed);

/* `streaming`: those that deliver data now. */
struct dialect_step dialect_choice_step(struct dialect_choice choice, unsigned streaming,
                                        bool in_session, int64_t now_ms);

#endif
