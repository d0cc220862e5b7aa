/*
 * event_log: writes each event into the log, as field `event`. An observer.
 */
#ifndef RECORD_EVENT_LOG_H
#define RECORD_EVENT_LOG_H

struct observers;

/* As observers_add(). */
int event_log_add(struct observers *observers);

#endif
