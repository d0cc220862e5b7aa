/*
 * lease_view: the state of the lease in words, for /readyz, the status line of systemd and `cinta
 * status`. Pure.
 */
#ifndef SERVICE_LEASE_VIEW_H
#define SERVICE_LEASE_VIEW_H

#include "lease/lease.h"

enum lease_role {
    LEASE_ROLE_WAITING,  /* it is not known who has it */
    LEASE_ROLE_STANDBY,  /* another recorder */
    LEASE_ROLE_ACTIVE,   /* this one */
    LEASE_ROLE_ISOLATED, /* this one had it and cannot renew it; others may have taken it */
};
const char *lease_role_name(enum lease_role role); /* "standby" */

struct lease_facts {
    const char *name;
    enum lease_role role;
    int64_t since_ns;  /* of the role, wall */
    bool asks;         /* the broker is asked */
    int64_t takeovers; /* since the start: from another recorder to this one */
    int64_t withheld;  /* changes since the start that are never published */
    struct lease_state state;
};

/* "b.example has the lease". Returns `out`. */
#define LEASE_WORDS_BYTES 640
char *lease_words(char out[LEASE_WORDS_BYTES], const struct lease_facts *facts);
/* "standby: b.example has the lease", why the broker is not asked; "" = it is, or there is no lease
 * (NULL). Returns `out`. */
char *lease_rest(char out[LEASE_WORDS_BYTES], const struct lease_facts *facts);

#endif
