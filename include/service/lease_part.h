/*
 * lease_part: the lease as a part of the service. For the table in service.c.
 *
 * Without section lease it does nothing. Else the parts that ask the broker (service/asking) run
 * only while this recorder has the lease, or cannot renew it and lease.isolated is "record"; and
 * the sink gets its limit from here (sink/limit).
 */
#ifndef SERVICE_LEASE_PART_H
#define SERVICE_LEASE_PART_H

#include "service/lease_view.h"
#include "service/parts.h"
#include "sink/limit.h"

int lease_part_start(struct service *s, struct err *err);
void lease_part_stop(struct service *s); /* gives the lease up */
void lease_part_change(struct service *s);

/* Whether the service may ask the broker from its start on: it has no lease. */
bool lease_part_starts_asking(const struct service *s);
/* There is a new token. */
void lease_part_token(struct service *s);
/* Section broker may have changed. */
void lease_part_broker(struct service *s);
/* What the sink may publish now. */
struct sink_limit lease_part_limit(const struct service *s);

/* False: there is no lease. */
bool lease_part_facts(const struct service *s, struct lease_facts *out);

#endif
