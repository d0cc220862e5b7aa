/*
 * state_folder: whether state_dir is a place for secrets.
 *
 * The token and the lock are there. Whoever may write in it could put other files in their places.
 */
#ifndef APP_STATE_FOLDER_H
#define APP_STATE_FOLDER_H

#include "base/err.h"

/*
 * -EPERM, with the command that mends it, when it belongs to another user or others may write in
 * it; -ENOTDIR; -ENOENT: it is missing, and the folder above it, too; -errno. 0 otherwise, also
 * when it is not made yet.
 */
int state_folder_check(const char *path, struct err *err);

#endif
