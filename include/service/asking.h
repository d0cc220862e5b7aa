/*
 * asking: starts and stops the parts of the service that ask the broker: the replaced ones of the
 * table (service/parts). A service without the lease runs without them.
 */
#ifndef SERVICE_ASKING_H
#define SERVICE_ASKING_H

#include "market/event_kind.h"
#include "service/parts.h"

/* Starts them unless they run. Else as parts_start(). */
enum service_end asking_start(struct service *s, struct err *err);
/* Stops them if they run; `why` is the reason of the gaps in the coverage. */
void asking_stop(struct service *s, enum event_kind why);

#endif
