/*
 * init_dialog: the questions and the output of `cinta init`.
 */
#ifndef CLI_INIT_DIALOG_H
#define CLI_INIT_DIALOG_H

#include "base/secret.h"
#include "broker/selection.h"
#include "setup/setup.h"

/*
 * Asks for the missing values, each until the answer is valid. 0, or -ECANCELED when the input ends
 * (Ctrl-D).
 */
int init_dialog_ask(struct setup *setup, struct secret *password, struct err *err);

/*
 * After a refused login: asks for the user again (Enter keeps it) and the password. The other
 * answers stay. 0, or -ECANCELED when the input ends: no further login is wanted.
 */
int init_dialog_login(struct setup *setup, struct secret *password, struct err *err);

/* Prints how many instruments the symbols and globs select. */
void init_dialog_selection(const struct selection *selection);
/* Prints the next commands. `running`: a service uses this state_dir already. */
void init_dialog_next(const struct setup *setup, bool running);

#endif
