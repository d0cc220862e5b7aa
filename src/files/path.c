#include "files/path.h"

#include <errno.h>
#include <string.h>

int path_folder(const char *path, char out[PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;
    if (len >= PATH_MAX)
        return -ENAMETOOLONG;
    memcpy(out, path, len);
    out[len] = '\0';
    if (len == 0)
        strcpy(out, slash ? "/" : ".");
    return 0;
}
