#include "primary/request.h"

#include "base/clock.h"
#include "base/percent.h"
#include "market/entry.h"
#include "primary/brokers.h"

#include <string.h>

void request_market_data(struct buf *out, const char *base, const struct request_quote *quote)
{
    char list[ENTRY_LIST_TEXT];

    buf_puts(out, base);
    buf_puts(out, REQUEST_PATH_MARKET_DATA "?marketId=");
    percent_encode(out, quote->market_id);
    buf_puts(out, "&symbol=");
    percent_encode(out, quote->symbol);
    buf_puts(out, "&entries=");
    buf_puts(out, entry_list_text(list, quote->entries));
    buf_printf(out, "&depth=%d", quote->depth);
}

void request_detail(struct buf *out, const char *base, const char *market_id, const char *symbol)
{
    buf_puts(out, base);
    buf_puts(out, REQUEST_PATH_DETAIL "?symbol=");
    percent_encode(out, symbol);
    buf_puts(out, "&marketId=");
    percent_encode(out, market_id);
}

void request_by_segment(struct buf *out, const char *market_id, const char *segment)
{
    buf_puts(out, "rest/instruments/bySegment?MarketSegmentID=");
    percent_encode(out, segment);
    buf_puts(out, "&MarketID=");
    percent_encode(out, market_id);
}

void request_by_cfi_code(struct buf *out, const char *cfi_code)
{
    buf_puts(out, "rest/instruments/byCFICode?CFICode=");
    percent_encode(out, cfi_code);
}

/* "MERV - XMEV - AL30 - 24hs"; no symbol of Matba Rofex has these dashes (section 13). */
static bool is_external(const char *symbol)
{
    return strstr(symbol, " - ") != NULL;
}

static bool is_sandbox(const char *base)
{
    const struct broker_host *host = broker_host_of_url(base);
    return host && strcmp(host->name, "remarkets") == 0;
}

void request_trades(struct buf *out, const char *base, const char *market_id, const char *symbol,
                    int64_t day)
{
    char date[CLOCK_TEXT];
    buf_puts(out, base);
    buf_puts(out, REQUEST_PATH_TRADES "?marketId=");
    percent_encode(out, market_id);
    buf_puts(out, "&symbol=");
    percent_encode(out, symbol);
    buf_printf(out, "&date=%s", clock_day_text(date, day));
    if (is_external(symbol))
        buf_puts(out, "&external=true");
    if (is_sandbox(base))
        buf_puts(out, "&environment=REMARKETS");
}
