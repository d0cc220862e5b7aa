/*
 * signals: what the service does when it gets a signal. A part of the service.
 *
 * TERM and INT stop it, HUP reloads the configuration, USR1 logs the state. PIPE and XFSZ are
 * ignored: the call that caused them returns an error.
 */
#ifndef SERVICE_SIGNALS_H
#define SERVICE_SIGNALS_H

#include "service/parts.h"

int signals_start(struct service *s, struct err *err);
void signals_stop(struct service *s);

#endif
