/*
 * trouble: why rows cannot be written just now, since when, and when to try again.
 *
 * Pure; the writer's thread tells it what SQLite said. Locks are tried again soon and told only
 * once they last; anything else is told at once and tried again ever more slowly.
 */
#ifndef STORE_TROUBLE_H
#define STORE_TROUBLE_H

#include <stdbool.h>
#include <stdint.h>

#define TROUBLE_WORDS 896

enum trouble_kind { TROUBLE_NONE, TROUBLE_LOCKED, TROUBLE_FAILING };

struct trouble {
    enum trouble_kind kind;
    bool told;
    int64_t since_ms;
    int64_t wait_ms; /* before the next try */
    char why[TROUBLE_WORDS];
};

/* A try has failed. True: this is news to tell, `why` has the words. */
bool trouble_note(struct trouble *trouble, bool locked, const char *why, int64_t now_ms);

#endif
