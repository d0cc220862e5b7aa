/*
 * source_part: the part of the service of a replica that fills the database (replica/intake). For
 * the table in service.c.
 */
#ifndef SERVICE_SOURCE_PART_H
#define SERVICE_SOURCE_PART_H

#include "service/parts.h"

int source_part_start(struct service *s, struct err *err);
void source_part_stop(struct service *s);
void source_part_change(struct service *s); /* section source has changed: reads from there */

#endif
