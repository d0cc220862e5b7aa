/*
 * credentials: the password, from where the user put it to where it is needed, and gone again.
 *
 * Files are read anew at each use, so that a changed password needs no restart. What was in
 * $CINTA_PASSWORD is moved into a secret at the start and erased from the environment.
 */
#ifndef APP_CREDENTIALS_H
#define APP_CREDENTIALS_H

#include "app/config.h"
#include "app/secret.h"
#include "base/err.h"

#include <sys/types.h>

struct credentials;

struct credentials *credentials_create(void); /* takes $CINTA_PASSWORD out of the environment */
void credentials_destroy(struct credentials *credentials);
/* As whose a password file is right, besides root's: this process's user unless this says another.
 */
void credentials_judge_for(struct credentials *credentials, uid_t user);

/*
 * The password: of broker.password_file, else of $CREDENTIALS_DIRECTORY/cinta-password, else what
 * $CINTA_PASSWORD held. A password_file that this process may not open gives way to systemd's copy:
 * the service's own user cannot read root's file, which is why systemd hands it over. A byte order
 * mark before it and one line end after it are cut. -EACCES: others can read or change the file;
 * -ENOENT: none of the three; -EINVAL: empty, too long, or with a control character in it.
 */
int credentials_password(struct credentials *credentials, const struct config *config,
                         struct secret *out, struct err *err);

/* A password by another way, under the same rules: these bytes, or all of a descriptor. `where` is
 * what errors call it: "the answer". */
int credentials_take(const char *text, size_t len_bytes, const char *where, struct secret *out,
                     struct err *err);
int credentials_read(int fd, const char *where, struct secret *out, struct err *err);

/* Why it may not be what was meant: blanks at its ends, quotation marks around it. NULL: no doubt.
 */
const char *credentials_doubt(const struct secret *password);

/* Where it would be read from; `out` is filled and returned. */
const char *credentials_origin(const struct credentials *credentials, const struct config *config,
                               char *out, size_t out_bytes);

#endif
