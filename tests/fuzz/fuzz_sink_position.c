/*
 * Arbitrary values of the header Cinta-Position, which other programs may set too, and arbitrary
 * state files of the sink. What is accepted is in the documented ranges, and is the same when it is
 * written and read again; what is refused leaves the output alone.
 */
#include "sink/memory.h"

#include "support/fuzz.h"

#include <string.h>

#define HEADER_BYTES 256

static int same_position(const struct sink_position *a, const struct sink_position *b)
{
    return a->seq == b->seq && a->ts_recv == b->ts_recv && a->traded == b->traded &&
           a->event == b->event && a->listed == b->listed && a->revision == b->revision;
}

static void check_position(const struct sink_position *position)
{
    char text[SINK_POSITION_TEXT];
    struct sink_position again;
    CHECK(position->seq >= 0 && position->ts_recv >= 0 && position->event >= 0 &&
          position->listed >= 0 && position->revision >= 0);
    CHECK(sink_position_parse(sink_position_text(text, position), &again));
    CHECK(same_position(position, &again));
}

static void try_header(const uint8_t *data, size_t size)
{
    char text[HEADER_BYTES];
    struct sink_position position = {.seq = -1};
    size_t len = size < sizeof(text) ? size : sizeof(text) - 1;
    memcpy(text, data, len);
    text[len] = '\0';
    if (sink_position_parse(text, &position))
        check_position(&position);
    else
        CHECK(position.seq == -1);
}

static void try_file(const uint8_t *data, size_t size)
{
    char text[SINK_MEMORY_BYTES];
    struct sink_memory memory = {.created_ns = -1}, again;
    if (!sink_memory_parse((const char *)data, size, &memory)) {
        CHECK(memory.created_ns == -1);
        return;
    }
    CHECK(memory.created_ns >= 0 && *memory.recorder && *memory.stream);
    CHECK(memory.recorder[strspn(memory.recorder, "0123456789abcdef")] == '\0');
    check_position(&memory.position);
    size_t len = sink_memory_text(text, &memory);
    CHECK(len < sizeof(text) && sink_memory_parse(text, len, &again));
    CHECK(strcmp(memory.recorder, again.recorder) == 0 && strcmp(memory.stream, again.stream) == 0);
    CHECK(memory.created_ns == again.created_ns && memory.stream_seq == again.stream_seq);
    CHECK(same_position(&memory.position, &again.position));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_header(data, size);
    try_file(data, size);
    return 0;
}
