/*
 * broker_parts: the parts of the service that talk to the broker: token, session at the
 * browser terminal, list of instruments, feed.
 * For the table in service.c; a reload replaces them.
 */
#ifndef SERVICE_BROKER_PARTS_H
#define SERVICE_BROKER_PARTS_H

#include "service/parts.h"

int token_start(struct service *s, struct err *err); /* also checks that there is a password */
void token_stop(struct service *s);
int terminal_start(struct service *s, struct err *err); /* if a dialect of the stream needs it */
void terminal_stop(struct service *s);
int catalog_start(struct service *s, struct err *err);
void catalog_stop(struct service *s);
int feed_start(struct service *s, struct err *err); /* it is created when the list is known */
void feed_stop(struct service *s);

/* The digest of the password that this configuration leads to. Errors of credentials_password(). */
struct digest;
int password_digest(const struct service *s, const struct config *config, struct digest *out,
                    struct err *err);

#endif
