#include "serve/guest_list.h"

#include "serve/access.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESS_BYTES 64

/* All connections from one address. */
struct origin {
    struct origin *next, **from; /* `from` points to the pointer to this one */
    int count;
    char address[ADDRESS_BYTES];
};

struct guest {
    struct guest_list *list;
    struct guest *next, **from;
    struct origin *origin; /* NULL: this machine */
    bool has_requested;
};

struct guest_list {
    struct guest_limits limits;
    struct guest *guests;
    struct origin *origins;
    int count;
    int64_t refused;
};

static struct origin *origin_of(struct guest_list *list, const char *address)
{
    struct origin *o = list->origins;
    while (o && strcmp(o->address, address) != 0)
        o = o->next;
    if (o)
        return o;
    o = calloc(1, sizeof(*o));
    if (!o)
        return NULL;
    snprintf(o->address, sizeof(o->address), "%s", address);
    o->next = list->origins;
    o->from = &list->origins;
    if (o->next)
        o->next->from = &o->next;
    list->origins = o;
    return o;
}

static void leave_origin(struct origin *o)
{
    if (!o || --o->count > 0)
        return;
    *o->from = o->next;
    if (o->next)
        o->next->from = o->from;
    free(o);
}

/* False: refused. `*out` is NULL for this machine. */
static bool enter_origin(struct guest_list *list, const char *address, struct origin **out)
{
    *out = NULL;
    if (access_is_loopback(address) || strcmp(address, "unix") == 0)
        return true;
    struct origin *o = origin_of(list, address);
    if (!o)
        return false;
    o->count++;
    if (o->count > list->limits.each) {
        leave_origin(o);
        return false;
    }
    *out = o;
    return true;
}

static struct guest *enter(struct guest_list *list, const char *address)
{
    struct origin *origin;
    struct guest *guest = NULL;
    if (list->count >= list->limits.all || !enter_origin(list, address, &origin))
        return NULL;
    guest = calloc(1, sizeof(*guest));
    if (!guest) {
        leave_origin(origin);
        return NULL;
    }
    *guest = (struct guest){list, list->guests, &list->guests, origin, false};
    if (guest->next)
        guest->next->from = &guest->next;
    list->guests = guest;
    list->count++;
    return guest;
}

struct guest *guest_list_add(struct guest_list *list, const char *address)
{
    struct guest *guest = enter(list, address);
    list->refused += guest == NULL;
    return guest;
}

void guest_list_remove(struct guest *guest)
{
    if (!guest)
        return;
    *guest->from = guest->next;
    if (guest->next)
        guest->next->from = guest->from;
    guest->list->count--;
    leave_origin(guest->origin);
    free(guest);
}

struct guest_list *guest_list_create(const struct guest_limits *limits)
{
    struct guest_list *list = calloc(1, sizeof(*list));
    if (list)
        list->limits = *limits;
    return list;
}

void guest_list_destroy(struct guest_list *list)
{
    if (!list)
        return;
    while (list->guests)
        guest_list_remove(list->guests);
    free(list);
}

bool guest_requests(struct guest *guest)
{
    bool first = !guest || !guest->has_requested;
    if (guest)
        guest->has_requested = true;
    return first;
}

int guest_list_count(const struct guest_list *list)
{
    return list->count;
}

int64_t guest_list_refused(const struct guest_list *list)
{
    return list->refused;
}
