/*
 * alert_part: the alerts as a part of the service.
 */
#ifndef SERVICE_ALERT_PART_H
#define SERVICE_ALERT_PART_H

#include "base/err.h"

struct service;

int alert_start(struct service *service, struct err *err);
void alert_stop(struct service *service);
void alert_change(struct service *service);

#endif
