#include "service/lease_view.h"

#include <stdio.h>

const char *lease_role_name(enum lease_role role)
{
    static const char *const names[] = {"waiting", "standby", "active", "isolated"};
    return names[role];
}

char *lease_words(char out[LEASE_WORDS_BYTES], const struct lease_facts *f)
{
    const char *why = f->state.why, *colon = *why ? ": " : "";
    switch (f->role) {
    case LEASE_ROLE_WAITING:
        snprintf(out, LEASE_WORDS_BYTES, "it is not known yet who has the lease%s%s", colon, why);
        break;
    case LEASE_ROLE_STANDBY:
        snprintf(out, LEASE_WORDS_BYTES, "%s has the lease%s%s",
                 *f->state.host ? f->state.host : "another recorder",
                 *why ? "; it cannot be read: " : "", why);
        break;
    case LEASE_ROLE_ACTIVE:
        snprintf(out, LEASE_WORDS_BYTES, "this recorder has the lease%s%s",
                 *why ? "; it cannot be renewed: " : "", why);
        break;
    case LEASE_ROLE_ISOLATED:
        snprintf(out, LEASE_WORDS_BYTES, "the lease cannot be renewed%s%s", colon, why);
    }
    return out;
}

char *lease_rest(char out[LEASE_WORDS_BYTES], const struct lease_facts *f)
{
    char words[LEASE_WORDS_BYTES];
    *out = '\0';
    if (f && !f->asks)
        snprintf(out, LEASE_WORDS_BYTES, "%s: %.600s", lease_role_name(f->role),
                 lease_words(words, f));
    return out;
}
