#include "primary/entries.h"

#include "base/clock.h"
#include "market/book.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MS_1990  INT64_C(631152000000)
#define MS_2100  INT64_C(4102444800000)
#define NO_INDEX (-1)

/* The value being read, and where to note that it is unreadable. */
struct place {
    enum entry entry;
    int index; /* in its list, or NO_INDEX */
    struct unreadable *unreadable;
};

/* The fields of one value, whatever its JSON form; a value that is no object is a price. */
struct cell {
    bool object;
    struct json_scan_number price, size, date;
};

/* --- judging what was read -------------------------------------------------------------------- */

/* Only the first fault of each entry is described. */
static void note(const struct place *at, const char *field, const char *what)
{
    char index[16] = "";
    char *words = at->unreadable->words[at->entry];
    if (at->unreadable->entries & ENTRY_BIT(at->entry))
        return;
    at->unreadable->entries |= ENTRY_BIT(at->entry);
    if (at->index != NO_INDEX)
        snprintf(index, sizeof(index), "[%d]", at->index);
    snprintf(words, UNREADABLE_WORDS, "marketData.%s%s%s%s %s", entry_name(at->entry), index,
             *field ? "." : "", field, what);
}

/* NAN: no value, or an unreadable one. */
static double number(const struct place *at, const char *field, struct json_scan_number value)
{
    if (value.kind == JSON_NUMBER_OTHER)
        note(at, field, "is not a number");
    else if (value.kind == JSON_NUMBER_INFINITE)
        note(at, field, "is not finite");
    return value.value;
}

/* The same, for a value that cannot be below 0. */
static double amount(const struct place *at, const char *field, struct json_scan_number value)
{
    double n = number(at, field, value);
    if (!(n < 0))
        return n;
    note(at, field, "is negative");
    return NAN;
}

static double price(const struct place *at, const struct cell *cell)
{
    return number(at, cell->object ? "price" : "", cell->price);
}

/* A date is optional: an impossible one is "unknown", and its price is kept. */
static int64_t date_ms(const struct cell *cell)
{
    double ms = cell->date.value;
    return ms >= (double)MS_1990 && ms < (double)MS_2100 && ms == trunc(ms) ? (int64_t)ms : 0;
}

static int32_t utc_day(int64_t ms)
{
    return ms ? (int32_t)(ms / MS_PER_DAY) : DAY_NONE; /* date_ms returns nothing before 1990 */
}

static double volume(const struct place *at, const struct cell *cell)
{
    if (!cell->object)
        return amount(at, "", cell->price);
    if (cell->size.kind == JSON_NUMBER_NONE)
        return amount(at, "price", cell->price);
    return amount(at, "size", cell->size);
}

/* A time or a size without a price is not a trade. An unreadable size is "unknown". */
static void put_last(const struct place *at, const struct cell *cell, struct quote *quote)
{
    double last_price = price(at, cell), last_size = amount(at, "size", cell->size);
    if (isnan(last_price))
        return;
    quote->last_price = last_price;
    quote->last_size = last_size;
    quote->ts_last = date_ms(cell) * NS_PER_MS;
}

static void put_day_price(const struct place *at, const struct cell *cell, double *out,
                          int32_t *day)
{
    *out = price(at, cell);
    *day = isnan(*out) ? DAY_NONE : utc_day(date_ms(cell));
}

/* BYMA writes "no settlement" as 0 without a day; with a day, 0 is a price. */
static void put_settlement(const struct place *at, const struct cell *cell, struct quote *quote)
{
    put_day_price(at, cell, &quote->settlement_price, &quote->settlement_day);
    if (quote->settlement_price == 0 && quote->settlement_day == DAY_NONE)
        quote->settlement_price = NAN;
}

/* "No auction" is written as price 0, size 0. */
static void put_auction(const struct place *at, const struct cell *cell, struct quote *quote)
{
    double auction = price(at, cell), size = amount(at, "size", cell->size);
    quote->auction_price = auction == 0 && !(size > 0) ? NAN : auction;
}

static void put_index(const struct place *at, const struct cell *cell, struct quote *quote)
{
    quote->index_value = price(at, cell);
    if (!isnan(quote->index_value))
        quote->ts_event = date_ms(cell) * NS_PER_MS;
}

/* A level without a readable price, or with a size below 0, is dropped; the others are kept. */
static void put_level(const struct place *at, const struct cell *cell, struct side *side,
                      bool falling)
{
    struct level level = {.price = price(at, cell)};
    level.size = number(at, "size", cell->size); /* noted after the price */
    if (level.size < 0)
        note(at, "size", "is negative");
    else if (!isnan(level.price))
        book_add(side, level, falling);
}

static void put_cell(const struct place *at, const struct cell *cell, struct quote *quote)
{
    switch (at->entry) {
    case ENTRY_BI:
        put_level(at, cell, &quote->bids, true);
        return;
    case ENTRY_OF:
        put_level(at, cell, &quote->offers, false);
        return;
    case ENTRY_LA:
        put_last(at, cell, quote);
        return;
    case ENTRY_OP:
        quote->open_price = price(at, cell);
        return;
    case ENTRY_CL:
        put_day_price(at, cell, &quote->close_price, &quote->close_day);
        return;
    case ENTRY_SE:
        put_settlement(at, cell, quote);
        return;
    case ENTRY_HI:
        quote->high_price = price(at, cell);
        return;
    case ENTRY_LO:
        quote->low_price = price(at, cell);
        return;
    case ENTRY_TV:
        quote->trade_volume = volume(at, cell);
        return;
    case ENTRY_OI:
        quote->open_interest = volume(at, cell);
        return;
    case ENTRY_EV:
        quote->effective_volume = volume(at, cell);
        return;
    case ENTRY_NV:
        quote->nominal_volume = volume(at, cell);
        return;
    case ENTRY_IV:
        put_index(at, cell, quote);
        return;
    case ENTRY_ACP:
        put_auction(at, cell, quote);
        return;
    }
}

/* --- reading ---------------------------------------------------------------------------------- */

enum field { FIELD_PRICE, FIELD_SIZE, FIELD_DATE, FIELD_OTHER };

/* Whether the text begins with the word; both have at least `len_bytes`. */
static bool begins(const struct json_scan *s, const char *at, const char *word, size_t len_bytes)
{
    return (size_t)(s->end - at) >= len_bytes && memcmp(at, word, len_bytes) == 0;
}

static const char *read_other_field(struct json_scan *s, const char *at, enum field *field)
{
    static const char *const names[] = {"price", "size", "date"};
    struct json_text key;
    at = json_scan_key(s, at, &key);
    *field = FIELD_PRICE;
    while (*field < FIELD_OTHER && !(key.escaped && json_text_is(s->parser, &key, names[*field])))
        (*field)++;
    return at;
}

/* The usual keys are compared with their quotes, in one comparison each. */
static const char *read_field(struct json_scan *s, const char *at, enum field *field)
{
    switch (s->end - at > 1 ? at[1] : '\0') {
    case 'p':
        *field = FIELD_PRICE;
        if (begins(s, at, "\"price\"", 7))
            return json_scan_colon(s, at + 7);
        break;
    case 's':
        *field = FIELD_SIZE;
        if (begins(s, at, "\"size\"", 6))
            return json_scan_colon(s, at + 6);
        break;
    case 'd':
        *field = FIELD_DATE;
        if (begins(s, at, "\"date\"", 6))
            return json_scan_colon(s, at + 6);
        break;
    }
    return read_other_field(s, at, field);
}

static const char *read_object(struct json_scan *s, const char *at, struct cell *cell)
{
    struct json_scan_number *fields[] = {&cell->price, &cell->size, &cell->date};
    unsigned seen = 0;
    cell->object = true;
    for (bool more = json_scan_open(s, &at, '}'); more; more = json_scan_more(s, &at, '}')) {
        enum field field;
        at = read_field(s, at, &field);
        if (field == FIELD_OTHER || (seen & 1u << field)) {
            at = json_scan_skip(s, at);
            continue;
        }
        seen |= 1u << field;
        at = json_scan_number(s, at, fields[field]);
    }
    return at;
}

static const char *read_cell(struct json_scan *s, const char *at, struct cell *cell)
{
    static const struct json_scan_number none = {NAN, JSON_NUMBER_NONE};
    *cell = (struct cell){false, none, none, none};
    return json_scan_char(s, at) == '{' ? read_object(s, at, cell)
                                        : json_scan_number(s, at, &cell->price);
}

/* Some brokers send a list instead of one value: its first element counts. */
static const char *read_first(struct json_scan *s, const char *at, struct cell *cell)
{
    static const struct json_scan_number none = {NAN, JSON_NUMBER_NONE};
    bool more = json_scan_open(s, &at, ']');
    if (!more)
        *cell = (struct cell){false, none, none, none};
    else
        at = read_cell(s, at, cell);
    while (more && (more = json_scan_more(s, &at, ']')))
        at = json_scan_skip(s, at);
    return at;
}

static const char *read_levels(struct json_scan *s, const char *at, const struct place *place,
                               struct quote *quote)
{
    struct place level = *place;
    for (bool more = json_scan_open(s, &at, ']'); more; more = json_scan_more(s, &at, ']')) {
        struct cell cell;
        at = read_cell(s, at, &cell);
        level.index++;
        put_cell(&level, &cell, quote);
    }
    return at;
}

static const char *read_entry(struct json_scan *s, const char *at, enum entry entry,
                              const struct entries_out *out)
{
    const struct place place = {entry, NO_INDEX, out->unreadable};
    struct cell cell;
    if (json_scan_char(s, at) != '[')
        at = read_cell(s, at, &cell);
    else if (entry == ENTRY_BI || entry == ENTRY_OF)
        return read_levels(s, at, &place, out->quote);
    else
        at = read_first(s, at, &cell);
    put_cell(&place, &cell, out->quote);
    return at;
}

#define CODE(a, b) ((unsigned)(unsigned char)(a) << 8 | (unsigned char)(b))

/* The entry of a two-letter code; -1 if there is none. */
static int entry_of_code(char a, char b)
{
    switch (CODE(a, b)) {
    case CODE('B', 'I'):
        return ENTRY_BI;
    case CODE('O', 'F'):
        return ENTRY_OF;
    case CODE('L', 'A'):
        return ENTRY_LA;
    case CODE('O', 'P'):
        return ENTRY_OP;
    case CODE('C', 'L'):
        return ENTRY_CL;
    case CODE('S', 'E'):
        return ENTRY_SE;
    case CODE('H', 'I'):
        return ENTRY_HI;
    case CODE('L', 'O'):
        return ENTRY_LO;
    case CODE('T', 'V'):
        return ENTRY_TV;
    case CODE('O', 'I'):
        return ENTRY_OI;
    case CODE('E', 'V'):
        return ENTRY_EV;
    case CODE('N', 'V'):
        return ENTRY_NV;
    case CODE('I', 'V'):
        return ENTRY_IV;
    default:
        return -1;
    }
}

/* An entry or -1. */
static const char *read_code(struct json_scan *s, const char *at, int *entry)
{
    if (s->end - at > 4 && at[0] == '"' && at[3] == '"') {
        *entry = entry_of_code(at[1], at[2]);
        if (*entry >= 0)
            return json_scan_colon(s, at + 4);
    }
    struct json_text key;
    at = json_scan_key(s, at, &key);
    const char *name = key.escaped ? json_text_plain(s->parser, &key) : key.text;
    *entry = name ? entry_from_name(name, key.escaped ? strlen(name) : key.len_bytes) : -1;
    return at;
}

const char *entries_read(struct json_scan *s, const char *at, struct entries_out *out)
{
    for (bool more = json_scan_open(s, &at, '}'); more; more = json_scan_more(s, &at, '}')) {
        int entry;
        at = read_code(s, at, &entry);
        if (entry < 0 || !(out->asked & ~out->seen & ENTRY_BIT(entry))) {
            at = json_scan_skip(s, at); /* not asked for, or repeated: the first one counts */
            continue;
        }
        out->seen |= ENTRY_BIT(entry);
        at = read_entry(s, at, (enum entry)entry, out);
    }
    return at;
}
