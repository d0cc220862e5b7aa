/*
 * reference_parts: the reference data of all instruments as parts of the service: what the database
 * has of it, and the requests that renew it. For the table in service.c; a reload replaces the
 * requests.
 */
#ifndef SERVICE_REFERENCE_PARTS_H
#define SERVICE_REFERENCE_PARTS_H

#include "service/parts.h"

int reference_start(struct service *s, struct err *err); /* reads the database */
void reference_stop(struct service *s);
int reference_data_start(struct service *s, struct err *err);
void reference_data_stop(struct service *s);

/* Requests the list as soon as the budget allows. Writes how many requests have ended so far, so
 * that a command can wait for this one: {"attempts":3}. */
struct buf;
void reference_refresh(struct service *s, struct buf *text);

/* Whether what is known comes from the broker that is configured, and not from another one. */
bool reference_is_of_broker(const struct service *s);

#endif
