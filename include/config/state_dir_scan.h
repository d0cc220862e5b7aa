/*
 * state_dir_scan: finds state_dir in a configuration that has an error somewhere else, so that
 * `cinta status` still finds the running service.
 */
#ifndef CONFIG_STATE_DIR_SCAN_H
#define CONFIG_STATE_DIR_SCAN_H

#include <stddef.h>

/* The folder that the text of `file` names in the first line that begins with state_dir, else the
 * default. Returns `out`. */
char *state_dir_scan(char *out, size_t out_bytes, const char *text, const char *file);
/* The same for the contents of `file`; the default if it cannot be read. */
char *state_dir_of(char *out, size_t out_bytes, const char *file);

#endif
