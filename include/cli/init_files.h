/*
 * init_files: the files of `cinta init`: checked before anything is asked, written at the end; and
 * the results of the login, stored for the service.
 */
#ifndef CLI_INIT_FILES_H
#define CLI_INIT_FILES_H

#include "cli/init.h"

/* Whether the files exist already, and --force was not given. */
int init_files_look(const struct init *init);
/* Whether they can be written. It is asked before the login, because brokers limit logins: it would
 * be wasted if the files cannot be written. */
int init_files_room(const struct init *init);
int init_files_write(const struct init *init);

/*
 * Saves the token and the list of instruments in state_dir, so that the service requests neither
 * again today. As root, the process first changes to the owner of that folder, because a service
 * running as that user could not read root's files; nothing else is left to do as root. A running
 * service has its own token and list. Returns whether one is running.
 */
bool init_files_hand_over(struct init *init);

#endif
