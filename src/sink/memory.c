#include "sink/memory.h"

#include "files/private_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define FIRST_LINE  "cinta sink 1"
#define FILE_BYTES  1024
#define NAME_RANDOM 8 /* bytes */

static void path_of(char path[PATH_MAX], const char *state_dir)
{
    snprintf(path, PATH_MAX, "%s/sink", state_dir);
}

int sink_memory_save(const char *state_dir, const struct sink_memory *m, struct err *err)
{
    char path[PATH_MAX], text[FILE_BYTES], position[SINK_POSITION_TEXT];
    path_of(path, state_dir);
    int len = snprintf(text, sizeof(text), FIRST_LINE "\n%s\n%s\n%lld\n%llu\n%s\n", m->recorder,
                       m->stream, (long long)m->created_ns, (unsigned long long)m->stream_seq,
                       sink_position_text(position, &m->position));
    return private_file_write(path, text, (size_t)len, err);
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

static bool take_number(const char *line, long long *out)
{
    char *end;
    errno = 0;
    *out = strtoll(line, &end, 10);
    return !errno && end != line && !*end && *out >= 0;
}

static bool parse(char *text, struct sink_memory *out)
{
    long long created, seq;
    if (strcmp(next_line(&text), FIRST_LINE) != 0 || !take_name(out->recorder, next_line(&text)) ||
        !take_name(out->stream, next_line(&text)))
        return false;
    if (!take_number(next_line(&text), &created) || !take_number(next_line(&text), &seq))
        return false;
    out->created_ns = created;
    out->stream_seq = (uint64_t)seq;
    return sink_position_parse(next_line(&text), &out->position);
}

int sink_memory_load(const char *state_dir, struct sink_memory *out)
{
    char path[PATH_MAX];
    struct buf text;
    struct sink_memory read = {0};
    path_of(path, state_dir);
    buf_init(&text, FILE_BYTES);
    bool good = private_file_read(path, &text, NULL) == 0 && text.data &&
                !memchr(text.data, '\0', text.len_bytes) && parse(text.data, &read);
    buf_finish(&text);
    if (good)
        *out = read;
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
