/*
 * setup_files: writes the configuration and password files of a setup: both, or nothing.
 */
#ifndef SETUP_SETUP_FILES_H
#define SETUP_SETUP_FILES_H

#include "base/buf.h"
#include "base/secret.h"
#include "setup/setup.h"

/* -EEXIST: one of the files exists and `replace` is false. A cinta.conf that is identical to the
 * package's sample may be replaced. */
int setup_files_look(const struct setup *setup, bool replace, struct err *err);
/* Whether the directories exist or can be created, without creating them. */
int setup_files_room(const struct setup *setup, struct err *err);

/*
 * Creates the missing directories, also those of database and state (0700; 0750 for root). Loads
 * `conf` from the disk before renaming it into place. Signals are blocked meanwhile.
 */
int setup_files_write(const struct setup *setup, const struct buf *conf,
                      const struct secret *password, bool replace, struct err *err);

#endif
