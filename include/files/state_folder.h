/*
 * state_folder: whether state_dir is safe for the token and the lock file.
 *
 * A user who can write in it could replace these files.
 */
#ifndef FILES_STATE_FOLDER_H
#define FILES_STATE_FOLDER_H

#include "base/err.h"

/*
 * -EPERM, with the command that corrects it, if it belongs to another user or others may write in
 * it; -ENOTDIR; -ENOENT: it and its parent directory are missing; -errno. 0 otherwise, also if only
 * state_dir itself is missing.
 */
int state_folder_check(const char *path, struct err *err);

#endif
