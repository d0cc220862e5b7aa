/*
 * same_file: whether two paths lead to one file, whatever they are called.
 */
#ifndef BASE_SAME_FILE_H
#define BASE_SAME_FILE_H

#include <stdbool.h>

/*
 * By device and inode, through links of both kinds. Of files that are not there: one name in one
 * folder.
 */
bool same_file(const char *a, const char *b);

#endif
