#include "feed/dialect_memory.h"

#include "base/clock.h"
#include "files/private_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define FILE_BYTES 128

void dialect_memory_file(struct state_file *out, const char *state_dir, const char *name,
                         int64_t now_ns)
{
    *out = (struct state_file){.before = "",
                               .after = "; the next start will try the streams in their order"};
    buf_init(&out->path, PATH_MAX);
    buf_init(&out->body, FILE_BYTES);
    buf_printf(&out->path, "%s/stream", state_dir);
    buf_printf(&out->body, "cinta stream 1\n%lld\n%s\n", (long long)art_day(now_ns), name);
}

/* The whole text must be what would be written for the name in it. */
static int parse(const struct buf *text, int64_t day, char name[DIALECT_NAME_BYTES])
{
    long long of;
    int end = 0;
    bool whole = sscanf(buf_text(text), "cinta stream 1\n%lld\n%15[a-z]%n", &of, name, &end) == 2 &&
                 text->len_bytes == (size_t)end + 1 && text->data[end] == '\n';
    if (whole && of == day)
        return 0;
    *name = '\0';
    return -ENOENT;
}

int dialect_memory_load(const char *state_dir, int64_t now_ns, char name[DIALECT_NAME_BYTES])
{
    char path[PATH_MAX];
    struct buf text;
    snprintf(path, sizeof(path), "%s/stream", state_dir);
    *name = '\0';
    buf_init(&text, FILE_BYTES);
    int rc = private_file_read(path, &text, NULL);
    if (rc == 0 && text.len_bytes)
        rc = parse(&text, art_day(now_ns), name);
    else
        rc = -ENOENT;
    buf_finish(&text);
    return rc;
}
