/*
 * run_lock: one cinta per state directory.
 *
 * Two of them would log in twice and kill each other's token.
 */
#ifndef APP_RUN_LOCK_H
#define APP_RUN_LOCK_H

#include "base/err.h"

/* Makes the directory when it is missing (state_folder_check() is the caller's). A descriptor to
 * hold until the end, or -EBUSY, -EPERM: what lies in the place of the lock is not ours, -errno. */
int run_lock_take(const char *state_dir, struct err *err);

#endif
