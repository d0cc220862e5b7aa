/*
 * sink_part: the sink as a part of the service. For the table in service.c.
 *
 * Its events come from its own thread and are reported on the loop.
 */
#ifndef SERVICE_SINK_PART_H
#define SERVICE_SINK_PART_H

#include "service/parts.h"

int sink_part_start(struct service *s, struct err *err);
void sink_part_stop(struct service *s);
void sink_part_change(struct service *s); /* section sink has changed */

#endif
