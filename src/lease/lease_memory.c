#include "lease/lease_memory.h"

#include "files/private_file.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define FIRST_LINE "cinta lease 1"
#define ID_RANDOM  8 /* bytes */

char *lease_memory_path(char *out, size_t out_bytes, const char *state_dir)
{
    snprintf(out, out_bytes, "%s/lease", state_dir);
    return out;
}

size_t lease_memory_text(char *out, const struct lease_memory *m)
{
    int len =
        snprintf(out, LEASE_MEMORY_BYTES, FIRST_LINE "\n%s\n%s\n%d\n%" PRId64 "\n%" PRId64 "\n",
                 m->id, m->name, m->held, m->isolated_from, m->others_ns);
    for (int i = 0; i < m->withheld_count; i++)
        len += snprintf(out + len, LEASE_MEMORY_BYTES - (size_t)len, "%" PRId64 " %" PRId64 "\n",
                        m->withheld[i].from, m->withheld[i].to);
    return (size_t)len;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* NULL if there is no further line, or it has no line end: an incomplete line is not used. */
static char *next_line(char **rest)
{
    char *line = *rest, *end = line ? strchr(line, '\n') : NULL;
    *rest = end ? end + 1 : NULL;
    if (!end)
        return NULL;
    *end = '\0';
    return line;
}

static bool take_text(char *out, size_t bytes, const char *line)
{
    if (!line || !*line || strlen(line) >= bytes)
        return false;
    strcpy(out, line);
    return true;
}

/* A number up to `end`, which is the last character of it or of the line. */
static bool take_number(const char *line, char end, int64_t min, int64_t *out, const char **rest)
{
    char *stop;
    if (!line || (*line != '-' && (*line < '0' || *line > '9')))
        return false;
    errno = 0;
    long long number = strtoll(line, &stop, 10);
    if (errno || *stop != end || number < min)
        return false;
    *out = number;
    if (rest)
        *rest = stop + 1;
    return true;
}

static bool take_range(const char *line, struct sink_range *out)
{
    const char *to;
    return take_number(line, ' ', 0, &out->from, &to) &&
           take_number(to, '\0', out->from, &out->to, NULL);
}

static bool take_ranges(char *text, struct lease_memory *out)
{
    while (*text) {
        char *line = next_line(&text);
        if (!line || out->withheld_count == SINK_RANGES_MAX ||
            !take_range(line, &out->withheld[out->withheld_count++]))
            return false;
    }
    return true;
}

static bool parse(char *text, struct lease_memory *out)
{
    int64_t held;
    const char *first = next_line(&text);
    if (!first || strcmp(first, FIRST_LINE) != 0 ||
        !take_text(out->id, sizeof(out->id), next_line(&text)) ||
        !take_text(out->name, sizeof(out->name), next_line(&text)) ||
        !take_number(next_line(&text), '\0', 0, &held, NULL) ||
        !take_number(next_line(&text), '\0', -1, &out->isolated_from, NULL) ||
        !take_number(next_line(&text), '\0', 0, &out->others_ns, NULL))
        return false;
    out->held = held == 1;
    return held <= 1 && strspn(out->id, "0123456789abcdef") == strlen(out->id) &&
           take_ranges(text, out);
}

int lease_memory_load(const char *state_dir, struct lease_memory *out)
{
    char path[PATH_MAX];
    struct buf text;
    struct lease_memory read = {0};
    lease_memory_path(path, sizeof(path), state_dir);
    buf_init(&text, LEASE_MEMORY_BYTES);
    bool good = private_file_read(path, &text, NULL) == 0 && text.data &&
                !memchr(text.data, '\0', text.len_bytes) && parse(text.data, &read);
    buf_finish(&text);
    if (good)
        *out = read;
    return good ? 0 : -ENOENT;
}

/* --- changing --------------------------------------------------------------------------------- */

int lease_memory_new_id(char out[LEASE_ID_BYTES], struct err *err)
{
    unsigned char bytes[ID_RANDOM];
    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        return err_set(err, -EIO, "no random numbers: %s", strerror(errno));
    for (int i = 0; i < ID_RANDOM; i++)
        snprintf(out + (size_t)i * 2, 3, "%02x", bytes[i]);
    return 0;
}

int lease_memory_begin(struct lease_memory *m, const char *name, struct err *err)
{
    *m = (struct lease_memory){.isolated_from = -1};
    snprintf(m->name, sizeof(m->name), "%s", name);
    return lease_memory_new_id(m->id, err);
}

int64_t lease_memory_withhold(struct lease_memory *m, int64_t to)
{
    int64_t from = m->isolated_from;
    m->isolated_from = -1;
    if (from < 0 || to <= from)
        return 0;
    if (m->withheld_count == SINK_RANGES_MAX) {
        m->withheld_count--;
        memmove(m->withheld, m->withheld + 1, sizeof(m->withheld[0]) * (SINK_RANGES_MAX - 1));
    }
    m->withheld[m->withheld_count++] = (struct sink_range){from, to};
    return to - from;
}
