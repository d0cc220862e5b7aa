#include "virtual_exchange.h"

#include "base/rng.h"
#include "virtual_spans.h"
#include "virtual_stream.h"
#include "virtual_time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LATE_MS 5000 /* usual value of late_ms */

static struct {
    char symbol[16];
    double price, recorded;
    int64_t changed_ms; /* of the first change not recorded yet */
    int64_t traded_ns;  /* of the last change, by the broker's clock */
    const char *text;   /* sent instead of the price, which nobody can know then; NULL = none */
    enum source source;
} instruments[EXCHANGE_MAX];

static int instruments_count;
static struct rng rng;
static int64_t twice, lag_max_ms;
static int64_t late_ms = LATE_MS; /* a polled change may be recorded so late; later is a gap */

void exchange_begin(int count, uint64_t seed)
{
    instruments_count = count;
    rng = (struct rng){seed};
    for (int i = 0; i < EXCHANGE_MAX; i++) {
        snprintf(instruments[i].symbol, sizeof(instruments[i].symbol), "SIM/%02d", i);
        instruments[i].price = 1000 * (i + 1);
        instruments[i].changed_ms = time_ms();
        instruments[i].traded_ns = time_broker_ns(time_ms());
    }
}

void exchange_set_late(int64_t ms)
{
    late_ms = ms;
}

int exchange_count(void)
{
    return instruments_count;
}

const char *exchange_symbol(int i)
{
    return instruments[i].symbol;
}

int exchange_find(const char *symbol)
{
    bool encoded = strncmp(symbol, "SIM%2F", 6) == 0;
    if (!encoded && strncmp(symbol, "SIM/", 4) != 0)
        return -1;
    int i = atoi(symbol + (encoded ? 6 : 4));
    return i >= 0 && i < instruments_count ? i : -1;
}

/* --- the market ------------------------------------------------------------------------------- */

static void note_lag(int i)
{
    int64_t lag_ms = time_ms() - instruments[i].changed_ms;
    bool waits = instruments[i].recorded != instruments[i].price && !instruments[i].text;
    if (waits && lag_ms > lag_max_ms)
        lag_max_ms = lag_ms;
}

void exchange_set_price(int i, double price)
{
    note_lag(i);
    if (instruments[i].recorded == instruments[i].price)
        instruments[i].changed_ms = time_ms();
    instruments[i].price = price;
    instruments[i].traded_ns = time_broker_ns(time_ms());
    stream_push(i);
}

void exchange_change(void)
{
    int i = (int)rng_below(&rng, instruments_count);
    exchange_set_price(i, instruments[i].price + 1);
}

void exchange_set_text(int i, const char *text)
{
    instruments[i].text = text;
    instruments[i].changed_ms = time_ms();
    stream_push(i);
}

int exchange_put(char *out, size_t size, int i)
{
    char price[64];
    if (instruments[i].text)
        snprintf(price, sizeof(price), "%s", instruments[i].text);
    else
        snprintf(price, sizeof(price), "%.0f", instruments[i].price);
    return snprintf(out, size, "{\"LA\":{\"price\":%s,\"size\":1,\"date\":%lld}}", price,
                    (long long)(instruments[i].traded_ns / NS_PER_MS));
}

/* --- what was recorded ------------------------------------------------------------------------ */

/* A change that is recorded now and late: it was not observed all the time until now. */
static void note_late(int i)
{
    int64_t lag_ms = time_ms() - instruments[i].changed_ms;
    if (instruments[i].recorded == instruments[i].price || instruments[i].text || lag_ms < late_ms)
        return;
    spans_unseen(i, time_wall_ns() - lag_ms * NS_PER_MS, time_wall_ns());
}

void exchange_record(int i, double price, enum source source)
{
    note_lag(i);
    note_late(i);
    twice += instruments[i].recorded == price;
    instruments[i].recorded = price;
    instruments[i].source = source;
}

double exchange_price(int i)
{
    return instruments[i].price;
}

int64_t exchange_traded_ns(int i)
{
    return instruments[i].traded_ns;
}

double exchange_recorded(int i)
{
    return instruments[i].recorded;
}

enum source exchange_source(int i)
{
    return instruments[i].source;
}

int64_t exchange_twice(void)
{
    return twice;
}

int64_t exchange_lag_ms(void)
{
    return lag_max_ms;
}

void exchange_mark(void)
{
    lag_max_ms = 0;
}
