#include "serve/shared_frame.h"

#include "serve/ws_head.h"

#include <stdlib.h>
#include <string.h>

struct shared_frame {
    int references;
    size_t len_bytes;
    char bytes[];
};

struct shared_frame *shared_frame_create(const char *text, size_t len_bytes)
{
    unsigned char head[WS_HEAD_BYTES];
    size_t head_bytes = ws_head_write(head, WS_HEAD_TEXT, len_bytes);
    struct shared_frame *f = malloc(sizeof(*f) + head_bytes + len_bytes);
    if (!f)
        return NULL;
    f->references = 1;
    f->len_bytes = head_bytes + len_bytes;
    memcpy(f->bytes, head, head_bytes);
    if (len_bytes)
        memcpy(f->bytes + head_bytes, text, len_bytes);
    return f;
}

struct shared_frame *shared_frame_ref(struct shared_frame *f)
{
    f->references++;
    return f;
}

void shared_frame_unref(struct shared_frame *f)
{
    if (f && --f->references == 0)
        free(f);
}

const char *shared_frame_data(const struct shared_frame *f)
{
    return f->bytes;
}

size_t shared_frame_bytes(const struct shared_frame *f)
{
    return f->len_bytes;
}
