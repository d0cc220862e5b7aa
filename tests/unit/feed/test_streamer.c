/* The streamer with a dialect of the test, which has nothing of the Primary API: text lines in
 * batches, ids instead of symbols, two topics per subscription, text pings. */
#include "feed/streamer.h"

#include "fake_ws.h"
#include "market/source_table.h"
#include "record/events.h"
#include "record/observers.h"
#include "record/recorder.h"
#include "record/store_observer.h"
#include "support/config_text.h"
#include "support/store_fixture.h"

/* --- the dialect ------------------------------------------------------------------------------ */

struct lines {
    char line[128], symbol[32];
    int renewals;
};

static bool lines_has_login(void *arg)
{
    (void)arg;
    return true;
}

static int lines_login_number(void *arg)
{
    (void)arg;
    return 1;
}

static void lines_renew_login(void *arg)
{
    ((struct lines *)arg)->renewals++;
}

static const char *lines_url(void *arg)
{
    (void)arg;
    return "wss://terminal.test/ws?session_id=a%2Bb&conn_id=c";
}

static const struct http_headers *lines_headers(void *arg)
{
    (void)arg;
    return NULL;
}

/* "sub md x_A,x_B" and "sub book x_A,x_B". */
static bool lines_subscribe(void *arg, const struct dialect_batch *batch, int part, struct buf *out)
{
    (void)arg;
    if (part > 1)
        return false;
    buf_printf(out, "sub %s", part ? "book" : "md");
    for (int32_t i = 0; i < batch->count; i++) {
        t_str(batch->item[i].market_id, "ROFX");
        buf_printf(out, "%cx_%s", i ? ',' : ' ', batch->item[i].symbol);
    }
    return true;
}

static void take_line(struct lines *l, struct stream_item *item)
{
    double price;
    *item = (struct stream_item){.kind = STREAM_OTHER, .text = l->line};
    item->len_bytes = strlen(l->line);
    item->event = EVENT_UNKNOWN_SYMBOL;
    if (strcmp(l->line, "ping") == 0) {
        item->kind = STREAM_REPLY;
        item->text = "pong";
        item->len_bytes = 4;
    } else if (sscanf(l->line, "M:x_%31[^|]|%lf", l->symbol, &price) == 2) {
        item->kind = STREAM_DATA;
        item->update.entries = ENTRY_BIT(ENTRY_LA);
        item->update.quote = quote_none();
        item->update.quote.last_price = price;
    } else if (sscanf(l->line, "M:x_%31[^|]", l->symbol) == 1) {
        item->kind = STREAM_MALFORMED;
        err_set(&item->why, -EBADMSG, "no price");
    } else if (sscanf(l->line, "E:x_%31s", l->symbol) == 1) {
        item->kind = STREAM_ERROR;
        err_set(&item->why, -ENOENT, "unknown id");
    } else if (l->line[0] == '<') {
        item->kind = STREAM_PAGE;
    }
    if (item->kind == STREAM_DATA || item->kind == STREAM_MALFORMED || item->kind == STREAM_ERROR) {
        item->market_id = text_of("ROFX");
        item->symbol = text_of(l->symbol);
    }
}

static bool lines_decode(void *arg, struct stream_message *message, struct stream_item *item)
{
    struct lines *l = arg;
    if (message->at >= message->len_bytes)
        return false;
    const char *from = message->text + message->at;
    int len = (int)strcspn(from, "\n");
    snprintf(l->line, sizeof(l->line), "%.*s", len, from);
    message->at += (size_t)len + 1;
    take_line(l, item);
    return true;
}

static enum feed_event_kind lines_ended(void *arg, const struct ws_end *end,
                                        char words[DIALECT_END_WORDS])
{
    (void)arg;
    snprintf(words, DIALECT_END_WORDS, "%s", end->words);
    return FEED_EV_CLOSED;
}

/* --- the streamer in its place ---------------------------------------------------------------- */

struct rig {
    struct lines lines;
    struct dialect dialect;
    struct fixture files;
    struct loop *loop;
    struct config *config;
    struct store *store;
    struct market *market;
    struct observers *observers;
    struct store_observer *store_observer;
    struct events *events;
    struct recorder *recorder;
    struct source_table *sources;
    struct streamer *streamer;
    int32_t a, b;
    bool disconnect_at_data;

    int opened, denied, ended, not_replaced;
    /* Symbols, a '+' after the first message of each, a '*' after a change, a '-' if another
     * stream is the source. */
    char heard[256];
    char left[64]; /* symbols */
    int32_t spoilt;
    char end_words[256];
    char event[400]; /* the last one: kind, symbol, detail */
};

static const char *symbol_of(const struct rig *r, int32_t instrument)
{
    return instrument < 0 ? "?" : market_symbol(recorder_market(r->recorder), instrument);
}

static void on_opened(void *arg)
{
    ((struct rig *)arg)->opened++;
}

static void on_heard(void *arg, const struct stream_heard *heard)
{
    struct rig *r = arg;
    size_t used = strlen(r->heard);
    const struct source_event delivered = {.kind = SOURCE_EV_DELIVERED, .stream = SOURCE_MATRIZ};
    if (heard->source && heard->live)
        source_table_step(r->sources, heard->instrument, &delivered);
    snprintf(r->heard + used, sizeof(r->heard) - used, "%s%s%s%s ", symbol_of(r, heard->instrument),
             heard->first ? "+" : "", heard->changed ? "*" : "", heard->source ? "" : "-");
    if (r->disconnect_at_data)
        streamer_disconnect(r->streamer);
}

static void on_denied(void *arg)
{
    ((struct rig *)arg)->denied++;
}

static void on_spoilt(void *arg, int32_t instrument, enum event_kind why)
{
    (void)why;
    ((struct rig *)arg)->spoilt = instrument;
}

static void on_ended(void *arg, const struct ws_end *end)
{
    struct rig *r = arg;
    r->ended++;
    snprintf(r->end_words, sizeof(r->end_words), "%s", end->words);
}

static void on_left(void *arg, int32_t instrument)
{
    struct rig *r = arg;
    strcat(r->left, symbol_of(r, instrument));
}

static void on_not_replaced(void *arg, const struct ws_end *end)
{
    struct rig *r = arg;
    r->not_replaced++;
    snprintf(r->end_words, sizeof(r->end_words), "%s", end->words);
}

static void on_event(void *arg, const struct observed_event *event)
{
    struct rig *r = arg;
    snprintf(r->event, sizeof(r->event), "%s %s: %s", event_kind_name(event->kind),
             event->symbol ? event->symbol : "", event->detail);
}

static void rig_record(struct rig *r)
{
    struct err err;
    const struct observer observer = {.arg = r, .on_event = on_event};
    r->store = fixture_store(r->files.path, 0);
    r->market = market_create(0);
    r->observers = observers_create();
    r->events = events_create(r->observers);
    const struct store_observer_parts store = {r->loop, r->observers, r->store, r->files.path,
                                               r->market};
    const struct recorder_parts recorder = {r->market, r->observers, r->events};
    if (store_observer_create(&r->store_observer, &store, &err) ||
        recorder_create(&r->recorder, &recorder, &err))
        fail_msg("%s", err.text);
    t_true(observers_add(r->observers, &observer) >= 0);
    r->a = recorder_instrument(r->recorder, "ROFX", "A");
    r->b = recorder_instrument(r->recorder, "ROFX", "B");
    r->sources = source_table_create();
    t_int(source_table_list(r->sources, (const int32_t[]){r->a, r->b}, 2, 0, NULL), 0);
}

static void rig_begin(struct rig *r)
{
    *r = (struct rig){.files = fixture_make(), .loop = loop_create(), .spoilt = -2};
    memset(&fake_ws, 0, sizeof(fake_ws));
    r->dialect = (struct dialect){.arg = &r->lines,
                                  .name = "lines",
                                  .source = SOURCE_MATRIZ,
                                  .message_max_bytes = 12345,
                                  .has_login = lines_has_login,
                                  .login_number = lines_login_number,
                                  .renew_login = lines_renew_login,
                                  .url = lines_url,
                                  .headers = lines_headers,
                                  .subscribe = lines_subscribe,
                                  .decode = lines_decode,
                                  .ended = lines_ended};
    r->config = config_good(CONFIG_MINIMAL);
    rig_record(r);
}

static void rig_connect(struct rig *r)
{
    const struct streamer_parts parts = {r->loop,   r->config, &r->dialect, r->recorder,
                                         r->events, r->store,  r->sources};
    const struct streamer_handler handler = {r,         on_opened, on_heard, on_denied,
                                             on_spoilt, on_ended,  on_left,  on_not_replaced};
    struct err err;
    t_int(streamer_create(&r->streamer, &parts, &handler, &err), 0);
    t_int(streamer_connect(r->streamer, &err), 0);
    t_str(fake_ws.config.url, lines_url(NULL));
    t_int(fake_ws.config.message_max_bytes, 12345);
    assert_null(fake_ws.config.headers);
    fake_ws_open();
    t_int(r->opened, 1);
}

static void rig_end(struct rig *r)
{
    streamer_destroy(r->streamer);
    t_int(fake_ws.destroyed, fake_ws.made);
    recorder_destroy(r->recorder);
    events_destroy(r->events);
    store_observer_destroy(r->store_observer);
    observers_destroy(r->observers);
    market_destroy(r->market);
    fixture_close(r->store);
    source_table_destroy(r->sources);
    config_free(r->config);
    loop_destroy(r->loop);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void a_batch_is_recorded_with_the_dialects_source(void **state)
{
    (void)state;
    struct rig r;
    char text[64];
    rig_begin(&r);
    rig_connect(&r);
    t_str(fake_ws.sent, "sub md x_A,x_B\nsub book x_A,x_B\n");
    fake_ws_text("M:x_A|1.5\nM:x_B|2\nX:clock\nM:x_A|1.5\nM:x_C|9");
    t_str(r.heard, "A+* B+* A ");
    struct streamer_state s = streamer_state(r.streamer);
    t_int(s.messages, 1);
    t_int(s.changes, 2);
    t_int(s.other, 2); /* a clock, an instrument that is not listed */
    t_int(s.subscription.live, 2);
    t_str(streamer_url(r.streamer), lines_url(NULL));
    rig_end(&r);
    t_true(ask_text(&r.files, "select group_concat(symbol || source || last_price) from quotes",
                    text, sizeof(text)));
    t_str(text, "Amatriz1.5,Bmatriz2.0");
    fixture_remove(&r.files);
}

static void pings_are_answered_and_sent(void **state)
{
    (void)state;
    struct rig r;
    rig_begin(&r);
    r.dialect.keep_alive = "ping";
    r.dialect.keep_alive_ms = 1;
    rig_connect(&r);
    fake_ws.sent[0] = '\0';
    fake_ws_text("ping\nM:x_A|1");
    t_str(fake_ws.sent, "pong\n");
    t_str(r.heard, "A+* ");
    fake_ws.stop_at_send = r.loop;
    for (int i = 0; i < 2; i++)
        loop_run(r.loop); /* until the next ping is sent */
    t_str(fake_ws.sent, "pong\nping\nping\n");
    streamer_disconnect(r.streamer);
    rig_end(&r);
    fixture_remove(&r.files);
}

static void errors_and_unreadable_lines(void **state)
{
    (void)state;
    struct rig r;
    rig_begin(&r);
    rig_connect(&r);
    fake_ws_text("M:x_A|1\nM:x_A\nM:x_B|3");
    t_int(r.spoilt, r.a);
    t_int(streamer_state(r.streamer).malformed, 1);
    t_str(r.event, "malformed A: stream: no price, in M:x_A; requesting the present state "
                   "again");
    t_str(r.heard, "A+* B+* "); /* the lines after the unreadable one are used */
    streamer_subscribe(r.streamer);
    fake_ws_text("E:x_B");
    t_str(r.event, "unknown_symbol B: stream: unknown id; not subscribed again today, polled "
                   "instead");
    t_int(streamer_state(r.streamer).subscription.refused, 1);
    t_int(r.denied, 0);
    rig_end(&r);
    fixture_remove(&r.files);
}

static void a_page_ends_the_connection_and_the_batch(void **state)
{
    (void)state;
    struct rig r;
    rig_begin(&r);
    rig_connect(&r);
    fake_ws_text("M:x_A|1\n<html>\nM:x_B|2");
    t_int(r.ended, 1);
    t_str(r.end_words, "a page instead of market data: <html>");
    t_str(r.heard, "A+* ");
    assert_null(fake_ws.ws);
    rig_end(&r);
    fixture_remove(&r.files);
}

static void a_disconnection_by_the_handler_ends_the_batch(void **state)
{
    (void)state;
    struct rig r;
    rig_begin(&r);
    rig_connect(&r);
    r.disconnect_at_data = true;
    fake_ws_text("M:x_A|1\nM:x_B|2");
    t_str(r.heard, "A+* ");
    t_int(r.ended, 0);
    rig_end(&r);
    fixture_remove(&r.files);
}

static void data_of_an_instrument_that_another_stream_delivers(void **state)
{
    (void)state;
    struct rig r;
    const struct source_event other = {.kind = SOURCE_EV_DELIVERED, .stream = SOURCE_STREAM};
    rig_begin(&r);
    rig_connect(&r);
    source_table_step(r.sources, r.a, &other);
    fake_ws_text("M:x_A|1\nM:x_B|2");
    t_str(r.heard, "A+- B+* ");
    t_int(streamer_state(r.streamer).changes, 1);
    t_int(streamer_state(r.streamer).subscription.live, 2);
    source_table_prefer(r.sources, SOURCE_MATRIZ);
    streamer_subscribe(r.streamer);
    fake_ws_text("M:x_A|1");
    t_str(r.heard, "A+- B+* A+* ");
    rig_end(&r);
    fixture_remove(&r.files);
}

/* --- replacing the connection ----------------------------------------------------------------- */

/* A connection that delivers A and B, and one that is to replace it. Returns the old one. */
static struct ws *rig_replace(struct rig *r)
{
    struct err err;
    rig_begin(r);
    rig_connect(r);
    fake_ws_text("M:x_A|1\nM:x_B|2");
    struct ws *old = fake_ws.ws;
    fake_ws.sent[0] = r->heard[0] = '\0';
    t_int(streamer_replace(r->streamer, &err), 0);
    t_int(fake_ws.made, 2);
    return old;
}

static void each_instrument_moves_with_its_first_message(void **state)
{
    (void)state;
    struct rig r;
    struct ws *old = rig_replace(&r);
    fake_ws_text_of(old, "M:x_A|1.5");
    fake_ws_open();
    t_int(r.opened, 1); /* the first connection */
    t_str(fake_ws.sent, "sub md x_A,x_B\nsub book x_A,x_B\n");
    fake_ws_text_of(old, "M:x_A|1.6");
    fake_ws_text("M:x_A|1.6");
    fake_ws_text_of(old, "M:x_A|1.5\nM:x_B|2.5"); /* late: A has moved */
    t_str(r.heard, "A* A* A+ A- B* ");
    t_int(fake_ws.destroyed, 0);
    fake_ws_text("M:x_B|2.5"); /* the last one: the old connection is closed */
    t_int(fake_ws.destroyed, 1);
    fake_ws_text("M:x_A|1.7");
    t_str(r.heard, "A* A* A+ A- B* B+ A* ");
    t_str(r.left, "");
    t_int(r.ended, 0);
    t_int(streamer_state(r.streamer).subscription.live, 2);
    t_true(streamer_state(r.streamer).connected);
    rig_end(&r);
    fixture_remove(&r.files);
}

static void end_with(struct ws *ws, const char *words)
{
    static const struct ws_answer none = {.retry_after_ms = -1};
    const struct ws_end end = {.kind = WS_LOST, .words = words, .answer = &none};
    ws->handler.ended(ws->handler.arg, &end);
}

static void the_old_connection_ends_during_the_replacement(void **state)
{
    (void)state;
    struct rig r;
    struct ws *old = rig_replace(&r);
    fake_ws_open();
    fake_ws_text("M:x_A|1.6");
    end_with(old, "reset");
    t_int(r.ended, 0);
    t_str(r.left, "B"); /* until the new one delivers it */
    fake_ws_text("M:x_B|2");
    t_str(r.heard, "A+* B+ ");
    rig_end(&r);
    fixture_remove(&r.files);
}

static void the_old_connection_ends_before_the_new_one_delivers(void **state)
{
    (void)state;
    struct rig r;
    struct ws *old = rig_replace(&r);
    fake_ws_open();
    end_with(old, "reset");
    t_int(r.ended, 1);
    t_int(fake_ws.destroyed, 2);
    t_true(!streamer_state(r.streamer).connected);
    rig_end(&r);
    fixture_remove(&r.files);
}

static void the_new_connection_fails(void **state)
{
    (void)state;
    struct rig r;
    struct ws *old = rig_replace(&r);
    end_with(fake_ws.ws, "refused");
    t_int(r.not_replaced, 1);
    t_str(r.end_words, "refused");
    t_int(r.ended, 0);
    fake_ws_text_of(old, "M:x_A|1.6");
    t_str(r.heard, "A* ");
    rig_end(&r);
    fixture_remove(&r.files);
}

static void errors_of_the_new_connection_are_not_reported(void **state)
{
    (void)state;
    struct rig r;
    struct ws *old = rig_replace(&r);
    fake_ws_open();
    r.event[0] = '\0';
    fake_ws_text("E:x_B");
    t_str(r.event, "");
    t_int(fake_ws.destroyed, 0);
    fake_ws_text_of(old, "M:x_B|1.7");
    t_str(r.heard, "B* ");
    rig_end(&r);
    fixture_remove(&r.files);
}

static void subscribing_again_ends_the_replacement(void **state)
{
    (void)state;
    struct rig r;
    struct ws *old = rig_replace(&r);
    fake_ws_open();
    fake_ws_text("M:x_A|1.6");
    streamer_subscribe(r.streamer);
    t_int(fake_ws.destroyed, 1);
    fake_ws_text_of(old, "M:x_A|1.7");
    t_str(r.heard, "A+* A+* ");
    streamer_disconnect(r.streamer);
    t_int(fake_ws.destroyed, 2);
    rig_end(&r);
    fixture_remove(&r.files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_is_recorded_with_the_dialects_source),
        cmocka_unit_test(pings_are_answered_and_sent),
        cmocka_unit_test(errors_and_unreadable_lines),
        cmocka_unit_test(a_page_ends_the_connection_and_the_batch),
        cmocka_unit_test(a_disconnection_by_the_handler_ends_the_batch),
        cmocka_unit_test(data_of_an_instrument_that_another_stream_delivers),
        cmocka_unit_test(each_instrument_moves_with_its_first_message),
        cmocka_unit_test(the_old_connection_ends_during_the_replacement),
        cmocka_unit_test(the_old_connection_ends_before_the_new_one_delivers),
        cmocka_unit_test(the_new_connection_fails),
        cmocka_unit_test(errors_of_the_new_connection_are_not_reported),
        cmocka_unit_test(subscribing_again_ends_the_replacement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
