/*
 * Messages with market data, read in one pass by the program and from cJSON's tree by the oracle:
 * both must give the same result to the last bit, with the same errors in the same words. Each
 * input is compared itself, and is the seed of random messages, which are compared as they are and
 * damaged.
 */
#include "base/digest.h"
#include "fuzz/oracle.h"
#include "fuzz/random_message.h"
#include "support/fuzz.h"

#include <string.h>

#define MESSAGES_PER_INPUT 6

static struct json_parser *parser;

static bool same_double(double a, double b)
{
    return memcmp(&a, &b, sizeof(a)) == 0;
}

static void check_side(const struct side *a, const struct side *b)
{
    CHECK(a->count == b->count);
    for (int i = 0; i < QUOTE_DEPTH_MAX; i++)
        CHECK(same_double(a->level[i].price, b->level[i].price) &&
              same_double(a->level[i].size, b->level[i].size));
}

static void check_quote(const struct quote *a, const struct quote *b)
{
    check_side(&a->bids, &b->bids);
    check_side(&a->offers, &b->offers);
    CHECK(same_double(a->last_price, b->last_price) && same_double(a->last_size, b->last_size));
    CHECK(a->ts_last == b->ts_last && a->ts_event == b->ts_event);
    CHECK(same_double(a->open_price, b->open_price));
    CHECK(same_double(a->high_price, b->high_price) && same_double(a->low_price, b->low_price));
    CHECK(same_double(a->close_price, b->close_price) && a->close_day == b->close_day);
    CHECK(same_double(a->settlement_price, b->settlement_price));
    CHECK(a->settlement_day == b->settlement_day);
    CHECK(same_double(a->open_interest, b->open_interest));
    CHECK(same_double(a->trade_volume, b->trade_volume));
    CHECK(same_double(a->nominal_volume, b->nominal_volume));
    CHECK(same_double(a->effective_volume, b->effective_volume));
    CHECK(same_double(a->index_value, b->index_value));
    CHECK(same_double(a->auction_price, b->auction_price));
}

static void check_update(const struct quote_update *a, const struct quote_update *b)
{
    CHECK(a->entries == b->entries && a->best_only == b->best_only && a->fallback == b->fallback);
    check_quote(&a->quote, &b->quote);
}

static void check_unreadable(const struct unreadable *a, const struct unreadable *b)
{
    CHECK(a->entries == b->entries);
    for (int e = 0; e < ENTRY_COUNT; e++)
        CHECK(!(a->entries & ENTRY_BIT(e)) || strcmp(a->words[e], b->words[e]) == 0);
}

static void check_err(const struct err *a, const struct err *b)
{
    CHECK(a->code == b->code && strcmp(a->text, b->text) == 0);
}

static void compare_answers(const char *text, size_t len, uint32_t asked)
{
    const struct reply reply = {200, "application/json", "", text, len};
    struct quote_update a, b;
    struct unreadable unreadable_a, unreadable_b;
    struct err why_a = {0}, why_b = {0};
    enum reply_class class =
        decode_market_data(parser, &reply, asked, &(struct decode_out){&a, &unreadable_a, &why_a});
    CHECK(class == oracle_market_data(parser, &reply, asked,
                                      &(struct decode_out){&b, &unreadable_b, &why_b}));
    check_err(&why_a, &why_b);
    if (class != REPLY_OK)
        return;
    check_update(&a, &b);
    check_unreadable(&unreadable_a, &unreadable_b);
}

static void check_text(struct text a, struct text b)
{
    CHECK(!a.text == !b.text && a.len_bytes == b.len_bytes);
    CHECK(!a.text || memcmp(a.text, b.text, a.len_bytes) == 0);
}

static void compare_frames(const char *text, size_t len, uint32_t entries)
{
    static struct json_parser *second; /* texts are borrowed from it */
    static struct stream_item a, b;
    if (!second && !(second = json_parser_create()))
        abort();
    struct stream_decoder decoder_a = {parser, entries, ""}, decoder_b = {second, entries, ""};
    const struct stream_message message = {text, len, 0};
    stream_decode(&decoder_a, &message, &a);
    oracle_stream(&decoder_b, &message, &b);
    CHECK(a.kind == b.kind && a.event == b.event && a.whole == b.whole);
    CHECK(a.ts_event == b.ts_event && a.text == b.text && a.len_bytes == b.len_bytes);
    check_text(a.market_id, b.market_id);
    check_text(a.symbol, b.symbol);
    check_err(&a.why, &b.why);
    if (a.kind != STREAM_DATA)
        return;
    check_update(&a.update, &b.update);
    check_unreadable(&a.unreadable, &b.unreadable);
}

/* Numbers of more than 63 bytes are read; older versions of cJSON refuse them. */
static bool has_long_number(const char *text, size_t len)
{
    size_t run = 0;
    for (size_t i = 0; i < len; i++) {
        run = text[i] && strchr("0123456789+-.eE", text[i]) ? run + 1 : 0;
        if (run > 63)
            return true;
    }
    return false;
}

static bool reads_long_numbers(void)
{
    static const char number[] = "0.00000000000000000000000000000000000000000000000000000000000000";
    _Static_assert(sizeof(number) - 1 == 64, "one byte more than is read");
    return json_parse(parser, number, sizeof(number) - 1, NULL) != NULL;
}

static void compare(const char *text, size_t len, uint64_t choice)
{
    uint32_t asked = choice & 6 ? ENTRY_ALL : (uint32_t)(choice >> 8) & ENTRY_ALL;
    static int skips_long = -1;
    if (skips_long < 0)
        skips_long = !reads_long_numbers();
    if (skips_long && has_long_number(text, len))
        return;
    if (choice & 1)
        compare_frames(text, len, asked);
    else
        compare_answers(text, len, asked);
}

/* Both readers get copies of the exact size, so that ASan detects a read past the end. */
static void compare_copy(const char *text, size_t len, uint64_t choice)
{
#ifdef __SANITIZE_ADDRESS__
    char *copy = malloc(len ? len : 1);
    if (!copy)
        abort();
    memcpy(copy, text, len);
    compare(copy, len, choice);
    free(copy);
#else
    compare(text, len, choice);
#endif
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[RANDOM_MESSAGE_BYTES];
    if (!parser && !(parser = json_parser_create()))
        abort();
    struct rng rng = {digest_of(data, size).half[0]};
    compare((const char *)data, size, 0);
    compare((const char *)data, size, 1);
    for (int i = 0; i < MESSAGES_PER_INPUT; i++) {
        size_t len = random_message(&rng, text);
        compare_copy(text, len, rng_next(&rng));
        if (i % 3 == 0)
            compare_copy(text, random_message_damage(&rng, text, len), rng_next(&rng));
    }
    return 0;
}
