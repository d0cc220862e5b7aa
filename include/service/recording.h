/*
 * recording: which instruments are recorded: those that the configuration selects, and those that
 * clients of the local API demand (market/demand).
 *
 * Tells the source table, the feed, the coverage and the local API of each change of the list, and
 * reports it as an event. The feed is created after the first list; later ones do not disturb it.
 * The demand lasts as long as the service: a reload keeps what clients want.
 */
#ifndef SERVICE_RECORDING_H
#define SERVICE_RECORDING_H

#include "api/local_api.h"
#include "service/parts.h"

/* For the table in service.c. */
int recording_start(struct service *s, struct err *err);
void recording_stop(struct service *s);
void recording_change(struct service *s); /* serve.on_demand may have changed */

/* The configuration selects these symbols. They are registered and recorded, and the feed is
 * created, over several turns of the loop; the list is borrowed until they are recorded, or until
 * recording_forget(). */
void recording_selected(struct service *s, const struct config_strings *symbols);
void recording_forget(struct service *s); /* the list is not valid any more */
/* Other reference data are known: instruments may be of other segments. */
void recording_resegmented(struct service *s);
/* The feed was stopped on purpose; what the broker refused may be requested again. */
void recording_restarts(struct service *s);

/* For the local API. */
struct api_demand recording_demand(struct service *s);

#endif
