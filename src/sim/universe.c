#include "sim/universe.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

struct making {
    struct sim_instrument *out;
    int count, max;
    int month0; /* months since year 0 of the first dollar future not expired */
};

static const struct tick_range share_ticks[] = {{0, 50, 0.05}, {50, 500, 0.5}, {500, NAN, 5}};

/* --- calendar --------------------------------------------------------------------------------- */

static const char *const month_names[12] = {"ENE", "FEB", "MAR", "ABR", "MAY", "JUN",
                                            "JUL", "AGO", "SEP", "OCT", "NOV", "DIC"};

/* The last weekday of a month, on which dollar futures expire. */
static int last_business_day(int month, struct tm *out)
{
    struct tm tm = {.tm_year = month / 12 - 1900, .tm_mon = month % 12 + 1, .tm_mday = 0};
    time_t t = timegm(&tm);
    gmtime_r(&t, out);
    while (out->tm_wday == 0 || out->tm_wday == 6) {
        t -= S_PER_DAY;
        gmtime_r(&t, out);
    }
    return out->tm_mday;
}

static int first_month(int64_t now_ns)
{
    struct tm now, last;
    time_t t = (time_t)(art_day(now_ns) * S_PER_DAY);
    gmtime_r(&t, &now);
    int month = (now.tm_year + 1900) * 12 + now.tm_mon;
    return month + (now.tm_mday > last_business_day(month, &last));
}

static void month_text(int month, char *out, size_t size)
{
    snprintf(out, size, "%s%02d", month_names[month % 12], month / 12 % 100);
}

/* --- one instrument --------------------------------------------------------------------------- */

static const struct instrument plain = {
    .market_id = "ROFX",
    .currency = "ARS",
    .order_types = "LIMIT,MARKET",
    .times_in_force = "DAY",
    .low_limit = 0,
    .high_limit = 9999999,
    .size_step = 1,
    .min_size = 1,
    .max_size = 90000000,
    .round_lot = 1,
    .multiplier = 1,
    .price_factor = 1,
    .strike = NAN,
    .price_digits = -1,
};

/* The next free entry, filled with the common fields; NULL when the list is full. */
static struct sim_instrument *add(struct making *m, enum sim_kind kind, const char *symbol,
                                  double price, double tick)
{
    if (m->count == m->max)
        return NULL;
    struct sim_instrument *i = &m->out[m->count];
    memset(i, 0, sizeof(*i));
    i->reference = plain;
    snprintf(i->symbol, sizeof(i->symbol), "%s", symbol);
    i->reference.symbol = i->symbol;
    i->reference.price_tick = tick;
    i->reference.price_digits = instrument_decimals(&i->reference);
    i->kind = kind;
    i->start_price = price;
    i->typical_size = 100;
    i->empty = (enum encode_empty)(m->count % 3);
    i->life = LIFE_FULL;
    m->count++;
    return i;
}

static void set_maturity(struct sim_instrument *i, int month)
{
    struct tm tm;
    last_business_day(month, &tm);
    strftime(i->maturity, sizeof(i->maturity), "%Y%m%d", &tm);
    i->reference.maturity = i->maturity;
}

/* After the well-known ones the books become thinner, as at a broker. */
static enum sim_life life_of(int nth)
{
    static const enum sim_life pattern[] = {LIFE_FULL,  LIFE_EMPTY, LIFE_THIN,
                                            LIFE_EMPTY, LIFE_FULL,  LIFE_ONE_SIDED};
    return pattern[nth % 6];
}

/* --- kinds ------------------------------------------------------------------------------------ */

struct product {
    const char *name, *segment, *currency;
    double price, tick, multiplier;
};

static const struct product dollar = {"DLR", "DDF", "ARS", 1580, 0.5, 1000};
static const struct product products[] = {
    {"SOJ.ROS", "DDA", "USD", 330, 0.1, 100}, {"MAI.ROS", "DDA", "USD", 185, 0.1, 100},
    {"TRI.ROS", "DDA", "USD", 215, 0.1, 100}, {"ORO", "DDF", "USD", 4120, 0.1, 1},
    {"WTI", "DDF", "USD", 68, 0.01, 10},      {"RFX20", "DDF", "ARS", 81000, 25, 1},
    {"GGAL", "DUAL", "ARS", 8200, 1, 100},    {"YPFD", "DUAL", "ARS", 51000, 10, 100},
    {"PAMP", "DUAL", "ARS", 4600, 1, 100},
};
#define PRODUCTS ((int)(sizeof(products) / sizeof(products[0])))

/* A multiple of the tick near `price`, without the digits of a division. */
static double on_grid(double price, double tick)
{
    double steps = (double)(int64_t)(price / tick + 0.5);
    return tick < 1 ? steps / (double)(int64_t)(1 / tick + 0.5) : steps * tick;
}

static void add_future(struct making *m, const struct product *p, int month, enum sim_life life)
{
    char symbol[64], when[8];
    month_text(month, when, sizeof(when));
    snprintf(symbol, sizeof(symbol), "%s/%s", p->name, when);
    double price = p->price * (1 + 0.012 * (month - m->month0));
    struct sim_instrument *i = add(m, SIM_FUTURE, symbol, price, p->tick);
    if (!i)
        return;
    i->reference.segment = p->segment;
    i->reference.cfi_code = "FXXXSX";
    i->reference.currency = p->currency;
    i->reference.multiplier = p->multiplier;
    i->reference.underlying = p->name;
    i->reference.low_limit = on_grid(price * 0.8, p->tick);
    i->reference.high_limit = on_grid(price * 1.2, p->tick);
    i->life = life;
    set_maturity(i, month);
}

/* What an instrument of BYMA is called, and what it costs. */
struct listing {
    const char *ticker, *term;
    double price;
};

static struct sim_instrument *add_byma(struct making *m, enum sim_kind kind, struct listing listing,
                                       double tick)
{
    char symbol[64];
    snprintf(symbol, sizeof(symbol), "MERV - XMEV - %s - %s", listing.ticker, listing.term);
    struct sim_instrument *i = add(m, kind, symbol, listing.price, tick);
    if (i) {
        i->reference.segment = "MERV";
        i->reference.settl_type = strcmp(listing.term, "CI") == 0 ? "1" : "2";
    }
    return i;
}

static void add_bond(struct making *m, struct listing listing, enum sim_life life)
{
    double tick = listing.price > 1000 ? 10 : 0.01;
    struct sim_instrument *i = add_byma(m, SIM_BOND, listing, tick);
    if (!i)
        return;
    i->reference.cfi_code = listing.ticker[0] == 'S' ? "DYTXTR" : "DBXXXX";
    i->reference.price_factor = 0.01; /* quoted per 100 nominal */
    i->typical_size = 5000;
    i->life = life;
    snprintf(i->maturity, sizeof(i->maturity), "20300709");
    i->reference.maturity = i->maturity;
}

static void add_share(struct making *m, struct listing listing, const char *cfi_code,
                      enum sim_life life)
{
    double tick = listing.price > 500 ? 5 : 0.5;
    struct sim_instrument *i = add_byma(m, SIM_SHARE, listing, tick);
    if (!i)
        return;
    i->reference.cfi_code = cfi_code;
    i->reference.ranges = share_ticks;
    i->reference.ranges_count = 3;
    i->life = life;
}

static void add_repo(struct making *m, const char *currency, int days, enum sim_life life)
{
    char term[8];
    snprintf(term, sizeof(term), "%dD", days);
    bool pesos = strcmp(currency, "PESOS") == 0;
    struct listing listing = {currency, term, pesos ? 27.5 : 1.5};
    struct sim_instrument *i = add_byma(m, SIM_REPO, listing, 0.05);
    if (!i)
        return;
    i->reference.cfi_code = "RPXXXX";
    i->reference.size_step = 0.01;
    i->reference.size_digits = 2;
    i->typical_size = 15000000; /* in the currency, with two decimals */
    i->life = life;
}

static void add_index(struct making *m, const char *symbol, double value)
{
    struct sim_instrument *i = add(m, SIM_INDEX, symbol, value, 0.01);
    if (!i)
        return;
    i->reference.segment = "RFXI";
    i->reference.cfi_code = "MRIXXX";
}

static void add_option(struct making *m, const struct product *p, int month, int strike_nth,
                       bool call)
{
    char symbol[64], when[8];
    double step = p->price > 2000 ? 100 : p->price > 300 ? 10 : 2;
    double at_the_money = step * (double)(long)(p->price / step);
    double strike = at_the_money + step * (strike_nth - 20);
    if (strike <= 0)
        return;
    month_text(month, when, sizeof(when));
    snprintf(symbol, sizeof(symbol), "%s/%s %g %s", p->name, when, strike, call ? "C" : "P");
    struct sim_instrument *i = add(m, SIM_OPTION, symbol, p->price * 0.03 + 1, p->tick);
    if (!i)
        return;
    i->reference.segment = p->segment;
    i->reference.cfi_code = call ? "OCAFXS" : "OPAFXS";
    i->reference.currency = p->currency;
    i->reference.multiplier = p->multiplier;
    i->reference.underlying = p->name;
    i->reference.strike = strike;
    i->life = life_of(m->count);
    set_maturity(i, month);
}

/* --- list of instruments ---------------------------------------------------------------------- */

static const struct {
    const char *ticker;
    double price;
} bonds[] = {{"AL30", 88150}, {"GD30", 91400}, {"AL29", 90100}, {"AL35", 84200}, {"GD35", 86150},
             {"AE38", 87000}, {"GD38", 90900}, {"GD41", 80300}, {"AL41", 79800}, {"GD46", 78900},
             {"TX26", 1890},  {"TX28", 1720},  {"S30E7", 121},  {"S27F7", 124},  {"S31M7", 127},
             {"AL30D", 58.9}, {"GD30D", 61.2}, {"AL30C", 58.1}, {"GD30C", 60.4}, {"GD35D", 57.4}},
  shares[] = {{"GGAL", 8150},  {"YPFD", 50700}, {"PAMP", 4580},  {"BMA", 12500}, {"ALUA", 1020},
              {"BBAR", 9200},  {"BYMA", 1150},  {"CEPU", 1890},  {"COME", 96},   {"CRES", 1580},
              {"EDN", 2410},   {"LOMA", 3320},  {"MIRG", 20400}, {"SUPV", 3110}, {"TECO2", 3260},
              {"TGSU2", 8740}, {"TRAN", 2950},  {"TXAR", 742},   {"VALO", 488},  {"HARG", 1660}},
  cedears[] = {{"AAPL", 19800}, {"MSFT", 24400}, {"NVDA", 11900}, {"TSLA", 41100}, {"MELI", 27700},
               {"KO", 20100},   {"GOLD", 41800}, {"SPY", 49900},  {"QQQ", 44300},  {"AMZN", 2420}};
#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static void add_well_known(struct making *m)
{
    add_future(m, &dollar, m->month0, LIFE_FULL);
    add_future(m, &dollar, m->month0 + 1, LIFE_FULL);
    add_bond(m, (struct listing){"AL30", "24hs", 88150}, LIFE_FULL);
    add_bond(m, (struct listing){"GD30", "24hs", 91400}, LIFE_FULL);
    add_share(m, (struct listing){"GGAL", "24hs", 8150}, "ESXXXX", LIFE_FULL);
    add_repo(m, "PESOS", 1, LIFE_FULL);
    add_index(m, "I.RFX20", 80250.4);
}

static void add_byma_lists(struct making *m)
{
    static const char *const terms[] = {"24hs", "CI"};
    for (int t = 0; t < 2; t++) {
        for (int n = t == 0 ? 2 : 0; n < COUNT(bonds); n++)
            add_bond(m, (struct listing){bonds[n].ticker, terms[t], bonds[n].price},
                     life_of(n + 2 * t));
        for (int n = t == 0 ? 1 : 0; n < COUNT(shares); n++)
            add_share(m, (struct listing){shares[n].ticker, terms[t], shares[n].price}, "ESXXXX",
                      life_of(n + t));
        for (int n = 0; n < COUNT(cedears); n++)
            add_share(m, (struct listing){cedears[n].ticker, terms[t], cedears[n].price}, "EMXXXX",
                      life_of(n + t));
    }
}

static void add_rest(struct making *m)
{
    for (int month = 2; month < 13; month++)
        add_future(m, &dollar, m->month0 + month, month < 6 ? LIFE_FULL : LIFE_THIN);
    for (int days = 2; days < 15; days++)
        add_repo(m, "PESOS", days, days == 7 ? LIFE_FULL : life_of(days));
    for (int days = 1; days < 8; days++)
        add_repo(m, "DOLAR", days, life_of(days + 1));
    for (int month = 0; month < 12; month++) {
        for (int p = 0; p < PRODUCTS; p++)
            add_future(m, &products[p], m->month0 + month, life_of(month + p));
    }
    add_byma_lists(m);
    add_index(m, "MERV - XMEV - I.MERVAL", 3120455.12);
}

static void add_options(struct making *m)
{
    for (int month = 1; month < 24; month++) {
        for (int p = 0; p < PRODUCTS; p++) {
            for (int strike = 0; strike < 41; strike++) {
                add_option(m, &products[p], m->month0 + month, strike, true);
                add_option(m, &products[p], m->month0 + month, strike, false);
            }
        }
    }
}

int universe_make(struct sim_instrument *out, int count, int64_t now_ns)
{
    struct making m = {.out = out, .max = count, .month0 = first_month(now_ns)};
    add_well_known(&m);
    add_rest(&m);
    add_options(&m);
    return m.count;
}
