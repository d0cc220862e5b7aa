/*
 * init_login: the test of the login in `cinta init`, and of the symbols with the broker's list.
 */
#ifndef CLI_INIT_LOGIN_H
#define CLI_INIT_LOGIN_H

#include "cli/init.h"

/*
 * Logs in with the composed configuration, and at a terminal asks again after a refusal. Keeps the
 * token and the list of instruments in `init`. STATUS_OK also with --no-test, and when the user
 * wants the files without a login; otherwise the exit status, with an error on stderr.
 */
int init_login(struct init *init);

#endif
