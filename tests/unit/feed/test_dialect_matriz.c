/* The dialect with a session of the test, which replaces broker/terminal_session at link time. */
#include "feed/dialect_matriz.h"

#include "broker/terminal_list.h"
#include "broker/terminal_session.h"
#include "net/loop.h"
#include "support/config_text.h"
#include "support/folder.h"

static struct {
    bool usable, needed;
    int number, ended, doubts;
    int64_t list_day;
} fake;

bool terminal_session_usable(const struct terminal_session *session)
{
    (void)session;
    return fake.usable;
}

int terminal_session_number(const struct terminal_session *session)
{
    (void)session;
    return fake.number;
}

void terminal_session_need(struct terminal_session *session, bool needed)
{
    (void)session;
    fake.needed = needed;
}

void terminal_session_doubt(struct terminal_session *session)
{
    (void)session;
    fake.doubts++;
}

void terminal_session_ended(struct terminal_session *session, int number)
{
    (void)session;
    fake.ended = number;
}

int64_t terminal_session_list_day(const struct terminal_session *session)
{
    (void)session;
    return fake.list_day;
}

const char *terminal_session_stream_url(const struct terminal_session *session)
{
    (void)session;
    return "wss://matriz.test/ws?session_id=a%2Bb&conn_id=c";
}

const struct http_headers *terminal_session_headers(const struct terminal_session *session)
{
    (void)session;
    return NULL;
}

/* --- the dialect in its place ----------------------------------------------------------------- */

struct rig {
    struct folder *folder;
    struct loop *loop;
    struct config *config;
    struct dialect d;
    struct buf out;
};

static void rig_begin(struct rig *r, void **state, const char *more)
{
    char text[1024];
    *r = (struct rig){.folder = *state, .loop = loop_create()};
    memset(&fake, 0, sizeof(fake));
    snprintf(text, sizeof(text),
             "broker { url = \"https://api.x.xoms.com.ar/\" user = \"u\" }\n"
             "instruments { symbols = {\"A\"} }\nstate_dir = \"%s\"\n%s",
             r->folder->path, more);
    r->config = config_good(text);
    fake.needed = true; /* by a previous feed */
    t_int(dialect_matriz_create(&r->d, r->loop, r->config, NULL), 0);
    t_true(!fake.needed);
    buf_init(&r->out, 65536);
}

static void rig_end(struct rig *r)
{
    r->d.destroy(r->d.arg);
    buf_finish(&r->out);
    config_free(r->config);
    loop_destroy(r->loop);
}

static const char *subscribe(struct rig *r, const char *const *symbols, int32_t count, int part)
{
    struct dialect_instrument items[4];
    const struct dialect_batch batch = {items, count};
    for (int32_t i = 0; i < count; i++)
        items[i] = (struct dialect_instrument){"ROFX", symbols[i]};
    buf_clear(&r->out);
    return r->d.subscribe(r->d.arg, &batch, part, &r->out) ? buf_text(&r->out) : "no more";
}

/* The items of a message in words. */
static const char *decode(struct rig *r, const char *text)
{
    static char words[1024];
    static const char *const kinds[] = {"data", "error", "malformed", "page", "reply", "other"};
    struct stream_message message = {text, strlen(text), 0};
    struct stream_item item = {0};
    size_t used = 0;
    *words = '\0';
    while (r->d.decode(r->d.arg, &message, &item)) {
        char entries[ENTRY_LIST_TEXT] = "";
        if (item.kind == STREAM_DATA)
            entry_list_text(entries, item.update.entries);
        used += (size_t)snprintf(words + used, sizeof(words) - used, "%s%s%s%s%s", used ? "; " : "",
                                 kinds[item.kind], *entries ? " " : "", entries,
                                 item.kind == STREAM_DATA && item.update.best_only ? " best" : "");
        if (item.kind == STREAM_DATA)
            used += (size_t)snprintf(words + used, sizeof(words) - used, " %.*s %d",
                                     (int)item.symbol.len_bytes, item.symbol.text,
                                     item.update.quote.bids.count);
    }
    return words;
}

static const char *const two[] = {"DLR/DIC26", "MERV - XMEV - AL30 - 24hs"};

/* --- tests ------------------------------------------------------------------------------------ */

static void topics_of_a_batch(void **state)
{
    struct rig r;
    rig_begin(&r, state, "");
    t_str(subscribe(&r, two, 2, 0),
          "{\"_req\":\"S\",\"topicType\":\"book\",\"topics\":[\"book.rx_DDF_DLR_DIC26\","
          "\"book.bm_MERV_AL30_24hs\"],\"replace\":false}");
    t_str(subscribe(&r, two, 2, 1),
          "{\"_req\":\"S\",\"topicType\":\"md\",\"topics\":[\"md.rx_DDF_DLR_DIC26\","
          "\"md.bm_MERV_AL30_24hs\"],\"replace\":false}");
    t_str(subscribe(&r, two, 2, 2), "no more");
    rig_end(&r);
}

static void one_level_needs_no_books(void **state)
{
    struct rig r;
    rig_begin(&r, state, "stream { depth = 1 }\n");
    t_contains(subscribe(&r, two, 1, 0), "\"topicType\":\"md\"");
    t_str(subscribe(&r, two, 1, 1), "no more");
    t_str(decode(&r, "M:rx_DDF_DLR_DIC26|1|5|1600|1601|7|||"), "data BI,OF best DLR/DIC26 1");
    rig_end(&r);
}

static void save_list(struct rig *r, const char *list)
{
    struct err err;
    struct state_file file;
    t_int(terminal_list_file(&file, r->folder->path, "https://matriz.x.xoms.com.ar/", &err), 0);
    buf_init(&file.body, 100);
    buf_puts(&file.body, list);
    t_int(state_file_write(&file, &err), 0);
    state_file_finish(&file);
}

/* Each list is used from the next connection on, also for instruments that are known already. */
static void the_terminals_list_has_the_ids(void **state)
{
    struct rig r;
    static const char *const ggal[] = {"GGAL/DIC26"};
    rig_begin(&r, state, "");
    t_contains(subscribe(&r, ggal, 1, 0), "book.rx_DDF_GGAL_DIC26");
    save_list(&r, "{\"securities\":[{\"id\":\"rx_DUAL_GGAL_DIC26\"}]}");
    t_contains(subscribe(&r, ggal, 1, 0), "book.rx_DDF_GGAL_DIC26");
    fake.list_day = 20000;
    r.d.headers(r.d.arg); /* another connection */
    t_str(decode(&r, "M:rx_DUAL_GGAL_DIC26|1|5|1600|1601|7|||"), "data BI,OF best GGAL/DIC26 1");
    t_contains(subscribe(&r, ggal, 1, 0), "book.rx_DUAL_GGAL_DIC26");
    save_list(&r, "[]");
    fake.list_day = 20001;
    r.d.headers(r.d.arg);
    t_contains(subscribe(&r, ggal, 1, 0), "book.rx_DDF_GGAL_DIC26"); /* it cannot be used */
    t_int(unlink(folder_file(r.folder, "ref-data-https%3A%2F%2Fmatriz.x.xoms.com.ar%2F.json")), 0);
    rig_end(&r);
}

static void many_instruments(void **state)
{
    struct rig r;
    char symbol[32];
    const char *symbols[] = {symbol};
    rig_begin(&r, state, "");
    for (int i = 0; i < 300; i++) {
        snprintf(symbol, sizeof(symbol), "S%d/DIC26", i);
        subscribe(&r, symbols, 1, 0);
    }
    fake.list_day = 1;
    r.d.headers(r.d.arg);
    t_str(decode(&r, "M:rx_DDF_S299_DIC26|1|5|1600|1601|7|||"), "data BI,OF best S299/DIC26 1");
    t_str(decode(&r, "M:rx_DDF_S0_DIC26|1|5|1600|1601|7|||"), "data BI,OF best S0/DIC26 1");
    rig_end(&r);
}

static void an_instrument_without_an_id_is_left_out(void **state)
{
    struct rig r;
    char long_symbol[200];
    const char *symbols[] = {long_symbol, "DLR/DIC26"};
    memset(long_symbol, 'X', sizeof(long_symbol) - 1);
    long_symbol[sizeof(long_symbol) - 1] = '\0';
    rig_begin(&r, state, "");
    t_contains(subscribe(&r, symbols, 2, 0), "\"topics\":[\"book.rx_DDF_DLR_DIC26\"]");
    t_str(subscribe(&r, symbols, 1, 0), ""); /* nothing is sent */
    rig_end(&r);
}

static void lines_become_updates(void **state)
{
    struct rig r;
    rig_begin(&r, state, "poll { entries = {BI, OF, LA, TV} }\nstream { depth = 3 }\n");
    subscribe(&r, two, 2, 0);
    subscribe(&r, two, 2, 1);
    t_str(decode(&r, "M:rx_DDF_DLR_DIC26|1|5|1600|1601|7|1600.5|2026-11-27T14:00:00Z|900||||1|2"),
          "data BI,OF,LA,TV best DLR/DIC26 1");
    t_str(decode(&r, "[\"B:rx_DDF_DLR_DIC26!2!5|1600|1601|7!5|1599||!5|1598||!5|1597||!5|1596||\","
                     "\"M:rx_DDF_DLR_DIC26|3|5|1600|1601|7|||\"]"),
          "data BI,OF DLR/DIC26 3; data DLR/DIC26 1");
    t_str(decode(&r, "M:bm_MERV_AL30_24hs|3|5|60000|60001|7|||"),
          "data BI,OF best MERV - XMEV - AL30 - 24hs 1");
    t_str(decode(&r, "M:rx_DDF_DLR_ENE27|1|5|1600|1601|7|||"), "other");
    t_str(decode(&r, "M:rx_DDF_DLR_DIC26|1"), "malformed");
    t_str(decode(&r, "ping"), "reply");
    t_str(decode(&r, "[]"), "other");
    t_str(decode(&r, "X:{\"d\":{},\"t\":\"clock\"}"), "other");
    t_str(decode(&r, "<html>"), "page");

    subscribe(&r, two, 1, 0); /* again: its book begins again */
    t_str(decode(&r, "M:rx_DDF_DLR_DIC26|4|5|1600|1601|7|||"), "data BI,OF best DLR/DIC26 1");
    rig_end(&r);
}

static void references_only_where_there_is_no_value(void **state)
{
    struct rig r;
    static const char line[] =
        "M:rx_DDF_DLR_DIC26|1|5|1600|1601|7||||||||||1599|2020-01-02|1598|2020-01-02||";
    struct stream_message message = {line, strlen(line), 0};
    struct stream_item item;
    rig_begin(&r, state, "");
    subscribe(&r, two, 1, 0);
    t_true(r.d.decode(r.d.arg, &message, &item));
    t_int(item.update.entries & (ENTRY_BIT(ENTRY_CL) | ENTRY_BIT(ENTRY_SE)),
          ENTRY_BIT(ENTRY_CL) | ENTRY_BIT(ENTRY_SE));
    t_int(item.update.fallback, ENTRY_BIT(ENTRY_CL) | ENTRY_BIT(ENTRY_SE));
    rig_end(&r);
}

static void ends(void **state)
{
    static const struct {
        const char *name;
        enum ws_end_kind kind;
        int status;
        enum feed_event_kind event;
        bool ended;
    } rows[] = {
        {"a redirect", WS_REFUSED, 302, FEED_EV_REFUSED, true},
        {"401", WS_REFUSED, 401, FEED_EV_REFUSED, true},
        {"403", WS_REFUSED, 403, FEED_EV_REFUSED, true},
        {"a page", WS_REFUSED, 200, FEED_EV_REFUSED, true},
        {"too many", WS_REFUSED, 429, FEED_EV_CLOSED, false},
        {"server", WS_REFUSED, 503, FEED_EV_CLOSED, false},
        {"closed", WS_CLOSED, 101, FEED_EV_CLOSED, false},
        {"reset", WS_LOST, 101, FEED_EV_CLOSED, false},
        {"unreachable", WS_UNREACHABLE, 0, FEED_EV_CLOSED, false},
    };
    struct rig r;
    rig_begin(&r, state, "");
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char words[DIALECT_END_WORDS];
        const struct ws_answer answer = {.status = rows[i].status, .retry_after_ms = -1};
        const struct ws_end end = {rows[i].kind, 0, "it ended", &answer};
        t_row(rows[i].name);
        fake.number = 7;
        r.d.headers(r.d.arg); /* a handshake */
        fake.number = 8;
        fake.ended = 0;
        t_int(r.d.ended(r.d.arg, &end, words), rows[i].event);
        t_int(fake.ended, rows[i].ended ? 7 : 0);
    }
    rig_end(&r);
}

static void the_session_is_the_login(void **state)
{
    struct rig r;
    rig_begin(&r, state, "");
    t_true(!r.d.has_login(r.d.arg));
    fake.usable = true;
    fake.number = 3;
    t_true(r.d.has_login(r.d.arg));
    t_int(r.d.login_number(r.d.arg), 3);
    r.d.need_login(r.d.arg, true);
    t_true(fake.needed);
    r.d.renew_login(r.d.arg);
    t_int(fake.doubts, 1);
    t_contains(r.d.url(r.d.arg), "wss://matriz.test/ws?session_id=");
    t_str(r.d.name, "matriz");
    t_int(r.d.source, SOURCE_MATRIZ);
    t_true(r.d.partial);
    t_str(r.d.keep_alive, "ping");
    t_true(r.d.keep_alive_ms <= 40000);
    t_true(r.d.message_max_bytes > 10 * 1024 * 1024);
    rig_end(&r);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(topics_of_a_batch),
        IN_FOLDER(one_level_needs_no_books),
        IN_FOLDER(the_terminals_list_has_the_ids),
        IN_FOLDER(many_instruments),
        IN_FOLDER(an_instrument_without_an_id_is_left_out),
        IN_FOLDER(lines_become_updates),
        IN_FOLDER(references_only_where_there_is_no_value),
        IN_FOLDER(ends),
        IN_FOLDER(the_session_is_the_login),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
