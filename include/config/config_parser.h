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

/* A section of its own for a segment: segment "MERV" { ... }. */
struct config_segment {
    char *name; /* owned */
    int line;
    struct config_value *values; /* owned; config_keys_count, only those of section segment */
};

#define CONFIG_SEGMENT      "segment" /* the section that may be given several times */
#define CONFIG_SEGMENTS_MAX 16

struct config_parsed {
    struct config_value *values; /* owned; config_keys_count, without those of section segment */
    struct config_segment segments[CONFIG_SEGMENTS_MAX];
    size_t segments_count;
};

/* -EINVAL or -ENOMEM; then `out` has nothing to finish. */
int config_parser_read(const char *text, size_t len_bytes, const char *name,
                       struct config_parsed *out, struct err *err);
void config_parsed_finish(struct config_parsed *parsed);

/* The callers use literal names; a name that is not in the table aborts the process. */
struct config_value *config_value_of(struct config_value *values, const char *section,
                                     const char *name);

#endif
