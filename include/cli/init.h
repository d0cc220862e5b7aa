/*
 * init: one run of `cinta init`: the answers, the configuration made from them, and what the test
 * of the login gave. The parts of the command share it.
 */
#ifndef CLI_INIT_H
#define CLI_INIT_H

#include "base/buf.h"
#include "base/secret.h"
#include "broker/token_cache.h"
#include "cli/cmd.h"
#include "setup/setup.h"

#include <limits.h>
#include <stdbool.h>

struct init {
    const struct cmd *self;
    bool asks; /* at a terminal, without --yes */
    bool force, no_test;

    struct setup setup;
    struct secret password;
    char conf_path[PATH_MAX], password_path[PATH_MAX];
    struct buf text;           /* of the configuration */
    struct config *config;     /* parsed from `text` */
    struct cached_token token; /* "" = not logged in */
    struct buf list;           /* the broker's answer; empty = none */
};

void init_begin(struct init *init, const struct cmd *self);
void init_finish(struct init *init); /* wipes the secrets */

/* Makes the configuration from the answers. STATUS_OK, or STATUS_CONFIG with an error on stderr. */
int init_compose(struct init *init);

#endif
