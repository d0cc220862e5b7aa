#include "sim/terminal_topics.h"

#include "support/t.h"

#define ROOM 4

/* "i0" to "i9" */
static int32_t find(void *arg, const char *id)
{
    (void)arg;
    return id[0] == 'i' && id[1] >= '0' && id[1] <= '9' && !id[2] ? id[1] - '0' : -1;
}

static void messages(void **state)
{
    (void)state;
    const enum terminal_message S = TERMINAL_MESSAGE_SUBSCRIBE, U = TERMINAL_MESSAGE_UNSUBSCRIBE;
    const enum terminal_message NO = TERMINAL_MESSAGE_IGNORED;
#define HEAD "{\"_req\":\"S\",\"topicType\":\"md\","
    const struct {
        const char *text;
        enum terminal_message message;
        bool books, replace;
        int count, unknown;
    } rows[] = {
        {"ping", TERMINAL_MESSAGE_PING, 0, 0, 0, 0},
        {"pong", TERMINAL_MESSAGE_PONG, 0, 0, 0, 0},
        {"ping ", NO, 0, 0, 0, 0},
        {"", NO, 0, 0, 0, 0},
        {"{", NO, 0, 0, 0, 0},
        {"[]", NO, 0, 0, 0, 0},
        {HEAD "\"topics\":[\"md.i1\",\"md.i2\"],\"replace\":false}", S, 0, false, 2, 0},
        {HEAD "\"topics\":[\"md.i1\"],\"replace\":true}", S, 0, true, 1, 0},
        {HEAD "\"topics\":[\"md.i1\"]}", S, 0, true, 1, 0},
        {HEAD "\"topics\":[\"md.i1\"],\"replace\":null}", S, 0, true, 1, 0},
        {HEAD "\"topics\":[\"book.i1\",\"md.x\",\"i1\",7,null,\"md.i1\"]}", S, 0, true, 1, 5},
        {HEAD "\"topics\":[]}", S, 0, true, 0, 0},
        {HEAD "\"topics\":\"md.i1\"}", S, 0, true, 0, 0},
        {HEAD "\"topics\":[\"md.i1\",\"md.i2\",\"md.i3\",\"md.i4\",\"md.i5\"]}", S, 0, true, 4, 1},
        {"{\"_req\":\"S\",\"topicType\":\"book\",\"topics\":[\"book.i3\"]}", S, true, true, 1, 0},
        {"{\"_req\":\"U\",\"topicType\":\"book\",\"topics\":[\"book.i3\"]}", U, true, true, 1, 0},
        {"{\"_req\":\"X\",\"topicType\":\"md\",\"topics\":[]}", NO, 0, 0, 0, 0},
        {"{\"_req\":\"S\",\"topicType\":\"orderevent\",\"topics\":[\"orderevent.1\"]}", NO, 0, 0, 0,
         0},
        {"{\"_req\":1,\"topicType\":\"md\"}", NO, 0, 0, 0, 0},
        {"{\"type\":\"smd\"}", NO, 0, 0, 0, 0},
    };
    const struct terminal_topics_reader reader = {json_parser_create(), find, NULL};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        int32_t room[ROOM];
        struct terminal_topics topics = {.instruments = room, .room = ROOM};
        t_row(rows[i].text);
        enum terminal_message message =
            terminal_topics_read(&reader, rows[i].text, strlen(rows[i].text), &topics);
        t_int(message, rows[i].message);
        if (message != TERMINAL_MESSAGE_SUBSCRIBE && message != TERMINAL_MESSAGE_UNSUBSCRIBE)
            continue;
        t_int(topics.books, rows[i].books);
        t_int(topics.replace, rows[i].replace);
        t_int(topics.count, rows[i].count);
        t_int(topics.unknown, rows[i].unknown);
    }
    json_parser_destroy(reader.parser);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(messages)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
