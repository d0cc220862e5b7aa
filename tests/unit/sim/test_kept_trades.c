/*
 * A market that is created again with the file of its trades goes on with those of the day; what is
 * no file of trades is refused and left alone.
 */
#include "sim/kept_trades.h"

#include "base/clock.h"
#include "sim/sim_market.h"
#include "support/t.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NOON_NS     (INT64_C(1795446000) * NS_PER_S) /* 2026-11-23 12:00 in Argentina */
#define INSTRUMENTS 12
#define FUTURE      0
#define BOND        2

static char path[] = "/tmp/cinta-kept-XXXXXX";

/* A market with its file, until it is ended. */
struct running {
    struct sim_market *market;
    struct kept_trades *kept;
};

static struct running start(int64_t now_ns)
{
    const struct sim_market_config config = {INSTRUMENTS, 400, 1};
    struct running r;
    struct err err = {0};
    if (sim_market_create(&r.market, &config, now_ns, &err) ||
        kept_trades_open(&r.kept, path, r.market, now_ns, &err))
        fail_msg("%s", err.text);
    return r;
}

static void end(struct running *r)
{
    kept_trades_close(r->kept);
    sim_market_destroy(r->market);
}

struct sum {
    int64_t count, last_ts;
    double size;
};

static void on_trade(void *arg, const struct source_trade *trade)
{
    struct sum *sum = arg;
    t_true(trade->ts >= sum->last_ts);
    sum->count++;
    sum->last_ts = trade->ts;
    sum->size += trade->size;
}

static struct sum sum_of(const struct running *r, int32_t at)
{
    const struct market_source *source = sim_market_source(r->market);
    struct sum sum = {0};
    source->trades(source->self, &(struct source_period){at, INT64_MIN, INT64_MAX}, on_trade, &sum);
    return sum;
}

static const struct quote *quote_of(const struct running *r, int32_t at)
{
    const struct market_source *source = sim_market_source(r->market);
    return source->quote(source->self, at);
}

static void put_text(const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void add_text(const char *text)
{
    FILE *file = fopen(path, "a");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void a_market_goes_on_with_its_trades(void **state)
{
    (void)state;
    put_text("");
    struct running first = start(NOON_NS);
    for (int64_t s = 1; s <= 20; s++)
        sim_market_advance(first.market, NOON_NS + s * NS_PER_S);
    struct sum before = sum_of(&first, FUTURE), bond = sum_of(&first, BOND);
    const struct quote quote = *quote_of(&first, FUTURE), bond_quote = *quote_of(&first, BOND);
    t_true(before.count > 10);
    end(&first);
    add_text("DLR/DIC26\t17954460"); /* as after a kill */

    struct running again = start(NOON_NS + 30 * NS_PER_S);
    struct sum after = sum_of(&again, FUTURE);
    t_int(after.count, before.count);
    t_int(after.last_ts, before.last_ts);
    t_double(after.size, before.size);
    t_double(quote_of(&again, FUTURE)->trade_volume, quote.trade_volume);
    t_double(quote_of(&again, FUTURE)->last_price, quote.last_price);
    t_double(quote_of(&again, FUTURE)->high_price, quote.high_price);
    t_double(quote_of(&again, FUTURE)->open_price, quote.open_price);
    t_int(quote_of(&again, FUTURE)->ts_last, quote.ts_last);
    t_int(sum_of(&again, BOND).count, bond.count);
    t_double(quote_of(&again, BOND)->nominal_volume, bond_quote.nominal_volume);
    t_int(quote_of(&again, BOND)->ts_last % NS_PER_S, 0);
    for (int64_t s = 31; s <= 50; s++)
        sim_market_advance(again.market, NOON_NS + s * NS_PER_S);
    after = sum_of(&again, FUTURE);
    t_true(after.count > before.count);
    t_double(quote_of(&again, FUTURE)->trade_volume, after.size);
    end(&again);

    again = start(NOON_NS + 60 * NS_PER_S); /* the half line is gone */
    t_int(sum_of(&again, FUTURE).count, after.count);
    end(&again);
    again = start(NOON_NS + NS_PER_DAY); /* the next day begins with none of them */
    t_int(sum_of(&again, FUTURE).count, 1);
    end(&again);
}

static void what_is_no_file_of_trades_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        const char *why;
    } rows[] = {
        {"a text", "my notes\n", "line 1 is not a trade"},
        {"a text without a line", "my notes", "not a file of trades"},
        {"a line is damaged", "DLR/DIC26\t1795446000000\t1500\t1\nDLR/DIC26\tx\t1500\t1\n",
         "line 2 is not a trade"},
        {"a part too few", "DLR/DIC26\t1795446000000\t1500\n", "line 1 is not a trade"},
        {"a part too many", "DLR/DIC26\t1795446000000\t1500\t1\t2\n", "line 1 is not a trade"},
        {"no symbol", "\t1795446000000\t1500\t1\n", "line 1 is not a trade"},
        {"a time with a fraction", "DLR/DIC26\t1795446000000.5\t1500\t1\n",
         "line 1 is not a trade"},
        {"another market", "NOPE\t1795446000000\t1500\t1\n", "a symbol that is not in this market"},
    };
    const struct sim_market_config config = {INSTRUMENTS, 400, 1};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct sim_market *market;
        struct kept_trades *kept;
        struct err err = {0};
        char left[256] = "";
        t_row(rows[i].name);
        put_text(rows[i].text);
        t_int(sim_market_create(&market, &config, NOON_NS, &err), 0);
        t_int(kept_trades_open(&kept, path, market, NOON_NS, &err), -EBADMSG);
        t_contains(err.text, rows[i].why);
        t_contains(err.text, path);
        sim_market_destroy(market);
        FILE *file = fopen(path, "r");
        size_t len = fread(left, 1, sizeof(left) - 1, file);
        fclose(file);
        left[len] = '\0';
        t_str(left, rows[i].text);
    }
    t_row("");
}

static void two_simulators_do_not_share_a_file(void **state)
{
    (void)state;
    const struct sim_market_config config = {INSTRUMENTS, 400, 1};
    struct sim_market *market;
    struct kept_trades *kept;
    struct err err = {0};
    put_text("");
    struct running first = start(NOON_NS);
    t_int(sim_market_create(&market, &config, NOON_NS, &err), 0);
    t_int(kept_trades_open(&kept, path, market, NOON_NS, &err), -EBUSY);
    sim_market_destroy(market);
    end(&first);
}

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_market_goes_on_with_its_trades),
        cmocka_unit_test(what_is_no_file_of_trades_is_refused),
        cmocka_unit_test(two_simulators_do_not_share_a_file),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
