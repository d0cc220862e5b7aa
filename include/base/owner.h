/*
 * owner: users by their names, for messages.
 */
#ifndef BASE_OWNER_H
#define BASE_OWNER_H

#include <sys/types.h>

#define OWNER_NAME 64

/* "cinta"; the number when the system has no name for it. Returns `out`. */
char *owner_name(char out[OWNER_NAME], uid_t uid);

#endif
