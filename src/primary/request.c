#include "primary/request.h"

#include "market/entry.h"

#include <string.h>

static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "0123456789-._~";

void request_encode(struct buf *out, const char *text)
{
    for (;;) {
        size_t run = strspn(text, unreserved);
        buf_append(out, text, run);
        text += run;
        if (!*text)
            return;
        buf_printf(out, "%%%02X", (unsigned)(unsigned char)*text++);
    }
}

void request_market_data(struct buf *out, const char *base, const struct request_quote *quote)
{
    char list[ENTRY_LIST_TEXT];

    buf_puts(out, base);
    buf_puts(out, REQUEST_PATH_MARKET_DATA "?marketId=");
    request_encode(out, quote->market_id);
    buf_puts(out, "&symbol=");
    request_encode(out, quote->symbol);
    buf_printf(out, "&entries=%s&depth=%d", entry_list_text(list, quote->entries), quote->depth);
}
