/*
 * source_check: the checks of several keys together in the configuration of a replica.
 *
 * Pure. A replica does not ask a broker: sections that only matter to a recorder are refused, so
 * that nothing is configured in vain.
 */
#ifndef CONFIG_SOURCE_CHECK_H
#define CONFIG_SOURCE_CHECK_H

#include "config/config.h"

/* `config->source.nats` is not "". -EINVAL, with file, line and key. */
int source_check(const struct config *config, struct err *err);

#endif
