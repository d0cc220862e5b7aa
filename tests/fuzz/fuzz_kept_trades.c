/*
 * Arbitrary files of trades. Each trade that is read must be plausible, and its line is counted;
 * what is refused has an error text.
 */
#include "sim/kept_trades.h"

#include "support/fuzz.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static int take(void *arg, const char *symbol, const struct source_trade *trade)
{
    size_t *count = arg;
    CHECK(*symbol && !strpbrk(symbol, "\t\n"));
    CHECK(isfinite(trade->price) && isfinite(trade->size) && trade->ts >= 0);
    return ++*count == 1000 ? -EINTR : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t count = 0, bytes;
    struct err err = {0};
    int rc = kept_trades_parse((const char *)data, size, take, &count, &bytes, &err);
    CHECK(bytes <= size && (bytes == 0 || data[bytes - 1] == '\n'));
    CHECK(rc == 0 || rc == -EINTR || (rc == -EBADMSG && *err.text));
    CHECK(rc || !memchr(data + bytes, '\n', size - bytes));
    return 0;
}
