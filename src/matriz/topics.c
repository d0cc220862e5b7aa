#include "matriz/topics.h"

#include "base/json_write.h"
#include "matriz/ids.h"

#include <stdio.h>

static const char *name(enum matriz_topic type)
{
    return type == MATRIZ_TOPIC_BOOK ? "book" : "md";
}

void matriz_topics_begin(struct buf *out, enum matriz_topic type)
{
    buf_printf(out, "{\"_req\":\"S\",\"topicType\":\"%s\",\"topics\":[", name(type));
}

void matriz_topics_add(struct buf *out, enum matriz_topic type, bool first, const char *id)
{
    char topic[sizeof("book.") + MATRIZ_ID_BYTES_MAX];
    snprintf(topic, sizeof(topic), "%s.%s", name(type), id);
    buf_puts(out, first ? "" : ",");
    json_put_string(out, topic);
}

void matriz_topics_end(struct buf *out)
{
    buf_puts(out, "],\"replace\":false}");
}
