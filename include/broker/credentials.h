/*
 * credentials: reads the password from a file, systemd or the environment into a secret.
 *
 * Files are read again at each use, so that a changed password needs no restart. The value of
 * $CINTA_PASSWORD is moved into a secret at the start and erased from the environment.
 */
#ifndef BROKER_CREDENTIALS_H
#define BROKER_CREDENTIALS_H

#include "base/err.h"
#include "base/secret.h"
#include "config/config.h"

#include <sys/types.h>

struct credentials;

struct credentials *credentials_create(void); /* removes $CINTA_PASSWORD from the environment */
void credentials_destroy(struct credentials *credentials);
/* Sets the user that must own a password file, if it is not root's. Default: this process's user.
 */
void credentials_judge_for(struct credentials *credentials, uid_t user);

/*
 * The password from broker.password_file, else from $CREDENTIALS_DIRECTORY/cinta-password, else
 * from $CINTA_PASSWORD. If this process may not open password_file, systemd's copy is used: the
 * service's user cannot read root's file, so systemd passes a copy of it. A byte order mark at the
 * start and one line end at the end are removed. -EACCES: others can read or change the file;
 * -ENOENT: none of the three exists; -EINVAL: empty, too long, or with a control character.
 */
int credentials_password(struct credentials *credentials, const struct config *config,
                         struct secret *out, struct err *err);

/* Why the password may be mistyped: blanks at its ends, quotation marks around it. NULL: nothing
 * suspicious. */
const char *credentials_doubt(const struct secret *password);

/* Where it would be read from: a path, "$CINTA_PASSWORD" or "nowhere". May use `out`. */
const char *credentials_origin(const struct credentials *credentials, const struct config *config,
                               char *out, size_t out_bytes);

#endif
