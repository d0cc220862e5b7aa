#include "sink/memory.h"

#include "files/private_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define FIRST_LINE  "cinta sink 1"
#define NAME_RANDOM 8 /* bytes */
#define HEX_DIGITS  "0123456789abcdef"

static void path_of(char path[PATH_MAX], const char *state_dir)
{
    snprintf(path, PATH_MAX, "%s/sink", state_dir);
}

size_t sink_memory_text(char out[SINK_MEMORY_BYTES], const struct sink_memory *m)
{
    char position[SINK_POSITION_TEXT];
    int len = snprintf(out, SINK_MEMORY_BYTES, FIRST_LINE "\n%s\n%s\n%lld\n%llu\n%s\n", m->recorder,
                       m->stream, (long long)m->created_ns, (unsigned long long)m->stream_seq,
                       sink_position_text(position, &m->position));
    return (size_t)len;
}

int sink_memory_save(const char *state_dir, const struct sink_memory *m, struct err *err)
{
    char path[PATH_MAX], text[SINK_MEMORY_BYTES];
    path_of(path, state_dir);
    size_t len_bytes = sink_memory_text(text, m);
    return private_file_write(path, text, len_bytes, err);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* "" if there is no further line or it has no line end: an incomplete line is not used. */
static char *next_line(char **rest)
{
    char *line = *rest, *end = line ? strchr(line, '\n') : NULL;
    *rest = end ? end + 1 : NULL;
    if (!end)
        return (char *)"";
    *end = '\0';
    return line;
}

static bool take_name(char out[SINK_NAME_BYTES], const char *line)
{
    size_t len = strlen(line);
    if (len == 0 || len >= SINK_NAME_BYTES)
        return false;
    memcpy(out, line, len + 1);
    return true;
}

/* It becomes a part of headers and ids. */
static bool take_recorder(char out[SINK_NAME_BYTES], const char *line)
{
    return take_name(out, line) && line[strspn(line, HEX_DIGITS)] == '\0';
}

static bool take_number(const char *line, long long *out)
{
    char *end;
    errno = 0;
    *out = strtoll(line, &end, 10);
    return !errno && end != line && !*end && *out >= 0;
}

static bool take_lines(char *text, struct sink_memory *out)
{
    long long created, seq;
    if (strcmp(next_line(&text), FIRST_LINE) != 0 ||
        !take_recorder(out->recorder, next_line(&text)) ||
        !take_name(out->stream, next_line(&text)))
        return false;
    if (!take_number(next_line(&text), &created) || !take_number(next_line(&text), &seq))
        return false;
    out->created_ns = created;
    out->stream_seq = (uint64_t)seq;
    return sink_position_parse(next_line(&text), &out->position);
}

bool sink_memory_parse(const char *text, size_t len_bytes, struct sink_memory *out)
{
    char copy[SINK_MEMORY_BYTES];
    struct sink_memory read = {0};
    if (len_bytes >= sizeof(copy) || memchr(text, '\0', len_bytes))
        return false;
    memcpy(copy, text, len_bytes);
    copy[len_bytes] = '\0';
    if (!take_lines(copy, &read))
        return false;
    *out = read;
    return true;
}

int sink_memory_load(const char *state_dir, struct sink_memory *out)
{
    char path[PATH_MAX];
    struct buf text;
    path_of(path, state_dir);
    buf_init(&text, SINK_MEMORY_BYTES);
    bool good = private_file_read(path, &text, NULL) == 0 && text.data &&
                sink_memory_parse(text.data, text.len_bytes, out);
    buf_finish(&text);
    return good ? 0 : -ENOENT;
}

int sink_memory_rename(struct sink_memory *m, struct err *err)
{
    unsigned char bytes[NAME_RANDOM];
    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        return err_set(err, -EIO, "no random numbers: %s", strerror(errno));
    for (int i = 0; i < NAME_RANDOM; i++)
        snprintf(m->recorder + (size_t)i * 2, 3, "%02x", bytes[i]);
    return 0;
}
