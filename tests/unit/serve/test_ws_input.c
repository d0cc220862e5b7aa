#include "serve/ws_input.h"

#include "support/t.h"

#include <stdint.h>
#include <stdlib.h>

#define MAX 10 /* bytes of a message */

/* "text|": `rest_bytes` is 1 after it; "text-": not final; "#text": binary. */
static int take(struct ws_input *input, const char *step)
{
    size_t len = strlen(step);
    char last = len ? step[len - 1] : '.';
    struct ws_piece piece = {
        .binary = *step == '#', .final = last != '-', .rest_bytes = last == '|'};
    piece.data = step;
    piece.len_bytes = len - (last == '|' || last == '-');
    return ws_input_take(input, &piece);
}

static void pieces_become_a_text_or_end_the_connection(void **state)
{
    static const struct row {
        const char *name, *steps[4];
        int last; /* of the last step; the others are partial */
        const char *text;
    } rows[] = {
        {"whole", {"hello"}, WS_INPUT_COMPLETE, "hello"},
        {"empty", {""}, WS_INPUT_COMPLETE, ""},
        {"a frame in pieces", {"he|", "ll|", "o"}, WS_INPUT_COMPLETE, "hello"},
        {"fragments", {"he-", "-", "llo"}, WS_INPUT_COMPLETE, "hello"},
        {"a character in two fragments", {"\xc3-", "\xb1"}, WS_INPUT_COMPLETE, "\xc3\xb1"},
        {"not UTF-8", {"\xc3("}, 1007, NULL},
        {"ends within a character", {"a-", "\xc3"}, 1007, NULL},
        {"binary", {"#"}, 1003, NULL},
        {"as long as allowed", {"12345-", "67890"}, WS_INPUT_COMPLETE, "1234567890"},
        {"longer", {"12345-", "678901"}, 1009, NULL},
        {"longer with what is announced", {"1234567890|"}, 1009, NULL},
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct ws_input input;
        t_row(rows[i].name);
        ws_input_init(&input, MAX);
        for (int n = 0; n < 4 && rows[i].steps[n]; n++) {
            bool last = n == 3 || !rows[i].steps[n + 1];
            t_int(take(&input, rows[i].steps[n]), last ? rows[i].last : WS_INPUT_PARTIAL);
        }
        if (rows[i].text)
            t_str(buf_text(&input.text), rows[i].text);
        ws_input_finish(&input);
        t_int(take(&input, "next"), WS_INPUT_COMPLETE); /* can be used again */
        ws_input_finish(&input);
    }
}

static void the_largest_announcement_does_not_overflow(void **state)
{
    struct ws_input input;
    (void)state;
    ws_input_init(&input, MAX);
    t_int(ws_input_take(&input, &(struct ws_piece){"a", 1, SIZE_MAX, false, true}), 1009);
    ws_input_finish(&input);
}

static void close_frames(void **state)
{
    static const struct row {
        const char *name, *payload;
        size_t len_bytes;
        int code;
    } rows[] = {
        {"empty", "", 0, 0},
        {"a code", "\x03\xe8", 2, 0},
        {"with a reason",
         "\x0f\xa0until ma\xc3\xb1"
         "ana",
         15, 0},
        {"half a code", "\x03", 1, 1002},
        {"the last code", "\x13\x87", 2, 0},
        {"beyond it", "\x13\x88", 2, 1002},
        {"a reason that is not UTF-8", "\x03\xe8\xff", 3, 1007},
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_int(ws_input_close_code(rows[i].payload, rows[i].len_bytes), rows[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_become_a_text_or_end_the_connection),
        cmocka_unit_test(the_largest_announcement_does_not_overflow),
        cmocka_unit_test(close_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
