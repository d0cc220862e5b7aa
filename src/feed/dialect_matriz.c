#include "feed/dialect_matriz.h"

#include "base/clock.h"
#include "base/log.h"
#include "broker/terminal_answer.h"
#include "broker/terminal_list.h"
#include "broker/terminal_session.h"
#include "config/config.h"
#include "feed/stream_end.h"
#include "matriz/book_rule.h"
#include "matriz/frame.h"
#include "matriz/topics.h"
#include "net/loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_BYTES (16 * 1024 * 1024) /* the first snapshots arrive as one list of lines */
#define ALIVE_MS      30000              /* the page sends a ping every 40 s */
#define REPLACE_MS    (20 * 60 * 1000)   /* as users of the page do (protocol section 12.7) */

#define LEVELS 5 /* of a book line */

/* The ids of the instruments, with the terminal's list of one day. */
struct table {
    struct matriz_ids *ids;
    struct matriz_book_rule *books;
    int64_t list_day;
};

struct matriz {
    struct loop *loop;
    const struct config *config;
    struct terminal_session *session;
    struct table table;
    struct dialect_instrument *known; /* all that were subscribed; strings owned */
    int32_t count, cap;
    struct matriz_frame_decoder decoder;
    int number; /* of the session of the last handshake */
};

/* --- ids -------------------------------------------------------------------------------------- */

static void table_finish(struct table *table)
{
    matriz_book_rule_destroy(table->books);
    matriz_ids_destroy(table->ids);
}

static void learn(struct matriz_ids *ids, const struct config *config)
{
    struct err err = {0};
    struct buf body;
    int64_t day;
    struct json_parser *parser = json_parser_create();
    buf_init(&body, TERMINAL_LIST_BYTES);
    if (parser &&
        terminal_list_load(config->state_dir, config->broker.matriz_url, &body, &day) == 0 &&
        matriz_ids_learn(ids, parser, buf_text(&body), body.len_bytes, &err) < 0)
        log_warn("the terminal's list of instruments cannot be used", LOG_TEXT("why", err.text));
    buf_finish(&body);
    json_parser_destroy(parser);
}

static void add(const struct table *table, const struct dialect_instrument *instrument)
{
    struct err err;
    if (matriz_ids_add(table->ids, instrument->market_id, instrument->symbol, "", &err))
        log_debug("not subscribed at the terminal", LOG_TEXT("symbol", instrument->symbol),
                  LOG_TEXT("why", err.text));
}

/* A table learns before its first instrument only, so each list makes a new one, with all the
 * instruments: lines of a connection that is being replaced are still understood. */
static void renew_table(struct matriz *m)
{
    struct table table = {matriz_ids_create(), matriz_book_rule_create(),
                          terminal_session_list_day(m->session)};
    if (!table.ids || !table.books) {
        table_finish(&table);
        return;
    }
    learn(table.ids, m->config);
    for (int32_t i = 0; i < m->count; i++)
        add(&table, &m->known[i]);
    table_finish(&m->table);
    m->table = table;
    m->decoder.ids = table.ids;
}

/* For later tables. Without memory for it, it is subscribed with this one all the same. */
static void remember(struct matriz *m, const struct dialect_instrument *i)
{
    struct dialect_instrument *longer = m->known;
    if (m->count == m->cap) {
        int32_t cap = m->cap ? m->cap * 2 : 64;
        longer = realloc(m->known, (size_t)cap * sizeof(*longer));
        if (!longer)
            return;
        m->known = longer;
        m->cap = cap;
    }
    struct dialect_instrument copy = {strdup(i->market_id), strdup(i->symbol)};
    if (copy.market_id && copy.symbol) {
        m->known[m->count++] = copy;
    } else {
        free((char *)copy.market_id);
        free((char *)copy.symbol);
    }
}

/* Its row of the table, where it is added the first time; NULL: it has no id. */
static const struct matriz_instrument *row_of(struct matriz *m, const struct dialect_instrument *i)
{
    const char *id = matriz_ids_of(m->table.ids, i->market_id, i->symbol);
    if (!id) {
        add(&m->table, i);
        id = matriz_ids_of(m->table.ids, i->market_id, i->symbol);
        if (id)
            remember(m, i);
    }
    return id ? matriz_ids_find(m->table.ids, id, strlen(id)) : NULL;
}

/* --- login and address ------------------------------------------------------------------------ */

static bool has_login(void *arg)
{
    return terminal_session_usable(((struct matriz *)arg)->session);
}

static int login_number(void *arg)
{
    return terminal_session_number(((struct matriz *)arg)->session);
}

static void renew_login(void *arg)
{
    terminal_session_doubt(((struct matriz *)arg)->session);
}

static void need_login(void *arg, bool needed)
{
    terminal_session_need(((struct matriz *)arg)->session, needed);
}

static const char *url(void *arg)
{
    return terminal_session_stream_url(((struct matriz *)arg)->session);
}

/* Of a new connection. */
static const struct http_headers *headers(void *arg)
{
    struct matriz *m = arg;
    m->number = terminal_session_number(m->session);
    if (m->table.list_day != terminal_session_list_day(m->session))
        renew_table(m);
    return terminal_session_headers(m->session);
}

/* --- subscribing ------------------------------------------------------------------------------ */

/* The books first: then the best level in the quote that follows agrees with its book. */
static bool subscribe(void *arg, const struct dialect_batch *batch, int part, struct buf *out)
{
    struct matriz *m = arg;
    bool books = m->config->stream.depth > 1 && part == 0;
    enum matriz_topic topic = books ? MATRIZ_TOPIC_BOOK : MATRIZ_TOPIC_MD;
    int32_t count = 0;
    if (part > 1 || (part == 1 && m->config->stream.depth == 1))
        return false;
    matriz_topics_begin(out, topic);
    for (int32_t i = 0; i < batch->count; i++) {
        const struct matriz_instrument *row = row_of(m, &batch->item[i]);
        if (!row || (part == 0 && matriz_book_rule_begin(m->table.books, row->symbol)))
            continue;
        matriz_topics_add(out, topic, count++ == 0, row->id);
    }
    matriz_topics_end(out);
    if (count == 0)
        buf_clear(out); /* nothing to send */
    return true;
}

/* --- decoding --------------------------------------------------------------------------------- */

/* Only what was asked for, as the stream of the API sends it. */
static void adapt(struct matriz *m, struct stream_item *item)
{
    bool book = item->len_bytes && item->text[0] == 'B';
    int depth = m->config->stream.depth;
    matriz_book_rule_apply(m->table.books, item->symbol.text, book, &item->update);
    item->update.entries &= m->config->poll.entries;
    item->update.fallback = ENTRY_BIT(ENTRY_CL) | ENTRY_BIT(ENTRY_SE);
    if (depth < LEVELS)
        item->update.quote = quote_shallow(&item->update.quote, depth);
}

static bool decode(void *arg, struct stream_message *message, struct stream_item *item)
{
    struct matriz *m = arg;
    int32_t today = (int32_t)art_day(loop_now(m->loop).wall_ns);
    if (!matriz_frame_next(&m->decoder, message, today, item))
        return false;
    if (item->kind == STREAM_DATA)
        adapt(m, item);
    return true;
}

/* --- the end ---------------------------------------------------------------------------------- */

static enum feed_event_kind ended(void *arg, const struct ws_end *end,
                                  char words[DIALECT_END_WORDS])
{
    struct matriz *m = arg;
    enum feed_event_kind kind = stream_end(end, words);
    if (end->kind != WS_REFUSED || !terminal_answer_ends_session(end->answer->status))
        return kind;
    terminal_session_ended(m->session, m->number);
    return FEED_EV_REFUSED;
}

/* --- create and destroy ----------------------------------------------------------------------- */

static void destroy(void *arg)
{
    struct matriz *m = arg;
    table_finish(&m->table);
    for (int32_t i = 0; i < m->count; i++) {
        free((char *)m->known[i].market_id);
        free((char *)m->known[i].symbol);
    }
    free(m->known);
    free(m);
}

int dialect_matriz_create(struct dialect *out, struct loop *loop, const struct config *config,
                          struct terminal_session *session)
{
    struct matriz *m = calloc(1, sizeof(*m));
    if (!m)
        return -ENOMEM;
    m->loop = loop;
    m->config = config;
    m->session = session;
    m->table.ids = matriz_ids_create();
    m->table.books = matriz_book_rule_create();
    m->decoder.ids = m->table.ids;
    if (!m->table.ids || !m->table.books) {
        destroy(m);
        return -ENOMEM;
    }
    terminal_session_need(session, false); /* also if a previous feed did */
    *out = (struct dialect){
        .arg = m,
        .name = "matriz",
        .source = SOURCE_MATRIZ,
        .message_max_bytes = MESSAGE_BYTES,
        .partial = true,
        .replace_ms = REPLACE_MS,
        .keep_alive = "ping",
        .keep_alive_ms = ALIVE_MS,
        .has_login = has_login,
        .login_number = login_number,
        .renew_login = renew_login,
        .need_login = need_login,
        .url = url,
        .headers = headers,
        .subscribe = subscribe,
        .decode = decode,
        .ended = ended,
        .destroy = destroy,
    };
    return 0;
}
