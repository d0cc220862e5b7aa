#include "sim/kept_trades.h"

#include "base/array.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "files/file.h"
#include "sim/sim_market.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define LINE_BYTES 256
#define TIME_MAX   4e12 /* ms */

struct kept_trades {
    int fd;
    struct sim_market *market;
    int64_t day;
    struct sim_trade *trades; /* of that day; owned, while reading */
    size_t count, cap;
    bool failed; /* a line could not be written */
};

/* --- lines ------------------------------------------------------------------------------------ */

enum { SYMBOL, TIME, PRICE, SIZE, PARTS };

/* Splits a copy of the line at its tabs. False: there are more or fewer parts. */
static bool split(char *line, char *part[PARTS])
{
    for (int i = 0; i < PARTS; i++) {
        char *tab = strchr(line, '\t');
        if (!tab != (i == PARTS - 1))
            return false;
        part[i] = line;
        if (!tab)
            break;
        *tab = '\0';
        line = tab + 1;
    }
    return *part[SYMBOL];
}

static bool read_line(char *line, const char **symbol, struct source_trade *trade)
{
    char *part[PARTS];
    double ms;
    if (!split(line, part) || !num_parse(part[TIME], strlen(part[TIME]), &ms) ||
        !num_parse(part[PRICE], strlen(part[PRICE]), &trade->price) ||
        !num_parse(part[SIZE], strlen(part[SIZE]), &trade->size) || ms < 0 || ms > TIME_MAX ||
        ms != floor(ms))
        return false;
    *symbol = part[SYMBOL];
    trade->ts = (int64_t)ms * NS_PER_MS;
    return true;
}

int kept_trades_parse(const char *text, size_t len_bytes, kept_trade_fn *fn, void *arg,
                      size_t *bytes, struct err *err)
{
    const char *end;
    *bytes = 0;
    for (int number = 1; (end = memchr(text + *bytes, '\n', len_bytes - *bytes)); number++) {
        size_t len = (size_t)(end - text) - *bytes;
        char line[LINE_BYTES];
        const char *symbol;
        struct source_trade trade;
        if (len < sizeof(line))
            memcpy(line, text + *bytes, len);
        line[len < sizeof(line) ? len : 0] = '\0';
        if (strlen(line) != len || !read_line(line, &symbol, &trade))
            return err_set(err, -EBADMSG,
                           "line %d is not a trade: symbol, time in ms, price and size", number);
        int rc = fn(arg, symbol, &trade);
        if (rc)
            return rc;
        *bytes += len + 1;
    }
    return 0;
}

/* --- reading ---------------------------------------------------------------------------------- */

static int take(void *arg, const char *symbol, const struct source_trade *trade)
{
    struct kept_trades *k = arg;
    const struct market_source *source = sim_market_source(k->market);
    if (art_day(trade->ts) != k->day)
        return 0;
    int32_t at = source->find(source->self, "ROFX", symbol);
    if (at < 0)
        return -ENOENT;
    k->trades = array_must_grow(k->trades, &k->cap, k->count + 1, sizeof(*k->trades));
    k->trades[k->count++] = (struct sim_trade){at, *trade};
    return 0;
}

static int read_all(struct kept_trades *k, struct buf *text, struct err *err)
{
    size_t bytes;
    int rc = file_read_fd(k->fd, text);
    if (rc)
        return err_set(err, rc, "%s", strerror(-rc));
    rc = kept_trades_parse(buf_text(text), text->len_bytes, take, k, &bytes, err);
    if (rc == -ENOENT)
        return err_set(err, -EBADMSG,
                       "it has a symbol that is not in this market: start with the "
                       "same --instruments, or with another file");
    if (rc == 0 && bytes == 0 && text->len_bytes) /* whoever wrote it */
        return err_set(err, -EBADMSG, "it is not a file of trades");
    if (rc == 0 && bytes < text->len_bytes && ftruncate(k->fd, (off_t)bytes))
        return err_set(err, -errno, "%s", strerror(errno));
    return rc;
}

/* --- writing ---------------------------------------------------------------------------------- */

static void on_trade(void *arg, const struct sim_trade *made)
{
    struct kept_trades *k = arg;
    const struct market_source *source = sim_market_source(k->market);
    char price[NUM_TEXT], size[NUM_TEXT];
    struct buf line;
    buf_init(&line, LINE_BYTES);
    buf_printf(&line, "%s\t%lld\t%s\t%s\n",
               source->instrument(source->self, made->instrument)->symbol,
               (long long)(made->trade.ts / NS_PER_MS), num_text(price, made->trade.price),
               num_text(size, made->trade.size));
    ssize_t wrote = write(k->fd, buf_text(&line), line.len_bytes);
    if (wrote != (ssize_t)line.len_bytes && !k->failed) {
        log_error("a trade is not in the file of trades", LOG_TEXT("why", strerror(errno)));
        k->failed = true;
    }
    buf_finish(&line);
}

struct first {
    struct kept_trades *kept;
    int32_t instrument;
};

static void on_first(void *arg, const struct source_trade *trade)
{
    const struct first *first = arg;
    on_trade(first->kept, &(struct sim_trade){first->instrument, *trade});
}

/* The trades with which the market began. */
static void write_first(struct kept_trades *k)
{
    const struct market_source *source = sim_market_source(k->market);
    for (int32_t at = 0; at < source->count(source->self); at++) {
        struct first first = {k, at};
        source->trades(source->self, &(struct source_period){at, INT64_MIN, INT64_MAX}, on_first,
                       &first);
    }
}

/* --- life ------------------------------------------------------------------------------------- */

static int open_file(struct kept_trades *k, const char *path, struct err *err)
{
    k->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (k->fd < 0)
        return err_set(err, -errno, "%s", strerror(errno));
    if (flock(k->fd, LOCK_EX | LOCK_NB))
        return err_set(err, -EBUSY, "another simulator uses it");
    struct buf text;
    buf_init(&text, KEPT_TRADES_BYTES);
    int rc = read_all(k, &text, err);
    buf_finish(&text);
    return rc;
}

int kept_trades_open(struct kept_trades **out, const char *path, struct sim_market *market,
                     int64_t now_ns, struct err *err)
{
    struct kept_trades *k = calloc(1, sizeof(*k));
    struct err why = {0};
    if (!k)
        return err_set(err, -ENOMEM, "out of memory");
    *k = (struct kept_trades){.fd = -1, .market = market, .day = art_day(now_ns)};
    int rc = open_file(k, path, &why);
    if (rc) {
        kept_trades_close(k);
        return err_set(err, rc, "cannot use the file of trades '%s': %s", path, why.text);
    }
    if (k->count)
        sim_market_resume(market, k->trades, k->count, now_ns);
    else
        write_first(k);
    sim_market_on_trade(market, on_trade, k);
    free(k->trades);
    k->trades = NULL;
    *out = k;
    return 0;
}

void kept_trades_close(struct kept_trades *k)
{
    if (!k)
        return;
    sim_market_on_trade(k->market, NULL, NULL);
    if (k->fd >= 0)
        close(k->fd);
    free(k->trades);
    free(k);
}
