#include "config/config_check.h"

#include "export/compress.h"
#include "export/format.h"
#include "support/t.h"

#include <errno.h>

struct row {
    const char *text;
    bool good;
};

static void run_rows(const char *what, int (*check)(const char *, struct err *),
                     const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char name[256];
        struct err err = {0};
        snprintf(name, sizeof(name), "%s '%.100s'", what, rows[i].text);
        t_row(name);
        t_int(check(rows[i].text, &err), rows[i].good ? 0 : -EINVAL);
        t_int(err.code, rows[i].good ? 0 : -EINVAL);
        t_true(rows[i].good == !*err.text);
        t_int(check(rows[i].text, NULL), rows[i].good ? 0 : -EINVAL); /* err may be NULL */
    }
}

#define RUN_ROWS(check, rows) run_rows(#check, check, rows, T_COUNT(rows))

static const char *words(int (*check)(const char *, struct err *), const char *text)
{
    static struct err err;
    err = (struct err){0};
    t_row(text);
    t_int(check(text, &err), -EINVAL);
    return err.text;
}

static void urls(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"https://api.broker.example/", true},
        {"https://api.broker.example", true},
        {"https://api.broker.example:8443/base/", true},
        {"http://127.0.0.1:8787/", true},
        {"http://[::1]:8787/", true},
        {"HTTPS://API.BROKER.EXAMPLE/", true},
        {"", false},
        {"api.broker.example", false},
        {"/", false},
        {"https:", false},
        {"https:/", false},
        {"https:///", false},
        {"https://", false},
        {"https:///rest", false},
        {"https://:443/", false},
        {"wss://api.broker.example/", false},
        {"ftp://api.broker.example/", false},
        {"file:///etc/passwd", false},
        {" https://api.broker.example/", false},
        {"https://api.broker.example/ ", false},
        {"https://api broker.example/", false},
        {"https://api.broker.example/\"", false},
        {"https://api.broker.example\\rest", false},
        {"https://api.broker.example/\x7f", false},
        {"https://alice@api.broker.example/", false},
        {"https://alice:secret@api.broker.example/", false},
        {"https://127.0.0.1:@api.broker.example/", false},
        {"https://api.broker.example/?a=b", false},
        {"https://api.broker.example/#a", false},
        {"http://[::1]evil.example/", false},
        {"http://[::1", false},
        {"http://localhost:80:evil.example/", false},
        {"http://localhost:x/", false},
        {"http://localhost:/", false},
    };
    RUN_ROWS(check_url, rows);
    t_true(!strstr(words(check_url, "ftp://alice:secret@h/"), "secret"));
    t_true(!strstr(words(check_url, "https://alice:sec ret@h/"), "ret"));
    t_contains(words(check_url, "api.broker.example"), "api.broker.example");
    t_contains(words(check_url, "https://"), "no valid host");
    t_contains(words(check_url, "https://a b/"), "blank");
    t_contains(words(check_url, "https://a.example/?x"), "query");
}

static void url_with_a_password_is_not_repeated(void **state)
{
    (void)state;
    const char *text = words(check_url, "https://alice:secret@api.broker.example/");
    t_contains(text, "broker.user");
    t_true(!strstr(text, "secret"));
}

static void stream_urls(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", true},
        {"wss://api.broker.example/", true},
        {"ws://127.0.0.1:8787/ws", true},
        {"WSS://api.broker.example", true},
        {"https://api.broker.example/", false},
        {"wss://", false},
        {"wss:///", false},
        {"wss://alice@api.broker.example/", false},
        {"wss://a b/", false},
        {"wss://api.broker.example/?token=1", false},
    };
    RUN_ROWS(check_stream_url, rows);
    t_contains(words(check_stream_url, "wss://h/ws?session_id=s3cret"), "session_id=***");
    t_contains(words(check_stream_url, "https://h/ws?conn_id=s3cret"), "conn_id=***");
}

static void terminal_urls(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", true},
        {"https://matriz.broker.example/", true},
        {"https://matriz.broker.example", true},
        {"https://matriz.broker.example:8443/", true},
        {"http://[::1]:8787", true},
        {"https://matriz.broker.example/ws", false},
        {"https://matriz.broker.example//", false},
        {"wss://matriz.broker.example/", false},
        {"matriz.broker.example", false},
        {"https://matriz.broker.example/?session_id=s3cret", false},
    };
    RUN_ROWS(check_terminal_url, rows);
    t_contains(words(check_terminal_url, "https://m.example/ws"), "write the address alone");
    t_true(!strstr(words(check_terminal_url, "https://h/ws?session_id=s3cret"), "s3cret"));
}

static void loopback(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"http://127.0.0.1", true},
        {"http://127.0.0.1/", true},
        {"http://127.0.0.1:8787/", true},
        {"http://127.255.255.254/", true},
        {"https://127.0.0.1/", true},
        {"ws://127.0.0.1/", true},
        {"wss://127.0.0.1/", true},
        {"http://localhost", true},
        {"http://localhost/", true},
        {"http://localhost:80/", true},
        {"HTTP://LocalHost:80/", true},
        {"http://[::1]", true},
        {"http://[::1]/", true},
        {"http://[::1]:8787/x", true},
        {"", false},
        {"127.0.0.1", false},
        {"ftp://127.0.0.1/", false},
        {"http://", false},
        {"http://10.0.0.1/", false},
        {"http://128.0.0.1/", false},
        {"http://27.0.0.1/", false},
        {"http://1127.0.0.1/", false},
        {"http://127.0.0.256/", false},
        {"http://127.256.0.1/", false},
        {"http://127.0.999.1/", false},
        {"http://127.0.0/", false},
        {"http://127.1/", false},
        {"http://127.0.0.1.5/", false},
        {"http://127.evil.example/", false},
        {"http://[::1]evil.example/", false},
        {"http://127.+0.0.1/", false},
        {"http://127.-0.0.1/", false},
        {"http://127.0.0.1.evil.example/", false},
        {"http://127.0.0/", false},
        {"http://127.0.0.256/", false},
        {"http://127.0.0.0001/", false},
        {"http://localhost:80:evil.example/", false},
        {"http://127.0.0.1.evil.example/", false},
        {"http://127.0.0.1evil.example/", false},
        {"http://127.0.0.1-evil.example/", false},
        {"http://127.0.0.1%2eevil.example/", false},
        {"http://localhost.evil.example/", false},
        {"http://localhos/", false},
        {"http://localhostt/", false},
        {"http://evil.example/localhost", false},
        {"http://evil.example/127.0.0.1", false},
        {"http://evil.example:127/", false},
        {"http://[::2]/", false},
        {"http://[::]/", false},
        {"http://[::1", false},
        {"http://::1/", false},
        {"http://[2001:db8::1]/", false},
        {"http://[::ffff:10.0.0.1]/", false},
        {"http://0.0.0.0/", false},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].text);
        t_int(url_is_loopback(rows[i].text), rows[i].good);
    }
}

static void plain(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"http://a.example/", true},   {"HTTP://a.example/", true},   {"ws://a.example/", true},
        {"Ws://a.example/", true},     {"https://a.example/", false}, {"wss://a.example/", false},
        {"HTTPS://a.example/", false}, {"httpx://a.example/", false}, {"", false},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].text);
        t_int(url_is_plain(rows[i].text), rows[i].good);
    }
}

static void symbols(void **state)
{
    (void)state;
    static char longest[129], too_long[130];
    memset(longest, 'S', sizeof(longest) - 1);
    memset(too_long, 'S', sizeof(too_long) - 1);
    const struct row rows[] = {{"DLR/DIC26", true},
                               {"MERV - XMEV - AL30 - 24hs", true},
                               {"*", true},
                               {"DLR/*", true},
                               {"A\xc3\xb1o", true},
                               {longest, true},
                               {"", false},
                               {too_long, false},
                               {"DLR\tDIC26", false},
                               {"DLR\x7f", false},
                               {"DLR\nDIC26", false},
                               {"\xff", false},
                               {"A\xc3", false},
                               {"A\xc2\x80", false},
                               {"\xed\xa0\x80", false}};
    RUN_ROWS(check_symbol, rows);
    t_contains(words(check_symbol, "A\tB"), "128 bytes");
}

static void fixed_words(void **state)
{
    (void)state;
    static const struct row entries[] = {
        {"BI", true},   {"OF", true},     {"LA", true},  {"OP", true}, {"CL", true},   {"SE", true},
        {"HI", true},   {"LO", true},     {"TV", true},  {"OI", true}, {"EV", true},   {"NV", true},
        {"IV", true},   {"ACP", true},    {"bi", false}, {"B", false}, {"BID", false}, {"", false},
        {" BI", false}, {"BI,OF", false}, {"ALL", false}};
    static const struct row dialects[] = {
        {"primary", true}, {"matriz", true}, {"Primary", false}, {"", false}, {"fix", false}};
    static const struct row durabilities[] = {
        {"normal", true}, {"full", true}, {"off", false}, {"", false}, {"full ", false}};
    static const struct row tables[] = {{"snapshots", true}, {"trades", true},   {"bars", true},
                                        {"events", true},    {"coverage", true}, {"quotes", false},
                                        {"trade", false},    {"", false}};
    static const struct row formats[] = {{"csv", true},     {"jsonl", true}, {"excel", true},
                                         {"parquet", true}, {"CSV", false},  {"json", false},
                                         {"", false}};
    static const struct row compressions[] = {
        {"none", true}, {"gzip", true}, {"zstd", true}, {"gz", false}, {"", false}};
    static const struct row not_empty[] = {{"x", true}, {" ", true}, {"", false}};
    RUN_ROWS(check_entry, entries);
    RUN_ROWS(check_dialect, dialects);
    RUN_ROWS(check_durability, durabilities);
    RUN_ROWS(check_table, tables);
    RUN_ROWS(check_format, formats);
    RUN_ROWS(check_compress, compressions);
    RUN_ROWS(check_not_empty, not_empty);
    t_contains(words(check_entry, "XX"), "'XX' is not valid; allowed: BI,OF,LA");
    t_contains(words(check_dialect, "fix"), "'fix' is not valid; allowed: primary, matriz");
    t_contains(words(check_table, "t"), "snapshots, trades, bars, events, coverage");
}

/* The configuration and the export have the same names, in the order of the export's enums. */
static void names_of_an_export(void **state)
{
    (void)state;
    for (int i = 0; format_all[i]; i++) {
        t_row(format_all[i]->name);
        t_str(export_formats[i], format_all[i]->name);
        t_int(check_format(format_all[i]->name, NULL), 0);
        t_contains(words(check_format, "xml"), format_all[i]->name);
    }
    t_str(words(check_format, "xml"), "'xml' is not valid; allowed: csv, jsonl, excel, parquet");
    for (int i = 0; i < COMPRESS_KINDS; i++) {
        t_row(export_compressions[i]);
        t_int(check_compress(compress_name((enum compress)i), NULL), 0);
        t_int(compress_find(export_compressions[i]), i);
    }
    t_true(!export_compressions[COMPRESS_KINDS]);
    t_int(compress_find("gzip"), COMPRESS_GZIP);
    t_int(compress_find("zstd"), COMPRESS_ZSTD);
    for (int i = 0; i < EXTRACT_TABLES; i++) {
        t_row(export_tables[i]);
        t_int(check_table(extract_table_name((enum extract_table)i), NULL), 0);
        t_int(extract_table_find(export_tables[i]), i);
    }
    t_true(!export_tables[EXTRACT_TABLES]);
    t_int(extract_table_find("bars"), EXTRACT_BARS);
    t_int(extract_table_find("events"), EXTRACT_EVENTS);
    t_row("");
}

static void days(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"Mon-Fri", true},
        {"Mon", true},
        {"Mon,Wed,Fri", true},
        {"mon-FRI", true},
        {"Mon-Wed,Fri", true},
        {"Mon, Wed", true},
        {"Sat,Sun", true},
        {"Mon-Tue,Thu-Fri", true},
        {"", false},
        {"Mon-", false},
        {"-Fri", false},
        {"Mon,", false},
        {",Mon", false},
        {"Mon--Fri", false},
        {"Monday", false},
        {"Lun-Vie", false},
        {"Mon-Fri-Sun", false},
        {"Mon Fri", false},
        {"Mo", false},
        {"Mon-Fri ", false},
        {"1-5", false},
        {"Mon,,Fri", false},
    };
    RUN_ROWS(check_days, rows);
}

static void hours(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"10:00-17:05", true},     {"00:00-23:59", true},
        {"09:59-10:00", true},     {"17:05-10:00", false},
        {"10:00-10:00", false},    {"10:00", false},
        {"10:00-24:00", true},     {"10:00-26:00", true},
        {"10:00-17:60", false},    {"1:00-17:05", false},
        {"10:00 - 17:05", false},  {"10:00-17:05 ", false},
        {"10.00-17.05", false},    {"", false},
        {"aa:bb-cc:dd", false},    {"30:00-31:00", false},
        {"10:00:00-17:05", false},
    };
    RUN_ROWS(check_hours, rows);
}

static void times_and_dates(void **state)
{
    (void)state;
    static const struct row times[] = {
        {"", true},       {"17:30", true},  {"00:00", true},  {"23:59", true},     {"24:00", false},
        {"17:60", false}, {"7:30", false},  {"17:3", false},  {"17:30:00", false}, {"17-30", false},
        {"ab:cd", false}, {" 17:3", false}, {"17:30 ", false}};
    static const struct row dates[] = {
        {"2026-12-25", true},   {"1990-01-01", true},  {"2028-02-29", true},  {"", false},
        {"2026-02-28", true},   {"2026-02-29", false}, {"2028-02-29", true},  {"2100-02-29", false},
        {"2026-+1-25", false},  {"2026- 1-05", false}, {"2026-04-31", false}, {"2026-13-01", false},
        {"2026-00-10", false},  {"2026-01-00", false}, {"2026-01-32", false}, {"1969-12-31", false},
        {"2026-1-1", false},    {"26-12-25", false},   {"2026/12/25", false}, {"25-12-2026", false},
        {"2026-12-25 ", false}, {"2026-12-2x", false}, {"today", false}};
    RUN_ROWS(check_time, times);
    RUN_ROWS(check_holiday, dates);
}

static void listening_addresses(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", true},
        {"127.0.0.1:8787", true},
        {"127.0.0.1:0", true},
        {"0.0.0.0:65535", true},
        {"localhost:80", true},
        {"[::1]:8787", true},
        {"unix:/run/cinta/cinta.sock", true},
        {"unix:/", false},
        {"unix:run/cinta.sock", false},
        {"unix:", false},
        {"unix:x:80", false},
        {"http://127.0.0.1:80", false},
        {"a b:80", false},
        {"127.0.0.1:80:90", false},
        {"127.0.0.1", false},
        {"8787", false},
        {":8787", false},
        {"127.0.0.1:", false},
        {"127.0.0.1:65536", false},
        {"127.0.0.1:99999999999999999999", false},
        {"127.0.0.1:-1", false},
        {"127.0.0.1:+1", false},
        {"127.0.0.1: 1", false},
        {"127.0.0.1:80a", false},
        {"127.0.0.1:0x50", false},
        {"http://127.0.0.1:8787/", false},
        {"quotes.example:80", false},
        {"::1:8787", false},
        {"[127.0.0.1]:80", false},
        {"[::1:80", false},
    };
    RUN_ROWS(check_listen, rows);
}

static void who_may_use_the_local_api(void **state)
{
    (void)state;
    static const struct row tokens[] = {
        {"", true},        {"letmein", true}, {"aB3-._~!$'()*,:@/?=", true},
        {"let me", false}, {"a\"b", false},   {"a&b", false},
        {"a;b", false},    {"a+b", false},    {"50%", false},
        {"a#b", false},    {"a\x7f", false},  {"caf\xc3\xa9", false},
    };
    static const struct row origins[] = {
        {"https://app.example", true},
        {"http://localhost:3000", true},
        {"null", true},
        {"http://[::1]:3000", true},
        {"", false},
        {"app.example", false},
        {"https://app.example/", false},
        {"https://app.example/x", false},
        {"https://", false},
        {"https://a b", false},
        {"https://u@app.example", false},
        {"*", false},
        {"wss://app.example", false},
    };
    static const struct row hosts[] = {
        {"quotes.example", true},     {"192.168.1.5", true}, {"fe80::1", true}, {"", false},
        {"quotes.example:80", false}, {"[::1]", false},      {"a b", false},    {"http://a", false},
    };
    RUN_ROWS(check_token, tokens);
    RUN_ROWS(check_origin, origins);
    RUN_ROWS(check_host, hosts);
}

/* In the error a long text is truncated and terminated. */
static void long_texts(void **state)
{
    (void)state;
    static int (*const checks[])(const char *, struct err *) = {
        check_url,    check_stream_url, check_symbol,     check_entry, check_dialect, check_days,
        check_hours,  check_holiday,    check_durability, check_time,  check_listen,  check_table,
        check_format, check_compress,   check_token,      check_origin};
    static char text[100000];
    memset(text, 'a', sizeof(text) - 1);
    for (size_t i = 0; i < T_COUNT(checks); i++) {
        struct err err;
        memset(&err, 0x55, sizeof(err));
        t_int(checks[i](text, &err), -EINVAL);
        t_true(memchr(err.text, '\0', sizeof(err.text)));
    }
    t_int(check_not_empty(text, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls),
        cmocka_unit_test(url_with_a_password_is_not_repeated),
        cmocka_unit_test(stream_urls),
        cmocka_unit_test(terminal_urls),
        cmocka_unit_test(loopback),
        cmocka_unit_test(plain),
        cmocka_unit_test(symbols),
        cmocka_unit_test(fixed_words),
        cmocka_unit_test(names_of_an_export),
        cmocka_unit_test(days),
        cmocka_unit_test(hours),
        cmocka_unit_test(times_and_dates),
        cmocka_unit_test(listening_addresses),
        cmocka_unit_test(who_may_use_the_local_api),
        cmocka_unit_test(long_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
