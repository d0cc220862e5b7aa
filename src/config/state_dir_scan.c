#include "config/state_dir_scan.h"

#include "base/buf.h"
#include "config/config_keys.h"
#include "config/config_parser.h"
#include "config/config_paths.h"
#include "files/file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY    "state_dir"
#define BLANKS " \t"

/* The value after the key, without quotation marks; false: this line does not set it. */
static bool value_of(const char *line, char *out, size_t out_bytes)
{
    line += strspn(line, BLANKS);
    if (strncmp(line, KEY, strlen(KEY)) != 0)
        return false;
    line += strlen(KEY);
    line += strspn(line, BLANKS);
    if (*line != '=')
        return false;
    line++;
    line += strspn(line, BLANKS);
    char quote[3] = {*line == '"' || *line == '\'' ? *line : ' ', '\n', '\0'};
    if (*quote != ' ')
        line++;
    size_t len = strcspn(line, *quote == ' ' ? " \t\r\n#" : quote);
    if (len == 0 || len >= out_bytes)
        return false;
    memcpy(out, line, len);
    out[len] = '\0';
    return true;
}

static const char *next_line(const char *line)
{
    const char *end = strchr(line, '\n');
    return end ? end + 1 : NULL;
}

char *state_dir_scan(char *out, size_t out_bytes, const char *text, const char *file)
{
    char value[PATH_MAX], *resolved = NULL;
    struct err err;
    snprintf(value, sizeof(value), "%s", config_key_find("", KEY)->fallback);
    for (const char *line = text; line; line = next_line(line)) {
        if (value_of(line, value, sizeof(value)))
            break;
    }
    config_path_resolve(value, file, &resolved, &err);
    snprintf(out, out_bytes, "%s", resolved ? resolved : value);
    free(resolved);
    return out;
}

char *state_dir_of(char *out, size_t out_bytes, const char *file)
{
    struct buf text;
    buf_init(&text, CONFIG_BYTES_MAX);
    bool read = file_read(file, &text) == 0;
    state_dir_scan(out, out_bytes, read ? buf_text(&text) : "", file);
    buf_finish(&text);
    return out;
}
