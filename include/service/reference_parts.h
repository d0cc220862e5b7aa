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

/* Of a replica: what recorders have published becomes known, and is given to the store. False: out
 * of memory. */
struct instrument_list;
bool reference_published(struct service *s, const struct instrument_list *published);

/* Requests the list as soon as the budget allows. Writes how many requests have ended so far, so
 * that a command can wait for this one: {"attempts":3}. */
struct buf;
void reference_refresh(struct service *s, struct buf *text);

/* Whether what is known comes from the broker that is configured, and not from another one. */
bool reference_is_of_broker(const struct service *s);

#endif
