/*
 * headers: the headers of a request that a test makes, for web_header().
 */
#ifndef SUPPORT_HEADERS_H
#define SUPPORT_HEADERS_H

#include "serve/web.h"

#include <strings.h>

struct t_header {
    const char *name, *value; /* a NULL name ends the list */
};

/* `self` is the list. */
__attribute__((unused)) static const char *t_find_header(void *self, const char *name)
{
    const struct t_header *h = self;
    while (h->name && strcasecmp(h->name, name) != 0)
        h++;
    return h->value;
}

#endif
