/*
 * setup: the answers given to `cinta init`, and the configuration made from them.
 *
 * Each answer is checked when it is given, by the rules of its key in a configuration: -EINVAL with
 * a complete message, and the setup is unchanged. The password is not part of it.
 */
#ifndef SETUP_SETUP_H
#define SETUP_SETUP_H

#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"

#include <limits.h>

#define SETUP_URL_BYTES  1024
#define SETUP_USER_BYTES 256
#define SETUP_RECORD     "DLR/*, MERV - XMEV - AL30 - 24hs" /* the default */

/* "" and an empty list: not set yet. Paths are absolute. */
struct setup {
    char url[SETUP_URL_BYTES], user[SETUP_USER_BYTES], ca_file[PATH_MAX];
    char dir[PATH_MAX]; /* for cinta.conf and password */
    char db[PATH_MAX], state_dir[PATH_MAX];
    struct config_strings symbols, match; /* owned */
};

enum setup_kind {
    SETUP_EITHER, /* a glob if it contains *, ? or [, else a symbol */
    SETUP_SYMBOL,
    SETUP_GLOB,
};

void setup_finish(struct setup *setup);

/* A known broker's name, the API host, or its URL. */
int setup_broker(struct setup *setup, const char *text, struct err *err);
int setup_user(struct setup *setup, const char *text, struct err *err);
/* Adds the items between commas or semicolons; blanks around them are ignored. On failure none is
 * added. */
int setup_record(struct setup *setup, const char *text, enum setup_kind kind, struct err *err);
/* Makes a path absolute: relative to the current directory, "~/" to $HOME. */
int setup_path(char out[PATH_MAX], const char *text, struct err *err);

/* /etc/cinta for root, else $XDG_CONFIG_HOME/cinta, else ~/.config/cinta. */
int setup_default_dir(char out[PATH_MAX], struct err *err);
/*
 * The default directory of database and state: /var/lib/cinta for /etc/cinta, the user's data
 * directory for the user's default, and `dir` itself for any other.
 */
int setup_default_data(char out[PATH_MAX], const char *dir, struct err *err);

/* Sets the paths of database and state that are not set yet to this directory; NULL: the default.
 */
int setup_data(struct setup *setup, const char *folder, struct err *err);

/* Appends etc/cinta.conf with the answers filled in. */
int setup_text(const struct setup *setup, struct buf *out, struct err *err);

/* DIR/cinta.conf, DIR/password. */
int setup_file(char out[PATH_MAX], const struct setup *setup, const char *name, struct err *err);

#endif
