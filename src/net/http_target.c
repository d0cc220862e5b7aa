#include "net/http_target.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Also a segment that only begins with a dot: none of the broker's does. */
static bool is_sent_as_it_is(const char *path)
{
    if (*path != '/')
        return false;
    for (const char *c = path; *c; c++) {
        if (*c <= ' ' || *c > '~' || *c == '#' || (c[0] == '/' && c[1] == '.'))
            return false;
    }
    return true;
}

int http_target_of(struct http_target *target, const char *url)
{
    const char *authority = strstr(url, "://");
    const char *path = authority ? strchr(authority + 3, '/') : NULL;
    if (!path || !is_sent_as_it_is(path))
        return -EINVAL;
    size_t len = (size_t)(path - url) + 1;
    if (len >= sizeof(target->base))
        return -EINVAL;
    memcpy(target->base, url, len);
    target->base[len] = '\0';
    target->path = path;
    return 0;
}
