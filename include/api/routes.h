/*
 * routes: the paths of the local API and who answers them.
 */
#ifndef API_ROUTES_H
#define API_ROUTES_H

#include "api/context.h"

#include <stdbool.h>

typedef enum web_action api_handler(const struct api_call *call);

struct api_route {
    const char *path; /* without the leading '/'; with a '*' at its end: all that begin with it */
    api_handler *handler;
    bool open; /* needs no token */
};

const struct api_route *api_route_find(const char *path); /* NULL: there is no such path */

#endif
