/*
 * config_parsed: the values of a configuration, one for each config_key, and again for each segment
 * that has a section of its own. Owns its texts; who fills it checks them.
 */
#ifndef CONFIG_CONFIG_PARSED_H
#define CONFIG_CONFIG_PARSED_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

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

/* False: no memory; then there is nothing to finish. */
bool config_parsed_init(struct config_parsed *parsed);
void config_parsed_finish(struct config_parsed *parsed);

/* The section of this segment, without regard to case; NULL: there is none. */
struct config_segment *config_parsed_segment(struct config_parsed *parsed, const char *name);
/* Adds one, which must not exist. -EINVAL: the name is not valid, or there are too many; -ENOMEM.
 */
int config_parsed_add_segment(struct config_parsed *parsed, const char *name, int line,
                              struct err *err);

/* The callers use literal names; a name that is not in the table aborts the process. */
struct config_value *config_value_of(struct config_value *values, const char *section,
                                     const char *name);

#endif
