#include "cli/unmatched.h"

#include "base/glob.h"
#include "market/symbol_near.h"

struct search {
    const char *pattern;
    bool known, listed;
    struct symbol_near near;
};

static int on_symbol(void *arg, int columns, const struct reader_value *values)
{
    struct search *search = arg;
    (void)columns;
    search->known = glob_one(search->pattern, values[0].text);
    symbol_near_offer(&search->near, values[0].text);
    return search->known;
}

static void put_similar(struct buf *out, const struct symbol_near *near)
{
    for (int i = 0; i < near->count; i++) {
        const char *before = i == 0 ? "; did you mean " : i + 1 < near->count ? ", " : " or ";
        buf_printf(out, "%s'%s'", before, near->match[i].symbol);
    }
    buf_puts(out, near->count ? "?\n" : ": 'cinta quotes' lists the recorded symbols\n");
}

/* Without the instruments that are only listed. A database of an older version has no such column.
 */
static bool find_similar(struct reader *reader, struct search *search)
{
    static const char *const queries[] = {
        "SELECT symbol FROM instrument WHERE ts_recorded IS NOT NULL",
        "SELECT symbol FROM instrument",
    };
    for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
        if (reader_select(reader, &(struct reader_query){.sql = queries[i]}, on_symbol, search,
                          NULL) == 0)
            return true;
    }
    return false;
}

static int on_listed(void *arg, int columns, const struct reader_value *values)
{
    struct search *search = arg;
    (void)columns;
    search->listed = glob_one(search->pattern, values[0].text);
    return search->listed;
}

/* Whether the broker lists an instrument that matches, which is not recorded. */
static bool is_listed(struct reader *reader, struct search *search)
{
    reader_select(reader, READER_QUERY("SELECT symbol FROM instrument WHERE listed = 1"), on_listed,
                  search, NULL);
    return search->listed;
}

bool unmatched_put(struct buf *out, struct reader *reader, const char *pattern)
{
    struct search search = {.pattern = pattern};
    symbol_near_init(&search.near, pattern);
    if (!find_similar(reader, &search) || search.known)
        return false;
    if (is_listed(reader, &search)) {
        buf_printf(
            out,
            "'%s' is not recorded, but the broker lists it: add it to section instruments of "
            "the configuration\n",
            pattern);
        return true;
    }
    buf_printf(out, "no symbol matches '%s'", pattern);
    put_similar(out, &search.near);
    return true;
}
