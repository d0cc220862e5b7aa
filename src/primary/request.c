#include "primary/request.h"

#include "base/percent.h"
#include "market/entry.h"

void request_market_data(struct buf *out, const char *base, const struct request_quote *quote)
{
    char list[ENTRY_LIST_TEXT];

    buf_puts(out, base);
    buf_puts(out, REQUEST_PATH_MARKET_DATA "?marketId=");
    percent_encode(out, quote->market_id);
    buf_puts(out, "&symbol=");
    percent_encode(out, quote->symbol);
    buf_printf(out, "&entries=%s&depth=%d", entry_list_text(list, quote->entries), quote->depth);
}

void request_detail(struct buf *out, const char *base, const char *market_id, const char *symbol)
{
    buf_puts(out, base);
    buf_puts(out, REQUEST_PATH_DETAIL "?symbol=");
    percent_encode(out, symbol);
    buf_puts(out, "&marketId=");
    percent_encode(out, market_id);
}
