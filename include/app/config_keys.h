/*
 * config_keys: the keys a configuration may have: one table for parsing, checking and printing.
 */
#ifndef APP_CONFIG_KEYS_H
#define APP_CONFIG_KEYS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum config_kind { KEY_TEXT, KEY_TEXTS, KEY_INTEGER, KEY_NUMBER, KEY_YES_NO };

/* Says what is wrong with one text, in words that follow its key: "must be ...". */
typedef int config_check_fn(const char *text, struct err *err);

struct config_key {
    const char *section; /* "" = outside of all */
    const char *name;
    enum config_kind kind;
    const char *fallback;   /* as it would be written; lists with their braces */
    double min, max;        /* of numbers */
    config_check_fn *check; /* of texts, one by one; NULL = anything without control characters */
    bool built;             /* false: accepted, but without effect yet */
    bool secret;            /* never shown */
    bool path;              /* resolved by config_paths */
};

extern const struct config_key config_keys[];
extern const size_t config_keys_count;

const struct config_key *config_key_find(const char *section, const char *name); /* or NULL */

/* Of one text of a key: control characters, then the key's own check. Words as above. */
int config_key_check(const struct config_key *key, const char *text, struct err *err);

/*
 * What the user may have meant by `name` in `section`: "poll.interval" for a key, "poll" for a
 * section (then `section` is ""). NULL: nothing is near. `out` is filled with it.
 */
const char *config_key_near(const char *section, const char *name, char *out, size_t out_bytes);

#endif
