/*
 * init_talk: what `cinta init` asks and tells.
 */
#ifndef CLI_INIT_TALK_H
#define CLI_INIT_TALK_H

#include "app/secret.h"
#include "app/selection.h"
#include "app/setup.h"

/*
 * Asks for what is missing, each question until its answer is good. 0, or -ECANCELED when somebody
 * has had enough.
 */
int init_talk_ask(struct setup *setup, struct secret *password, struct err *err);

/*
 * After a refused login: the user once more (Enter keeps it) and the password. The other answers
 * stay. 0, or -ECANCELED when there is to be no other login.
 */
int init_talk_login(struct setup *setup, struct secret *password, struct err *err);

void init_talk_selection(const struct selection *selection);
/* `running`: a cinta works with this state_dir already. */
void init_talk_next(const struct setup *setup, bool running);

#endif
