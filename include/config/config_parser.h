/*
 * config_parser: parses the text of a configuration into one checked value for each config_key.
 *
 * The only module that uses libConfuse. Errors name file, line and key, and the nearest valid key
 * when one was misspelt; only the first error is reported.
 */
#ifndef CONFIG_CONFIG_PARSER_H
#define CONFIG_CONFIG_PARSER_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define CONFIG_BYTES_MAX (1024 * 1024)

struct config_value {
    char **texts; /* owned; KEY_TEXT has one, KEY_TEXTS any number */
    size_t texts_count;
    double number; /* KEY_INTEGER, KEY_NUMBER */
    bool yes;      /* KEY_YES_NO */
    int line;      /* 0 = not in the file: the default */
    bool derived;  /* from other keys; then not in the file */
    char *written; /* owned: a path as written in the file, if texts[0] differs; else NULL */
};

/* `values` holds config_keys_count of them; filled on success only. -EINVAL or -ENOMEM. */
int config_parser_read(const char *text, size_t len_bytes, const char *name,
                       struct config_value *values, struct err *err);
void config_values_finish(struct config_value *values);

#endif
