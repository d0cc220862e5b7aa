#include "files/same_file.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool same_inode(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The stat() of the folder, and the name in it (borrowed from `path`). */
static const char *split(const char *path, struct stat *folder)
{
    char text[PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (!slash)
        return stat(".", folder) ? NULL : path;
    if (snprintf(text, sizeof(text), "%.*s/", (int)(slash - path), path) >= (int)sizeof(text))
        return NULL;
    return stat(text, folder) ? NULL : slash + 1;
}

static bool same_name(const char *a, const char *b)
{
    struct stat folder_a, folder_b;
    const char *name_a = split(a, &folder_a), *name_b = split(b, &folder_b);
    return name_a && name_b && strcmp(name_a, name_b) == 0 && same_inode(&folder_a, &folder_b);
}

bool same_file(const char *a, const char *b)
{
    struct stat st_a, st_b;
    if (stat(a, &st_a) == 0 && stat(b, &st_b) == 0)
        return same_inode(&st_a, &st_b);
    return same_name(a, b);
}
