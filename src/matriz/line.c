#include "matriz/line.h"

#include "base/num.h"
#include "market/book.h"
#include "matriz/references.h"
#include "matriz/time_text.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The fields of a quote, by their position. */
enum {
    BID_SIZE = 2,
    BID_PRICE,
    ASK_PRICE,
    ASK_SIZE,
    LAST_PRICE,
    LAST_TIME,
    VOLUME,
    MONEY_VOLUME,
    NOMINAL_VOLUME,
    LOW,
    HIGH,
    OPEN,
    OPEN_INTEREST,
    REFERENCE_A,
};

/* The parts of a level of a book, by their position. */
enum { LEVEL_BID_SIZE, LEVEL_BID, LEVEL_ASK, LEVEL_ASK_SIZE, LEVEL_PARTS };

struct field {
    const char *text;
    size_t len_bytes;
};

/* --- prefix and id ---------------------------------------------------------------------------- */

static bool begins(const char *text, size_t len_bytes, const char *with)
{
    size_t len = strlen(with);
    return len_bytes >= len && memcmp(text, with, len) == 0;
}

static struct matriz_line split_at(enum matriz_line_kind kind, const char *text, size_t len_bytes,
                                   char end)
{
    const char *after = end ? memchr(text, end, len_bytes) : NULL;
    size_t id = after ? (size_t)(after - text) : len_bytes;
    return (struct matriz_line){kind, text, end ? id : 0, text, len_bytes};
}

struct matriz_line matriz_line_split(const char *text, size_t len_bytes)
{
    if (begins(text, len_bytes, "M:"))
        return split_at(MATRIZ_LINE_QUOTE, text + 2, len_bytes - 2, '|');
    if (begins(text, len_bytes, "B:"))
        return split_at(MATRIZ_LINE_BOOK, text + 2, len_bytes - 2, '!');
    if (begins(text, len_bytes, "L:M")) {
        size_t prefix = begins(text, len_bytes, "L:M:") ? 4 : 3; /* sources do not show which */
        return split_at(MATRIZ_LINE_CLOSE, text + prefix, len_bytes - prefix, '|');
    }
    if (begins(text, len_bytes, "X:"))
        return split_at(MATRIZ_LINE_EVENT, text + 2, len_bytes - 2, '\0');
    if (begins(text, len_bytes, "O:") || begins(text, len_bytes, "E:"))
        return split_at(MATRIZ_LINE_ORDER, text + 2, len_bytes - 2, '\0');
    return split_at(MATRIZ_LINE_UNKNOWN, text, len_bytes, '\0');
}

/* At most `max` fields; the others are ignored. Returns their number. */
static int split_fields(struct field *fields, int max, const char *text, size_t len_bytes,
                        char separator)
{
    int count = 0;
    while (count < max) {
        const char *end = memchr(text, separator, len_bytes);
        size_t len = end ? (size_t)(end - text) : len_bytes;
        fields[count++] = (struct field){text, len};
        if (!end)
            break;
        text += len + 1;
        len_bytes -= len + 1;
    }
    return count;
}

/* --- values ----------------------------------------------------------------------------------- */

/* The value being read, and where to note that it is unreadable. */
struct place {
    enum entry entry;
    const char *name;
    struct unreadable *unreadable;
};

/* Only the first fault of each entry is described. */
static void note(const struct place *at, const char *what)
{
    if (at->unreadable->entries & ENTRY_BIT(at->entry))
        return;
    at->unreadable->entries |= ENTRY_BIT(at->entry);
    snprintf(at->unreadable->words[at->entry], UNREADABLE_WORDS, "%s %s", at->name, what);
}

static bool is_none(const struct field *field)
{
    return field->len_bytes == 0 || (field->len_bytes == 3 && memcmp(field->text, "NaN", 3) == 0);
}

/* NAN: no value, or an unreadable one. */
static double read_number(const struct place *at, const struct field *field)
{
    double number;
    if (is_none(field))
        return NAN;
    if (num_parse(field->text, field->len_bytes, &number))
        return number;
    note(at, "is not a number");
    return NAN;
}

/* The same, for a value that cannot be below 0. */
static double read_amount(const struct place *at, const struct field *field)
{
    double number = read_number(at, field);
    if (!(number < 0))
        return number;
    note(at, "is negative");
    return NAN;
}

struct side_names {
    enum entry entry;
    const char *price, *size;
};

static const struct side_names bid_names = {ENTRY_BI, "bid price", "bid size"};
static const struct side_names ask_names = {ENTRY_OF, "ask price", "ask size"};

/* A level without a price is none; one with a size below 0 is dropped. */
static void add_level(struct side *side, const struct side_names *names, const struct field *price,
                      const struct field *size, struct unreadable *unreadable)
{
    const struct place at_price = {names->entry, names->price, unreadable};
    const struct place at_size = {names->entry, names->size, unreadable};
    struct level level = {.price = read_number(&at_price, price)};
    if (isnan(level.price))
        return;
    level.size = read_number(&at_size, size);
    if (level.size < 0)
        note(&at_size, "is negative");
    else
        book_add(side, level, names->entry == ENTRY_BI);
}

/* --- quotes ----------------------------------------------------------------------------------- */

/* A quote being read. Fields that the line does not have are empty. */
struct reading {
    struct field field[MATRIZ_FIELDS];
    int count;
    struct quote_update *update;
    struct unreadable *unreadable;
};

static void read_best(struct reading *r, bool empty_is_gone)
{
    struct quote *quote = &r->update->quote;
    const struct field *f = r->field;
    add_level(&quote->bids, &bid_names, &f[BID_PRICE], &f[BID_SIZE], r->unreadable);
    add_level(&quote->offers, &ask_names, &f[ASK_PRICE], &f[ASK_SIZE], r->unreadable);
    if (empty_is_gone || !is_none(&f[BID_PRICE]))
        r->update->entries |= ENTRY_BIT(ENTRY_BI);
    if (empty_is_gone || !is_none(&f[ASK_PRICE]))
        r->update->entries |= ENTRY_BIT(ENTRY_OF);
}

/* Returns whether the field has a value, readable or not. */
static bool has(struct reading *r, int field, enum entry entry)
{
    if (is_none(&r->field[field]))
        return false;
    r->update->entries |= ENTRY_BIT(entry);
    return true;
}

static void read_price(struct reading *r, int field, const struct place *at, double *out)
{
    if (has(r, field, at->entry))
        *out = read_number(at, &r->field[field]);
}

static void read_volume(struct reading *r, int field, const struct place *at, double *out)
{
    if (has(r, field, at->entry))
        *out = read_amount(at, &r->field[field]);
}

/* A time without a price is not a trade. */
static void read_last(struct reading *r)
{
    struct quote *quote = &r->update->quote;
    const struct field *time = &r->field[LAST_TIME];
    read_price(r, LAST_PRICE, &(struct place){ENTRY_LA, "last price", r->unreadable},
               &quote->last_price);
    if (!isnan(quote->last_price))
        quote->ts_last = matriz_time(time->text, time->len_bytes);
}

static void read_day(struct reading *r)
{
    struct quote *quote = &r->update->quote;
    struct unreadable *u = r->unreadable;
    read_price(r, LOW, &(struct place){ENTRY_LO, "low", u}, &quote->low_price);
    read_price(r, HIGH, &(struct place){ENTRY_HI, "high", u}, &quote->high_price);
    read_price(r, OPEN, &(struct place){ENTRY_OP, "open", u}, &quote->open_price);
    read_volume(r, OPEN_INTEREST, &(struct place){ENTRY_OI, "open interest", u},
                &quote->open_interest);
}

static void read_volumes(struct reading *r, bool rofex)
{
    struct quote *quote = &r->update->quote;
    struct unreadable *u = r->unreadable;
    read_volume(r, VOLUME, &(struct place){ENTRY_TV, "volume", u}, &quote->trade_volume);
    if (rofex)
        return;
    read_volume(r, MONEY_VOLUME, &(struct place){ENTRY_EV, "money volume", u},
                &quote->effective_volume);
    read_volume(r, NOMINAL_VOLUME, &(struct place){ENTRY_NV, "nominal volume", u},
                &quote->nominal_volume);
}

static void read_references(struct reading *r, int32_t today, bool rofex)
{
    struct matriz_reference reference[MATRIZ_REFERENCES];
    for (int i = 0; i < MATRIZ_REFERENCES; i++) {
        const struct field *price = &r->field[REFERENCE_A + 2 * i], *day = price + 1;
        reference[i] = (struct matriz_reference){NAN, DAY_NONE};
        if (num_parse(price->text, price->len_bytes, &reference[i].price))
            reference[i].day = matriz_day(day->text, day->len_bytes);
    }
    r->update->entries |= matriz_references_apply(reference, today, rofex, &r->update->quote);
}

static int read_quote(const struct matriz_line *line, int32_t today,
                      const struct matriz_line_out *out)
{
    struct reading r = {.update = out->update, .unreadable = out->unreadable};
    const bool rofex = begins(line->id, line->id_bytes, "rx_");
    r.count = split_fields(r.field, MATRIZ_FIELDS, line->rest, line->rest_bytes, '|');
    if (r.count < MATRIZ_FIELDS_MIN)
        return err_set(out->why, -EBADMSG, "a quote with %d fields: at least %d are needed",
                       r.count, MATRIZ_FIELDS_MIN);
    for (int i = r.count; i < MATRIZ_FIELDS; i++)
        r.field[i] = (struct field){"", 0};
    *out->update = (struct quote_update){.quote = quote_none()};
    read_best(&r, line->kind == MATRIZ_LINE_QUOTE);
    read_last(&r);
    read_volumes(&r, rofex);
    read_day(&r);
    read_references(&r, today, rofex);
    return r.count;
}

/* --- books ------------------------------------------------------------------------------------ */

static int add_levels(const struct field *level, struct quote *quote,
                      const struct matriz_line_out *out)
{
    struct field part[LEVEL_PARTS + 1];
    int count = split_fields(part, LEVEL_PARTS + 1, level->text, level->len_bytes, '|');
    if (count != LEVEL_PARTS)
        return err_set(out->why, -EBADMSG, "a level of a book has %s%d parts instead of %d",
                       count > LEVEL_PARTS ? "at least " : "", count, LEVEL_PARTS);
    add_level(&quote->bids, &bid_names, &part[LEVEL_BID], &part[LEVEL_BID_SIZE], out->unreadable);
    add_level(&quote->offers, &ask_names, &part[LEVEL_ASK], &part[LEVEL_ASK_SIZE], out->unreadable);
    return 0;
}

/* Takes the part of `rest` before the next '!'. False: there are no more. */
static bool take_part(struct field *rest, struct field *part)
{
    if (!rest->text)
        return false;
    const char *end = memchr(rest->text, '!', rest->len_bytes);
    *part = (struct field){rest->text, end ? (size_t)(end - rest->text) : rest->len_bytes};
    *rest = end ? (struct field){end + 1, rest->len_bytes - part->len_bytes - 1}
                : (struct field){NULL, 0};
    return true;
}

/* Id, sequence and levels; the line may end in '!'. */
static int read_book(const struct matriz_line *line, const struct matriz_line_out *out)
{
    struct quote_update update = {.entries = ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_OF),
                                  .quote = quote_none()};
    struct field rest = {line->rest, line->rest_bytes}, part;
    int levels = 0;
    take_part(&rest, &part);
    if (!take_part(&rest, &part))
        return err_set(out->why, -EBADMSG, "a book without a sequence");
    while (take_part(&rest, &part)) {
        if (!part.len_bytes && !rest.text)
            break;
        if (add_levels(&part, &update.quote, out))
            return -EBADMSG;
        levels++;
    }
    *out->update = update;
    return levels;
}

int matriz_line_decode(const struct matriz_line *line, int32_t today,
                       const struct matriz_line_out *out)
{
    out->unreadable->entries = 0;
    if (line->kind == MATRIZ_LINE_BOOK)
        return read_book(line, out);
    return read_quote(line, today, out);
}
