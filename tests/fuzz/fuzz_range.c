/*
 * Arbitrary values of --from and --to, one per line. An accepted range must not be empty and must
 * give the same result when read again; a refusal must leave `out` unchanged and have an error
 * text.
 */
#include "export/range.h"

#include "base/clock.h"
#include "support/fuzz.h"

#include <stdbool.h>
#include <string.h>

#define NOW        INT64_C(1795446000000000000) /* 2026-11-23 12:00 in Argentina */
#define TEXT_BYTES 256

/* Takes the next line; false: no more lines. */
static bool take_line(const uint8_t **data, size_t *size, char out[TEXT_BYTES])
{
    size_t len = 0;
    if (*size == 0)
        return false;
    for (; *size && **data != '\n'; ++*data, --*size) {
        if (len + 1 < TEXT_BYTES && **data)
            out[len++] = (char)**data;
    }
    out[len] = '\0';
    if (*size) {
        ++*data;
        --*size;
    }
    return true;
}

/* Parsing the output of clock_text must give the same time, to the millisecond. */
static void check_back(int64_t ns)
{
    char text[CLOCK_TEXT];
    struct range again;
    int32_t day;
    clock_text(text, ns);
    text[10] = '\0';
    bool in_years = clock_parse_day(text, &day);
    text[10] = 'T';
    if (!in_years)
        return;
    CHECK(range_parse(text, NULL, NOW, &again, NULL) == 0);
    CHECK(again.from == ns - ns % NS_PER_MS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char from[TEXT_BYTES], to[TEXT_BYTES];
    bool has_from = take_line(&data, &size, from) && *from;
    bool has_to = take_line(&data, &size, to);
    struct range range = {7, 7};
    struct err err = {0};
    if (range_parse(has_from ? from : NULL, has_to ? to : NULL, NOW, &range, &err)) {
        CHECK(range.from == 7 && range.to == 7);
        CHECK(err.code < 0 && *err.text && memchr(err.text, '\0', sizeof(err.text)));
        return 0;
    }
    CHECK(range.from < range.to);
    CHECK(has_from || range.from == INT64_MIN);
    CHECK(has_to || range.to == INT64_MAX);
    if (has_from && range.from >= 0)
        check_back(range.from);
    return 0;
}
