/*
 * tape_part: the requests that complete the trade tape as a part of the service, and what ends
 * service_backfill() early: a signal, or no token for a minute. For the tables in service.c; a
 * reload replaces the requests.
 */
#ifndef SERVICE_TAPE_PART_H
#define SERVICE_TAPE_PART_H

#include "service/parts.h"

int tape_start(struct service *s, struct err *err);
void tape_stop(struct service *s);
int patience_start(struct service *s, struct err *err);
void patience_stop(struct service *s);

#endif
