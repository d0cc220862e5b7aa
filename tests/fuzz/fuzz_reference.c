/*
 * Arbitrary answers with lists of instruments, read in steps (primary/instrument_reader), and with
 * one instrument. What was read must satisfy market/instrument.h, and a list that was read without
 * an unreadable item must be the one that the parser of whole documents reads.
 */
#include "primary/instrument_reader.h"
#include "primary/reference.h"
#include "primary/segment_decode.h"
#include "support/fuzz.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sum {
    size_t count;
    uint64_t symbols;
};

static void add(struct sum *sum, const char *symbol)
{
    sum->count++;
    for (; *symbol; symbol++)
        sum->symbols = sum->symbols * 31 + (unsigned char)*symbol;
}

static void check_text(const char *text)
{
    CHECK(!text || reference_symbol_valid(text));
}

static void check_ranges(const struct instrument *i)
{
    CHECK(i->ranges_count >= 0 && i->ranges_count <= INSTRUMENT_RANGES_MAX);
    CHECK((i->ranges_count == 0) == (i->ranges == NULL));
    for (int r = 0; r < i->ranges_count; r++) {
        CHECK(isfinite(i->ranges[r].from) && isfinite(i->ranges[r].tick) && i->ranges[r].tick > 0);
        CHECK(!isinf(i->ranges[r].to));
        CHECK(r == 0 || i->ranges[r - 1].from <= i->ranges[r].from);
    }
}

static void check_instrument(const struct instrument *i)
{
    const char *const texts[] = {i->segment,    i->cfi_code,    i->currency,
                                 i->maturity,   i->description, i->settl_type,
                                 i->underlying, i->order_types, i->times_in_force};
    const double numbers[] = {i->low_limit,    i->high_limit, i->price_tick, i->size_step,
                              i->min_size,     i->max_size,   i->round_lot,  i->multiplier,
                              i->price_factor, i->strike};
    CHECK(i->symbol && i->market_id);
    check_text(i->symbol);
    check_text(i->market_id);
    for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
        check_text(texts[k]);
    for (size_t k = 0; k < sizeof(numbers) / sizeof(numbers[0]); k++)
        CHECK(!isinf(numbers[k]));
    CHECK(!i->maturity || strspn(i->maturity, "0123456789") == 8);
    CHECK(!(i->price_tick <= 0) && !(i->size_step <= 0) && !(i->multiplier < 0));
    CHECK(i->price_digits >= -1 && i->price_digits <= INSTRUMENT_DIGITS_MAX);
    CHECK(instrument_decimals(i) >= -1 && instrument_decimals(i) <= INSTRUMENT_DIGITS_MAX);
    check_ranges(i);
}

static void on_instrument(void *arg, const struct instrument *instrument)
{
    check_instrument(instrument);
    add(arg, instrument->symbol);
}

static void on_item(void *arg, const struct reference_item *item)
{
    add(arg, item->symbol);
}

/* An escape in a name is another name to the reader in steps. */
static void check_whole(struct json_parser *parser, const struct reply *reply,
                        const struct sum *read)
{
    struct sum whole = {0};
    struct err why = {0};
    int skipped;
    if (memchr(reply->body, '\\', reply->body_len_bytes))
        return;
    enum reply_class class =
        reference_list(parser, reply, &(struct reference_sink){on_item, &whole}, &skipped, &why);
    if (why.code == -ELOOP) /* an item may be as deep as a document */
        return;
    CHECK(class == REPLY_OK);
    CHECK(skipped == 0 && whole.count == read->count && whole.symbols == read->symbols);
}

static void try_list(struct json_parser *parser, const struct reply *reply)
{
    struct sum sum = {0};
    struct buf body;
    struct err why = {0};
    enum reply_class class;
    buf_init(&body, INSTRUMENT_READER_BYTES);
    buf_append(&body, reply->body, reply->body_len_bytes);
    struct instrument_reader *reader = instrument_reader_create(&body, on_instrument, &sum);
    if (!reader)
        abort();
    while (instrument_reader_step(reader, &class, &why))
        ;
    int skipped = instrument_reader_skipped(reader);
    instrument_reader_destroy(reader);
    if (class != REPLY_OK)
        CHECK(why.code < 0 && why.text[0]);
    else if (skipped == 0)
        check_whole(parser, reply, &sum);
}

static void try_detail(struct json_parser *parser, const struct reply *reply)
{
    struct instrument_texts texts;
    struct instrument read;
    struct err why = {0};
    if (instrument_decode_detail(parser, reply, &texts, &read, &why) == REPLY_OK)
        check_instrument(&read);
    else
        CHECK(why.code < 0 && why.text[0]);
}

static void try_segments(struct json_parser *parser, const struct reply *reply)
{
    struct err why = {0};
    struct instrument_list *list = instrument_list_create();
    if (!list)
        abort();
    enum reply_class class = segment_decode(parser, reply, 0, list, &why);
    CHECK(class == REPLY_OK || (why.code < 0 && why.text[0]));
    CHECK(class == REPLY_OK || instrument_list_segments(list) == 0);
    CHECK(instrument_list_segments(list) <= SEGMENTS_MAX);
    for (size_t i = 0; i < instrument_list_segments(list); i++) {
        const struct market_segment *s = instrument_list_segment(list, i);
        CHECK(reference_symbol_valid(s->id) && reference_symbol_valid(s->market_id));
    }
    instrument_list_release(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_parser *parser = json_parser_create();
    const struct reply reply = {200, "application/json", "", (const char *)data, size};
    if (!parser)
        abort();
    struct err why = {0};
    if (reply_by_head(&reply, &why) == REPLY_OK)
        try_list(parser, &reply);
    try_detail(parser, &reply);
    try_segments(parser, &reply);
    json_parser_destroy(parser);
    return 0;
}
