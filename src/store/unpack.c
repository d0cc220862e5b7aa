#include "store/unpack.h"

#include "base/clock.h"
#include "base/num.h"

#include <sqlite3.h>
#include <string.h>

double unpack_price(sqlite3_stmt *stmt, int column, int64_t unit)
{
    switch (sqlite3_column_type(stmt, column)) {
    case SQLITE_INTEGER:
        return (double)sqlite3_column_int64(stmt, column) / (double)unit;
    case SQLITE_FLOAT:
        return sqlite3_column_double(stmt, column);
    default:
        return NAN;
    }
}

int64_t unpack_ts(int64_t ts_recv, int64_t ago_ms)
{
    return (ts_recv / NS_PER_MS - ago_ms) * NS_PER_MS;
}

/* Numbers that are not integers are quoted. */
static bool take_quoted(const char **at, double *out)
{
    const char *text = *at + 1, *end = strchr(text, '"');
    if (!end || !num_parse(text, (size_t)(end - text), out))
        return false;
    *at = end + 1 + (end[1] == ',');
    return true;
}

/* One number of the list, "null" is NAN. Nearly all are short integers, which need no num_parse. */
static bool take_number(const char **at, double *out)
{
    const char *text = *at;
    int64_t whole = 0;
    size_t len = strcspn(text, ","), i = 0;
    if (*text == '"')
        return take_quoted(at, out);
    while (i < len && i < 15 && text[i] >= '0' && text[i] <= '9')
        whole = whole * 10 + (text[i++] - '0');
    if (i == len && len > 0)
        *out = (double)whole;
    else if (len == 4 && memcmp(text, "null", 4) == 0)
        *out = NAN;
    else if (!num_parse(text, len, out))
        return false;
    *at = text + len + (text[len] == ',');
    return true;
}

void unpack_side(struct side *out, struct level best, const char *rest, bool is_bid, int64_t unit)
{
    double distance;
    double whole = nearbyint(best.price * (double)unit); /* an integer when packed: exact */
    out->level[0] = best;
    out->count = 1;
    if (*rest == '"' && !take_quoted(&rest, &out->level[0].size))
        return;
    while (*rest && out->count < QUOTE_DEPTH_MAX) {
        struct level *level = &out->level[out->count];
        if (!take_number(&rest, &distance) || isnan(distance) || !take_number(&rest, &level->size))
            return;
        level->price = (is_bid ? whole - distance : whole + distance) / (double)unit;
        out->count++;
    }
}
