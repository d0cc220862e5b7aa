/*
 * api_part: the local API as a part of the service. For the table in service.c.
 *
 * When it cannot listen at the start, the service ends with the reason. When it cannot listen at
 * the address of a reloaded configuration, recording continues and it tries again.
 */
#ifndef SERVICE_API_PART_H
#define SERVICE_API_PART_H

#include "service/parts.h"

int api_start(struct service *s, struct err *err);
void api_stop(struct service *s);
void api_change(struct service *s);    /* section serve may have changed */
void api_reference(struct service *s); /* other reference data is known */

#endif
