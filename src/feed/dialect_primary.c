#include "feed/dialect_primary.h"

#include "broker/token_keeper.h"
#include "config/config.h"
#include "feed/stream_end.h"
#include "primary/stream.h"

#include <errno.h>
#include <stdlib.h>

#define MESSAGE_BYTES (1024 * 1024) /* a full update has about 2,000 */

struct primary {
    struct token_keeper *keeper;
    char *url;
    struct stream_terms terms;
    struct stream_decoder decoder;
};

/* --- login and address ------------------------------------------------------------------------ */

static const struct http_headers *headers(void *arg)
{
    return token_keeper_headers(((struct primary *)arg)->keeper);
}

static bool has_login(void *arg)
{
    return headers(arg) != NULL;
}

static int login_number(void *arg)
{
    return token_keeper_generation(((struct primary *)arg)->keeper);
}

static void renew_login(void *arg)
{
    token_keeper_renew(((struct primary *)arg)->keeper);
}

static const char *url(void *arg)
{
    return ((struct primary *)arg)->url;
}

/* --- messages --------------------------------------------------------------------------------- */

static bool subscribe(void *arg, const struct dialect_batch *batch, int part, struct buf *out)
{
    struct primary *p = arg;
    if (part > 0)
        return false;
    stream_smd_begin(out, &p->terms);
    for (int32_t i = 0; i < batch->count; i++)
        stream_smd_product(out, i == 0, batch->item[i].market_id, batch->item[i].symbol);
    stream_smd_end(out);
    return true;
}

static bool decode(void *arg, struct stream_message *message, struct stream_item *item)
{
    struct primary *p = arg;
    if (message->at)
        return false;
    message->at = 1; /* one item per message, also of an empty one */
    stream_decode(&p->decoder, message, item);
    return true;
}

static enum feed_event_kind ended(void *arg, const struct ws_end *end,
                                  char words[DIALECT_END_WORDS])
{
    (void)arg;
    return stream_end(end, words);
}

/* --- create and destroy ----------------------------------------------------------------------- */

static void destroy(void *arg)
{
    struct primary *p = arg;
    json_parser_destroy(p->decoder.parser);
    free(p->url);
    free(p);
}

int dialect_primary_create(struct dialect *out, const struct config *config,
                           struct token_keeper *keeper)
{
    struct primary *p = calloc(1, sizeof(*p));
    if (!p)
        return -ENOMEM;
    p->keeper = keeper;
    p->terms =
        (struct stream_terms){config->poll.entries, config->stream.depth, config->stream.level};
    p->decoder.entries = config->poll.entries;
    p->decoder.parser = json_parser_create();
    p->url = config_stream_url(&config->broker);
    if (!p->decoder.parser || !p->url) {
        destroy(p);
        return -ENOMEM;
    }
    *out = (struct dialect){
        .arg = p,
        .name = "primary",
        .source = SOURCE_STREAM,
        .message_max_bytes = MESSAGE_BYTES,
        .has_login = has_login,
        .login_number = login_number,
        .renew_login = renew_login,
        .url = url,
        .headers = headers,
        .subscribe = subscribe,
        .decode = decode,
        .ended = ended,
        .destroy = destroy,
    };
    return 0;
}
