/*
 * credentials: the password, from where the user put it to where it is needed, and gone again.
 *
 * A struct secret lives in pages of its own that are locked in memory, kept out of core dumps and
 * wiped before they are given back. $CINTA_PASSWORD is moved into such pages by
 * credentials_create() and erased from the environment; files are read anew at each use, so a
 * changed password needs no restart.
 */
#ifndef APP_CREDENTIALS_H
#define APP_CREDENTIALS_H

#include "app/config.h"
#include "base/err.h"

struct secret {
    char *text; /* NUL-terminated */
    size_t len_bytes;
    size_t mapped_bytes;
};

void secret_wipe(struct secret *secret); /* accepts a zeroed one */

struct credentials;

struct credentials *credentials_create(void); /* takes $CINTA_PASSWORD out of the environment */
void credentials_destroy(struct credentials *credentials);

/*
 * Reads the password: broker.password_file, else $CREDENTIALS_DIRECTORY/cinta-password, else what
 * $CINTA_PASSWORD held. One trailing newline is cut. -EACCES: the file is readable by group or
 * others; -ENOENT: none of the three; -EINVAL: empty, too long, or with control characters.
 */
int credentials_password(struct credentials *credentials, const struct config *config,
                         struct secret *out, struct err *err);
/* Where it would be read from: "/etc/cinta/password", "$CINTA_PASSWORD"... for `check`. */
const char *credentials_origin(const struct credentials *credentials, const struct config *config);

#endif
