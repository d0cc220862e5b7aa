/*
 * nats_check: validation of the values of sections sink, lease and source.
 *
 * Pure. The checks are those of config/config_check.
 */
#ifndef CONFIG_NATS_CHECK_H
#define CONFIG_NATS_CHECK_H

#include "base/err.h"

#include <stdbool.h>

int check_nats(const char *text, struct err *err);       /* "", nats://host:port,nats://host:port */
int check_subject(const char *text, struct err *err);    /* md, cinta.md */
int check_stream(const char *text, struct err *err);     /* CINTA */
int check_bucket(const char *text, struct err *err);     /* CINTA_LEASE */
int check_lease_name(const char *text, struct err *err); /* "", broker-a */

/* Of servers that passed check_nats(): whether none of them is another machine; whether the
 * connections are not encrypted. */
bool nats_is_loopback(const char *servers);
bool nats_is_plain(const char *servers);

#endif
