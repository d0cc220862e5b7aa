#include "sim/terminal_topics.h"

#include <string.h>

static bool is_text(const char *text, size_t len, const char *word)
{
    return len == strlen(word) && memcmp(text, word, len) == 0;
}

/* The id in "md.rx_DDF_DLR_NOV26"; NULL: a topic of another kind. */
static const char *id_in(const char *topic, bool books)
{
    const char *prefix = books ? "book." : "md.";
    size_t len = strlen(prefix);
    return topic && strncmp(topic, prefix, len) == 0 ? topic + len : NULL;
}

static void read_list(const struct terminal_topics_reader *reader, const struct json *list,
                      struct terminal_topics *topics)
{
    topics->count = topics->unknown = 0;
    for (const struct json *t = json_first(list); t; t = json_next(t)) {
        const char *id = id_in(json_string(t), topics->books);
        int32_t instrument = id ? reader->find(reader->arg, id) : -1;
        if (instrument >= 0 && topics->count < topics->room)
            topics->instruments[topics->count++] = instrument;
        else
            topics->unknown++;
    }
}

enum terminal_message terminal_topics_read(const struct terminal_topics_reader *reader,
                                           const char *text, size_t len,
                                           struct terminal_topics *topics)
{
    if (is_text(text, len, "ping"))
        return TERMINAL_MESSAGE_PING;
    if (is_text(text, len, "pong"))
        return TERMINAL_MESSAGE_PONG;
    const struct json *root = json_parse(reader->parser, text, len, NULL);
    const char *request = json_string(json_get(root, "_req"));
    const char *type = json_string(json_get(root, "topicType"));
    const struct json *replace = json_get(root, "replace");
    if (!request || !type || (strcmp(type, "md") != 0 && strcmp(type, "book") != 0))
        return TERMINAL_MESSAGE_IGNORED;
    topics->books = strcmp(type, "book") == 0;
    topics->replace = json_type(replace) != JSON_BOOL || json_is_true(replace);
    read_list(reader, json_get(root, "topics"), topics);
    if (strcmp(request, "S") == 0)
        return TERMINAL_MESSAGE_SUBSCRIBE;
    return strcmp(request, "U") == 0 ? TERMINAL_MESSAGE_UNSUBSCRIBE : TERMINAL_MESSAGE_IGNORED;
}
