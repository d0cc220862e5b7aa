/*
 * same_file: whether two paths name the same file.
 */
#ifndef FILES_SAME_FILE_H
#define FILES_SAME_FILE_H

#include <stdbool.h>

/*
 * Compares device and inode, following symbolic links. If a file does not exist: the same name in
 * the same folder.
 */
bool same_file(const char *a, const char *b);

#endif
