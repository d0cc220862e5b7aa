/*
 * run_lock: allows only one cinta service per state directory.
 *
 * Two would log in twice and invalidate each other's token.
 */
#ifndef FILES_RUN_LOCK_H
#define FILES_RUN_LOCK_H

#include "base/err.h"

/* Creates the directory if it is missing (call state_folder_check() before). Returns a descriptor
 * to hold until the end, or -EBUSY; -EPERM: cinta.lock is not a regular file of this user; -errno.
 */
int run_lock_take(const char *state_dir, struct err *err);

#endif
