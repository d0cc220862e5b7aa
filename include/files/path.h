/*
 * path: parts of a path.
 */
#ifndef FILES_PATH_H
#define FILES_PATH_H

#include <limits.h>

/* The folder of `path`: "a/b" of "a/b/c", "/" of "/c", "." of "c". 0 or -ENAMETOOLONG. */
int path_folder(const char *path, char out[PATH_MAX]);

#endif
