/*
 * Arbitrary bytes as a message of a client of the simulated browser terminal, and as its Cookie
 * header.
 */
#include "sim/terminal_sessions.h"
#include "sim/terminal_topics.h"
#include "support/fuzz.h"

#include <stdlib.h>
#include <string.h>

#define ROOM 3

static int32_t find(void *arg, const char *id)
{
    (void)arg;
    return strlen(id) % 3 ? (int32_t)(strlen(id) % 100) : -1;
}

static void read_topics(const uint8_t *data, size_t size)
{
    int32_t room[ROOM];
    struct terminal_topics topics = {.instruments = room, .room = ROOM};
    struct json_parser *parser = json_parser_create();
    const struct terminal_topics_reader reader = {parser, find, NULL};
    enum terminal_message message =
        terminal_topics_read(&reader, (const char *)data, size, &topics);
    if (message == TERMINAL_MESSAGE_SUBSCRIBE || message == TERMINAL_MESSAGE_UNSUBSCRIBE) {
        CHECK(topics.count >= 0 && topics.count <= ROOM && topics.unknown >= 0);
        for (int32_t n = 0; n < topics.count; n++)
            CHECK(room[n] >= 0 && room[n] < 100);
    }
    json_parser_destroy(parser);
}

static void read_cookies(const char *text)
{
    static struct terminal_sessions sessions;
    char value[16];
    terminal_sessions_init(&sessions, 1000);
    const struct terminal_session *session = terminal_sessions_begin(&sessions);
    CHECK(terminal_sessions_of(&sessions, text, 0) == NULL); /* its cookie cannot be guessed */
    if (terminal_cookie_find(text, "a", value, sizeof(value)))
        CHECK(strlen(value) < sizeof(value) && strstr(text, "a="));
    CHECK(session->cookie[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    read_topics(data, size);
    read_cookies(text);
    free(text);
    return 0;
}
