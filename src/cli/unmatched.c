#include "cli/unmatched.h"

#include "base/glob.h"
#include "market/symbol_near.h"

struct search {
    const char *pattern;
    bool known;
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

bool unmatched_put(struct buf *out, struct reader *reader, const char *pattern)
{
    struct search search = {.pattern = pattern};
    symbol_near_init(&search.near, pattern);
    if (reader_select(reader, READER_QUERY("SELECT symbol FROM instrument"), on_symbol, &search,
                      NULL) ||
        search.known)
        return false;
    buf_printf(out, "no symbol matches '%s'", pattern);
    put_similar(out, &search.near);
    return true;
}
