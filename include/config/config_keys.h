/*
 * config_keys: the table of all configuration keys, used for parsing, checking and printing.
 */
#ifndef CONFIG_CONFIG_KEYS_H
#define CONFIG_CONFIG_KEYS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum config_kind { KEY_TEXT, KEY_TEXTS, KEY_INTEGER, KEY_NUMBER, KEY_YES_NO };

/* Describes what is wrong with one text, in a message to be put after its key: "must be ...". */
typedef int config_check_fn(const char *text, struct err *err);

struct config_key {
    const char *section; /* "" = outside of all sections */
    const char *name;
    enum config_kind kind;
    const char *fallback;   /* the default, as written in a file; lists with their braces */
    double min, max;        /* of numbers */
    config_check_fn *check; /* for each text; NULL = anything without control characters */
    bool secret;            /* never shown */
    bool path;              /* resolved by config_paths */
};

extern const struct config_key config_keys[];
extern const size_t config_keys_count;

const struct config_key *config_key_find(const char *section, const char *name); /* or NULL */

/* Checks one text of a key: control characters, then the key's own check. Message as above. */
int config_key_check(const struct config_key *key, const char *text, struct err *err);

/*
 * The most similar valid name for `name` in `section`: "poll.interval" for a key, "poll" for a
 * section (then `section` is ""). NULL: none is similar. Written to `out`.
 */
const char *config_key_near(const char *section, const char *name, char *out, size_t out_bytes);

#endif
