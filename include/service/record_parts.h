/*
 * record_parts: the parts of the service that record: database, observers, market, events,
 * recorder, coverage. For the table in service.c.
 */
#ifndef SERVICE_RECORD_PARTS_H
#define SERVICE_RECORD_PARTS_H

#include "service/parts.h"

int observers_start(struct service *s, struct err *err);
void observers_stop(struct service *s);
int store_events_start(struct service *s, struct err *err);
void store_events_stop(struct service *s);
int store_start(struct service *s, struct err *err);
void store_stop(struct service *s); /* writes everything that waits */
void store_reconfigure(struct service *s);
int event_log_start(struct service *s, struct err *err);
int market_start(struct service *s, struct err *err);
void market_stop(struct service *s);
int store_observer_start(struct service *s, struct err *err);
void store_observer_stop(struct service *s);
int recent_events_start(struct service *s, struct err *err);
void recent_events_stop(struct service *s);
int events_start(struct service *s, struct err *err);
void events_stop(struct service *s);
int recorder_start(struct service *s, struct err *err);
void recorder_stop(struct service *s);
int sources_start(struct service *s, struct err *err);
void sources_stop(struct service *s);
int coverage_start(struct service *s, struct err *err);
void coverage_stop(struct service *s);
void coverage_reconfigure(struct service *s);

#endif
