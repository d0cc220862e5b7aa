/*
 * setup: what `cinta init` is told, and the configuration that says it.
 *
 * Each answer is checked when it is given, as its key is when a configuration is read: -EINVAL with
 * words that stand by themselves, and the setup is as it was. The password is not among the
 * answers.
 */
#ifndef APP_SETUP_H
#define APP_SETUP_H

#include "app/config.h"
#include "base/buf.h"
#include "base/err.h"

#include <limits.h>

#define SETUP_URL_BYTES  1024
#define SETUP_USER_BYTES 256
#define SETUP_RECORD     "DLR/*, MERV - XMEV - AL30 - 24hs" /* when nothing else is said */

/* "" and an empty list: not told yet. Paths are absolute. */
struct setup {
    char url[SETUP_URL_BYTES], user[SETUP_USER_BYTES], ca_file[PATH_MAX];
    char dir[PATH_MAX]; /* gets cinta.conf and password */
    char db[PATH_MAX], state_dir[PATH_MAX];
    struct config_strings symbols, match; /* owned */
};

enum setup_kind {
    SETUP_EITHER, /* a glob when it has one of *?[ in it, else a symbol */
    SETUP_SYMBOL,
    SETUP_GLOB,
};

void setup_finish(struct setup *setup);

/* A known broker's name, the API host, or its address. */
int setup_broker(struct setup *setup, const char *text, struct err *err);
int setup_user(struct setup *setup, const char *text, struct err *err);
/* Adds the words between commas or semicolons, less the blanks around them: all or none of them. */
int setup_record(struct setup *setup, const char *text, enum setup_kind kind, struct err *err);
/* One of the paths above: from the current directory, "~/" from $HOME. */
int setup_path(char out[PATH_MAX], const char *text, struct err *err);

/* /etc/cinta for root, else $XDG_CONFIG_HOME/cinta, else ~/.config/cinta. */
int setup_default_dir(char out[PATH_MAX], struct err *err);
/*
 * Where database and state go when nobody says: /var/lib/cinta for /etc/cinta, the user's data
 * folder for the user's default, and `dir` itself for any other.
 */
int setup_default_data(char out[PATH_MAX], const char *dir, struct err *err);

/* The database and the state that are not told yet go to this folder; NULL: the default. */
int setup_data(struct setup *setup, const char *folder, struct err *err);

/* etc/cinta.conf with the answers in it. Appends. */
int setup_text(const struct setup *setup, struct buf *out, struct err *err);

/* DIR/cinta.conf, DIR/password. */
int setup_file(char out[PATH_MAX], const struct setup *setup, const char *name, struct err *err);

#endif
