/*
 * config_changes: which sections of the configuration differ. Pure.
 */
#ifndef CONFIG_CONFIG_CHANGES_H
#define CONFIG_CONFIG_CHANGES_H

#include "config/config.h"

/* Sections, as bits. */
enum {
    CONFIG_BROKER = 1 << 0,
    CONFIG_POLL = 1 << 1,
    CONFIG_STREAM = 1 << 2,
    CONFIG_INSTRUMENTS = 1 << 3,
    CONFIG_SESSION = 1 << 4, /* and the segments */
    CONFIG_STORE = 1 << 5,
    CONFIG_EXPORT = 1 << 6,
    CONFIG_STATE_DIR = 1 << 7, /* the key outside of all sections */
    CONFIG_SERVE = 1 << 8,
    CONFIG_ALERT = 1 << 9,
    CONFIG_SINK = 1 << 10,
    CONFIG_LEASE = 1 << 11,
    CONFIG_SOURCE = 1 << 12,
};
#define CONFIG_ALL ((1U << 13) - 1)

/* The sections with a different effective value; where it was written does not matter. */
uint32_t config_changes(const struct config *a, const struct config *b);

/* "poll, stream", "nothing" for 0. Returns `out`. */
char *config_changes_words(char *out, size_t out_bytes, uint32_t sections);

#endif
