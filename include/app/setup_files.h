/*
 * setup_files: a setup's configuration and password on the disk: both, or none and no trace.
 */
#ifndef APP_SETUP_FILES_H
#define APP_SETUP_FILES_H

#include "app/secret.h"
#include "app/setup.h"
#include "base/buf.h"

/* -EEXIST: one of the files is there and `replace` is not said. A cinta.conf that is the package's
 * sample, word for word, counts as none. */
int setup_files_look(const struct setup *setup, bool replace, struct err *err);
/* Whether the folders are there or can be made, as far as can be told without making them. */
int setup_files_room(const struct setup *setup, struct err *err);

/*
 * Makes the folders that are missing, of the database and the state, too (0700; root's 0750).
 * `conf` is loaded from the disk before it gets its name. No signal ends the process in between.
 */
int setup_files_write(const struct setup *setup, const struct buf *conf,
                      const struct secret *password, bool replace, struct err *err);

#endif
