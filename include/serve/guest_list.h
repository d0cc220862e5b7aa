/*
 * guest_list: how many connections are open, in all and from each address.
 *
 * Pure. Owns the list. Addresses of this machine have no limit of their own: programs, and all
 * clients of a reverse proxy, come from there.
 */
#ifndef SERVE_GUEST_LIST_H
#define SERVE_GUEST_LIST_H

#include <stdbool.h>
#include <stdint.h>

struct guest_list;
struct guest; /* one open connection */

struct guest_limits {
    int all, each; /* `each`: from one address */
};

struct guest_list *guest_list_create(const struct guest_limits *limits); /* NULL: no memory */
void guest_list_destroy(struct guest_list *list);                        /* with all its guests */

/* One more connection; `address` is numeric, "" = unknown. NULL: too many, or no memory. */
struct guest *guest_list_add(struct guest_list *list, const char *address);
void guest_list_remove(struct guest *guest); /* NULL is fine */

/* Notes a request of the connection. True: it is the first one, or `guest` is NULL. */
bool guest_requests(struct guest *guest);

int guest_list_count(const struct guest_list *list);
int64_t guest_list_refused(const struct guest_list *list); /* so far */

#endif
