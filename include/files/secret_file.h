/*
 * secret_file: passwords and tokens, from files that nobody else can read.
 *
 * A secret is one line of 1 to SECRET_BYTES_MAX bytes without control characters; a byte order mark
 * at its start and one line end at its end are removed.
 */
#ifndef FILES_SECRET_FILE_H
#define FILES_SECRET_FILE_H

#include "base/err.h"
#include "base/secret.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* From memory, or all that a descriptor returns. `name` is for errors: "the password in x.txt". */
int secret_take(const char *text, size_t len_bytes, const char *name, struct secret *out,
                struct err *err);
int secret_read(int fd, const char *name, struct secret *out, struct err *err);

struct secret_file {
    const char *path;
    const char *what;       /* "password" */
    const char *key;        /* of the configuration: "broker.password_file" */
    const char *credential; /* the name under which systemd can pass it: "cinta-password" */
    bool from_systemd;      /* it is in $CREDENTIALS_DIRECTORY */
    uid_t user;             /* who will read it */
};

/* -EACCES: others can read or change it; -EINVAL: the rules above; -errno. */
int secret_file_read(const struct secret_file *file, struct secret *out, struct err *err);

/* The path of a credential that systemd passes; false: there is none. */
bool secret_file_passed(const char *credential, char *path, size_t path_bytes);

#endif
