#include "sim/faults.h"

#include "support/t.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define MARKET_DATA "rest/marketdata/get"
#define AL30        "MERV - XMEV - AL30 - 24hs"

static const struct fault *find(struct faults *faults, const char *path, const char *symbol,
                                int64_t now_ms, struct rng *rng)
{
    const struct fault_target target = {FAULT_AT_REQUEST, path, &symbol, 1};
    return faults_find(faults, &target, now_ms, rng);
}

static struct faults parsed(const char *text)
{
    struct faults faults = {0};
    struct err err = {0};
    if (faults_parse(text, strlen(text), "f.conf", &faults, &err))
        fail_msg("%s: %s", t_row_name, err.text);
    return faults;
}

/* --- valid files ------------------------------------------------------------------------------ */

static void every_kind_has_a_name(void **state)
{
    static const struct row {
        const char *name;
        enum fault_kind kind;
    } rows[] = {
        {"status", FAULT_STATUS},
        {"slow", FAULT_SLOW},
        {"hang", FAULT_HANG},
        {"reset", FAULT_RESET},
        {"close", FAULT_CLOSE},
        {"truncated", FAULT_TRUNCATED},
        {"type", FAULT_TYPE},
        {"shape", FAULT_SHAPE},
        {"garbage", FAULT_GARBAGE},
        {"html", FAULT_HTML},
        {"redirect", FAULT_REDIRECT},
        {"empty", FAULT_EMPTY},
        {"page", FAULT_PAGE},
        {"blank", FAULT_BLANK},
        {"huge", FAULT_HUGE},
        {"no_token", FAULT_NO_TOKEN},
        {"refuse", FAULT_REFUSE},
        {"expire", FAULT_EXPIRE},
        {"body", FAULT_BODY},
        {"error", FAULT_ERROR},
        {"mute", FAULT_MUTE},
        {"deaf", FAULT_DEAF},
        {"half_open", FAULT_HALF_OPEN},
        {"goodbye", FAULT_GOODBYE},
        {"fragmented", FAULT_FRAGMENTED},
        {"oversized", FAULT_OVERSIZED},
        {"utf8", FAULT_UTF8},
        {"masked", FAULT_MASKED},
        {"rsv", FAULT_RSV},
        {"drip", FAULT_DRIP},
        {"duplicate", FAULT_DUPLICATE},
        {"old", FAULT_OLD},
        {"binary", FAULT_BINARY},
        {"unknown", FAULT_UNKNOWN},
    };
    (void)state;
    t_int(T_COUNT(rows), FAULT_UNKNOWN);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[100];
        t_row(rows[i].name);
        snprintf(text, sizeof(text), "fault { kind = \"%s\" }", rows[i].name);
        struct faults faults = parsed(text);
        t_int(faults.count, 1);
        t_int(faults.list[0].kind, rows[i].kind);
        faults_finish(&faults);
        snprintf(text, sizeof(text), "fault { kind = %s }", rows[i].name);
        faults = parsed(text);
        t_int(faults.list[0].kind, rows[i].kind);
        faults_finish(&faults);
    }
}

static void keys_have_defaults(void **state)
{
    (void)state;
    struct faults faults = parsed("fault {}");
    const struct fault *f = &faults.list[0];
    t_int(faults.count, 1);
    t_int(f->kind, FAULT_STATUS);
    t_str(f->path, "*");
    t_str(f->symbol, "*");
    t_str(f->body, "");
    t_str(f->title, "Just a moment...");
    t_str(f->location, "/login?error");
    t_int(f->status, 500);
    t_int(f->retry_after_s, 0);
    t_int(f->delay_ms, 1000);
    t_int(f->after, 0);
    t_int(f->count, 0);
    t_double(f->probability, 1);
    t_int(f->from_ms, 0);
    t_int(f->until_ms, 0);
    t_int(f->seen, 0);
    t_int(f->acted, 0);
    faults_finish(&faults);
}

static void every_key_is_parsed(void **state)
{
    static const char text[] = "# the whole set\n"
                               "fault {\n"
                               "    path = \"rest/*\"\n"
                               "    symbol = \"DLR/*\"   // comments of all kinds\n"
                               "    kind = \"body\"\n"
                               "    body = \"{\\\"status\\\":\\\"OK\\\"}\"\n"
                               "    status = 503\n"
                               "    retry_after = 7\n"
                               "    delay = 0.25\n"
                               "    after = 2\n"
                               "    count = 3\n"
                               "    probability = 0.5\n"
                               "    from = 1.5 /* seconds */\n"
                               "    until = 86400\n"
                               "}\n"
                               "fault { symbol = 'AL30' delay = 2 from = 0 }\n";
    (void)state;
    struct faults faults = parsed(text);
    const struct fault *f = &faults.list[0];
    t_int(faults.count, 2);
    t_int(f->kind, FAULT_BODY);
    t_str(f->path, "rest/*");
    t_str(f->symbol, "DLR/*");
    t_str(f->body, "{\"status\":\"OK\"}");
    t_int(f->status, 503);
    t_int(f->retry_after_s, 7);
    t_int(f->delay_ms, 250);
    t_int(f->after, 2);
    t_int(f->count, 3);
    t_double(f->probability, 0.5);
    t_int(f->from_ms, 1500);
    t_int(f->until_ms, 86400000);
    t_str(faults.list[1].symbol, "AL30");
    t_int(faults.list[1].delay_ms, 2000);
    faults_finish(&faults);
}

static void an_empty_file_has_no_faults(void **state)
{
    static const char *const texts[] = {"", "\n\n", "# nothing\n", "/* nothing */"};
    (void)state;
    for (size_t i = 0; i < T_COUNT(texts); i++) {
        struct rng rng = {1};
        t_row(texts[i]);
        struct faults faults = parsed(texts[i]);
        t_int(faults.count, 0);
        t_true(find(&faults, MARKET_DATA, "", 0, &rng) == NULL);
        faults_finish(&faults);
    }
}

/* --- invalid files ---------------------------------------------------------------------------- */

static void errors_have_name_line_and_key(void **state)
{
    static const struct row {
        const char *text, *place, *key;
    } rows[] = {
        /* clang-format off */
        {"fault { kind = \"sloow\" }",               "f.conf:1: ", "fault.kind"},
        {"\n\nfault {\n kind = \"\"\n}",             "f.conf:4: ", "fault.kind"},
        {"fault { kind = \"STATUS\" }",              "f.conf:1: ", "fault.kind"},
        {"fault { probability = 1.5 }",              "f.conf:1: ", "fault.probability"},
        {"fault { probability = -0.1 }",             "f.conf:1: ", "fault.probability"},
        {"fault { probability = nan }",              "f.conf:1: ", "fault.probability"},
        {"fault {\n}\nfault {\n delay = -1\n}",      "f.conf:4: ", "fault.delay"},
        {"fault { delay = inf }",                    "f.conf:1: ", "fault.delay"},
        {"fault { delay = nan }",                    "f.conf:1: ", "fault.delay"},
        {"fault { from = 86400.5 }",                 "f.conf:1: ", "fault.from"},
        {"fault {\n\n\n until = 1e9 }",              "f.conf:4: ", "fault.until"},
        {"fault { after = -1 }",                     "f.conf:1: ", "fault.after"},
        {"fault { count = -1 }",                     "f.conf:1: ", "fault.count"},
        {"fault { retry_after = -5 }",               "f.conf:1: ", "fault.retry_after"},
        {"fault { status = 199 }",                   "f.conf:1: ", "fault.status"},
        {"fault { status = 600 }",                   "f.conf:1: ", "fault.status"},
        {"fault { status = 0 }",                     "f.conf:1: ", "fault.status"},
        {"fault { status = 4294967796 }",            "f.conf:1: ", "fault.status"},
        {"fault { status = \"often\" }",             "f.conf:1: ", "status"},
        {"fault { count = 1.5 }",                    "f.conf:1: ", "count"},
        {"fault { after = 99999999999999999999 }",   "f.conf:1: ", "after"},
        {"fault { delay = soon }",                   "f.conf:1: ", "delay"},
        {"fault { probability = 1e999 }",            "f.conf:1: ", "probability"},
        {"fault {\n colour = \"red\"\n}",            "f.conf:2: ", "colour"},
        {"fault { Kind = \"status\" }",              "f.conf:1: ", "Kind"},
        {"kind = \"status\"",                        "f.conf:1: ", "kind"},
        {"faults { }",                               "f.conf:1: ", "faults"},
        {"fault fault { }",                          "f.conf:1: ", "fault"},
        {"fault \"title\" { }",                      "f.conf:1: ", "fault"},
        {"fault = 5",                                "f.conf:1: ", "fault"},
        {"fault { kind + \"status\" }",              "f.conf:1: ", "kind"},
        /* clang-format on */
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct faults faults = {.count = 77};
        struct err err = {0};
        t_row(rows[i].text);
        t_int(faults_parse(rows[i].text, strlen(rows[i].text), "f.conf", &faults, &err), -EINVAL);
        t_int(err.code, -EINVAL);
        t_contains(err.text, rows[i].place);
        t_true(err.text[0] == 'f');
        t_contains(err.text, rows[i].key);
        t_int(faults.count, 77); /* untouched */
        t_int(faults_parse(rows[i].text, strlen(rows[i].text), "f.conf", &faults, NULL), -EINVAL);
    }
}

static void truncated_files_are_refused(void **state)
{
    static const char *const texts[] = {
        "fault",
        "fault { kind",
        "fault { kind =",
        "fault { kind = \"sta",
        "fault { kind = \"a\\\"",
        "fault { body = 'x",
        "fault { } }",
        "fault { } } fault { }",
        "fault { kind = { \"status\" } }",
        "{",
        "}",
        "=",
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(texts); i++) {
        struct faults faults = {.count = 77};
        struct err err = {0};
        t_row(texts[i]);
        t_int(faults_parse(texts[i], strlen(texts[i]), "f.conf", &faults, &err), -EINVAL);
        t_contains(err.text, "f.conf:1: ");
        t_int(faults.count, 77);
    }
}

static void an_invalid_file_does_not_affect_the_next(void **state)
{
    static const char *const broken[] = {
        "fault { body = \"no end", "fault { body = 'no end", "/* no end", "fault {",
        "fault { kind = \"x\" }",  "fault { status = x }",
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(broken); i++) {
        struct faults faults = {0};
        t_row(broken[i]);
        faults_parse(broken[i], strlen(broken[i]), "f.conf", &faults, NULL);
        faults_finish(&faults);
        faults = parsed("fault { kind = \"slow\" }");
        t_int(faults.count, 1);
        t_int(faults.list[0].kind, FAULT_SLOW);
        faults_finish(&faults);
    }
}

static void nul_bytes_and_large_files_are_refused(void **state)
{
    enum { BYTES = 256 * 1024 };
    char *text = malloc(BYTES + 1);
    struct faults faults = {.count = 77};
    struct err err = {0};
    (void)state;

    t_row("NUL");
    t_int(faults_parse("fault {\0}", 9, "f.conf", &faults, &err), -EINVAL);
    t_contains(err.text, "f.conf");
    t_row("too large");
    memset(text, ' ', BYTES + 1);
    t_int(faults_parse(text, BYTES + 1, "f.conf", &faults, &err), -EINVAL);
    t_contains(err.text, "f.conf");
    t_int(faults.count, 77);
    t_row("exactly the maximum");
    t_int(faults_parse(text, BYTES, "f.conf", &faults, &err), 0);
    t_int(faults.count, 0);
    faults_finish(&faults);
    free(text);
}

static void the_text_need_not_end_in_nul(void **state)
{
    static const char text[] = "fault { status = 404 }";
    char *exact = malloc(sizeof(text) - 1); /* ASan detects a read past the end */
    struct faults faults;
    (void)state;
    memcpy(exact, text, sizeof(text) - 1);
    t_int(faults_parse(exact, sizeof(text) - 1, "f.conf", &faults, NULL), 0);
    t_int(faults.list[0].status, 404);
    faults_finish(&faults);
    free(exact);
}

/* --- files ------------------------------------------------------------------------------------ */

static void files_are_loaded(void **state)
{
    char path[] = "/tmp/cinta-faults-XXXXXX";
    static const char text[] = "fault {\n kind = \"slow\"\n delay = 0.5\n}\n",
                      wrong[] = "\nx = 1\n";
    struct faults faults;
    struct err err = {0};
    (void)state;

    int fd = mkstemp(path);
    t_true(fd >= 0);
    t_int(pwrite(fd, text, sizeof(text) - 1, 0), sizeof(text) - 1);
    t_int(faults_load(path, &faults, &err), 0);
    t_int(faults.list[0].delay_ms, 500);
    faults_finish(&faults);

    t_int(ftruncate(fd, 0), 0);
    t_int(pwrite(fd, wrong, sizeof(wrong) - 1, 0), sizeof(wrong) - 1);
    t_int(faults_load(path, &faults, &err), -EINVAL);
    t_contains(err.text, path);
    t_contains(err.text, ":2: ");

    t_row("too large, all NUL bytes");
    t_int(ftruncate(fd, 300 * 1024), 0);
    t_true(faults_load(path, &faults, &err) < 0);
    t_contains(err.text, path);
    close(fd);
    unlink(path);
}

static void read_errors_are_reported(void **state)
{
    struct faults faults;
    struct err err = {0};
    (void)state;
    t_int(faults_load("/nonexistent/f.conf", &faults, &err), -ENOENT);
    t_contains(err.text, "/nonexistent/f.conf");
    t_contains(err.text, "No such file");
    t_int(faults_load("/tmp", &faults, &err), -EISDIR);
    t_contains(err.text, "/tmp");
}

/* --- lookup ----------------------------------------------------------------------------------- */

/* "..1..1": for each of `times` requests at `now_ms`, the index of the fault applied, or '.'. */
static const char *acted(struct faults *faults, const char *path, const char *symbol,
                         int64_t now_ms, int times)
{
    static char text[64];
    struct rng rng = {1};
    for (int i = 0; i < times; i++) {
        const struct fault *fault = find(faults, path, symbol, now_ms, &rng);
        text[i] = fault ? (char)('0' + (fault - faults->list)) : '.';
    }
    text[times] = '\0';
    return text;
}

static void globs_are_case_insensitive(void **state)
{
    static const struct row {
        const char *path, *symbol, *asked_path, *asked_symbol;
        bool acts;
    } rows[] = {
        /* clang-format off */
        {"*",               "*",       MARKET_DATA,     AL30,        true},
        {"*",               "*",       "",              "",          true},
        {MARKET_DATA,       "*",       MARKET_DATA,     "",          true},
        {"rest/*",          "*",       MARKET_DATA,     "",          true},
        {"REST/MarketData/Get", "*",   MARKET_DATA,     "",          true},
        {"rest/marketdata", "*",       MARKET_DATA,     "",          false},
        {"marketdata/get",  "*",       MARKET_DATA,     "",          false},
        {"auth/*",          "*",       MARKET_DATA,     "",          false},
        {"/" MARKET_DATA,   "*",       MARKET_DATA,     "",          false},
        {"*",               AL30,      MARKET_DATA,     AL30,        true},
        {"*",               "*al30*",  MARKET_DATA,     AL30,        true},
        {"*",               "*AL30*",  MARKET_DATA,     "",          false},
        {"*",               "",        MARKET_DATA,     "",          true},
        {"*",               "",        MARKET_DATA,     AL30,        false},
        {"*",               "DLR/*",   MARKET_DATA,     "dlr/dic26", true},
        {"*",               "DLR/???26", MARKET_DATA,   "DLR/DIC26", true},
        {"*",               "DLR/???26", MARKET_DATA,   "DLR/DC26",  false},
        {"*",               "DLR/[DN]*", MARKET_DATA,   "DLR/nov26", true},
        {"*",               "DLR/[DN]*", MARKET_DATA,   "DLR/ENE26", false},
        {"*",               "DLR/[",   MARKET_DATA,     "DLR/[",     true},
        {"rest/*",          "*AL30*",  "auth/getToken", AL30,        false},
        /* clang-format on */
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[200];
        static char name[400];
        snprintf(text, sizeof(text), "fault { path = \"%s\" symbol = \"%s\" }", rows[i].path,
                 rows[i].symbol);
        snprintf(name, sizeof(name), "%s for %s %s", text, rows[i].asked_path,
                 rows[i].asked_symbol);
        t_row(name);
        struct faults faults = parsed(text);
        t_str(acted(&faults, rows[i].asked_path, rows[i].asked_symbol, 0, 1),
              rows[i].acts ? "0" : ".");
        t_int(faults.list[0].seen, rows[i].acts);
        t_int(faults.list[0].acted, rows[i].acts);
        faults_finish(&faults);
    }
}

static void after_and_count(void **state)
{
    static const struct row {
        const char *text, *acted;
    } rows[] = {
        /* clang-format off */
        {"fault { }",                                          "00000000"},
        {"fault { count = 3 }",                                "000....."},
        {"fault { after = 3 }",                                "...00000"},
        {"fault { after = 3 count = 1 }",                      "...0...."},
        {"fault { after = 9 }",                                "........"},
        {"fault { probability = 0 }",                          "........"},
        {"fault { probability = 1 }",                          "00000000"},
        {"fault { count = 1 } fault { count = 2 }",            "011....."},
        {"fault { count = 1 } fault { after = 2 }",            "0..11111"},
        {"fault { after = 2 } fault { }",                      "11000000"},
        {"fault { } fault { }",                                "00000000"},
        {"fault { probability = 0 } fault { count = 2 }",      "11......"},
        {"fault { symbol = \"X\" } fault { count = 2 }",       "11......"},
        {"fault { path = \"auth/*\" } fault { after = 6 }",    "......11"},
        {"fault { after = 2 count = 2 } fault { after = 1 count = 2 }", ".1001..."},
        {"fault { until = 1 } fault { from = 1 } fault { }",   "00000000"},
        /* clang-format on */
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].text);
        struct faults faults = parsed(rows[i].text);
        t_str(acted(&faults, MARKET_DATA, AL30, 0, 8), rows[i].acted);
        faults_finish(&faults);
    }
}

static void requests_that_do_not_match_are_not_counted(void **state)
{
    (void)state;
    struct faults faults = parsed("fault { symbol = \"DLR/*\" after = 1 count = 1 }");
    t_str(acted(&faults, MARKET_DATA, AL30, 0, 5), ".....");
    t_str(acted(&faults, MARKET_DATA, "DLR/DIC26", 0, 1), ".");
    t_str(acted(&faults, MARKET_DATA, AL30, 0, 5), ".....");
    t_str(acted(&faults, MARKET_DATA, "DLR/NOV26", 0, 1), "0");
    t_str(acted(&faults, MARKET_DATA, "DLR/NOV26", 0, 5), ".....");
    faults_finish(&faults);
}

static void from_and_until(void **state)
{
    static const struct row {
        const char *text;
        int64_t now_ms;
        bool acts;
    } rows[] = {
        /* clang-format off */
        {"fault { from = 2 }",                1999,                false},
        {"fault { from = 2 }",                2000,                true},
        {"fault { from = 2 }",                INT64_C(1) << 50,    true},
        {"fault { until = 3 }",               0,                   true},
        {"fault { until = 3 }",               2999,                true},
        {"fault { until = 3 }",               3000,                false},
        {"fault { from = 2 until = 3 }",      1999,                false},
        {"fault { from = 2 until = 3 }",      2000,                true},
        {"fault { from = 2 until = 3 }",      2999,                true},
        {"fault { from = 2 until = 3 }",      3000,                false},
        {"fault { from = 3 until = 2 }",      2500,                false},
        {"fault { from = 2 until = 2 }",      2000,                false},
        {"fault { from = 0.5 until = 0.75 }", 499,                 false},
        {"fault { from = 0.5 until = 0.75 }", 500,                 true},
        {"fault { from = 0.5 until = 0.75 }", 749,                 true},
        {"fault { from = 0.5 until = 0.75 }", 750,                 false},
        /* clang-format on */
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        static char name[100];
        snprintf(name, sizeof(name), "%s at %lld", rows[i].text, (long long)rows[i].now_ms);
        t_row(name);
        struct faults faults = parsed(rows[i].text);
        t_str(acted(&faults, MARKET_DATA, AL30, rows[i].now_ms, 1), rows[i].acts ? "0" : ".");
        faults_finish(&faults);
    }
}

static void requests_outside_from_and_until_are_not_counted(void **state)
{
    (void)state;
    struct faults faults = parsed("fault { from = 1 until = 2 after = 2 }");
    t_str(acted(&faults, MARKET_DATA, AL30, 0, 5), ".....");
    t_str(acted(&faults, MARKET_DATA, AL30, 1000, 5), "..000");
    t_str(acted(&faults, MARKET_DATA, AL30, 2000, 5), ".....");
    t_int(faults.list[0].seen, 5);
    t_int(faults.list[0].acted, 3);
    faults_finish(&faults);
}

static void probability(void **state)
{
    static const double probabilities[] = {0.01, 0.1, 0.5, 0.9, 0.99};
    enum { TIMES = 20000 };
    (void)state;
    for (size_t i = 0; i < T_COUNT(probabilities); i++) {
        char text[100];
        struct rng rng = {11};
        int acts = 0;
        snprintf(text, sizeof(text), "fault { probability = %g }", probabilities[i]);
        t_row(text);
        struct faults faults = parsed(text);
        for (int n = 0; n < TIMES; n++)
            acts += find(&faults, MARKET_DATA, AL30, 0, &rng) != NULL;
        t_true(fabs((double)acts / TIMES - probabilities[i]) < 0.01);
        t_int(faults.list[0].acted, acts);
        faults_finish(&faults);
    }
}

static void count_is_the_number_of_faults_applied(void **state)
{
    struct rng rng = {11};
    int acts = 0;
    (void)state;
    struct faults faults = parsed("fault { probability = 0.25 count = 10 }");
    for (int n = 0; n < 1000; n++)
        acts += find(&faults, MARKET_DATA, AL30, 0, &rng) != NULL;
    t_int(acts, 10);
    faults_finish(&faults);
}

static void the_same_seed_chooses_the_same_requests(void **state)
{
    (void)state;
    struct faults a = parsed("fault { probability = 0.3 }"),
                  b = parsed("fault { probability = .3 }");
    struct rng rng_a = {5}, rng_b = {5};
    for (int n = 0; n < 1000; n++)
        t_true(!find(&a, MARKET_DATA, AL30, n, &rng_a) == !find(&b, MARKET_DATA, AL30, n, &rng_b));
    faults_finish(&a);
    faults_finish(&b);
}

static void finishing_twice_is_harmless(void **state)
{
    (void)state;
    struct faults faults = parsed("fault { } fault { body = \"x\" }");
    faults_finish(&faults);
    t_int(faults.count, 0);
    t_true(faults.list == NULL);
    faults_finish(&faults);
}

/* A fault with path "*" must not apply where its kind has no meaning. */
static void kinds_apply_only_in_their_places(void **state)
{
    (void)state;
    static const struct {
        const char *kind;
        unsigned places;
    } rows[] = {
        {"status", FAULT_AT_REQUEST | FAULT_AT_UPGRADE},
        {"reset", FAULT_AT_REQUEST | FAULT_AT_UPGRADE | FAULT_AT_SMD | FAULT_AT_MD},
        {"slow", FAULT_AT_REQUEST},
        {"error", FAULT_AT_REQUEST | FAULT_AT_SMD},
        {"mute", FAULT_AT_SMD | FAULT_AT_MD},
        {"masked", FAULT_AT_MD},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[64];
        struct faults faults;
        struct rng rng = {1};
        t_row(rows[i].kind);
        int len = snprintf(text, sizeof(text), "fault { kind = \"%s\" }", rows[i].kind);
        t_int(faults_parse(text, (size_t)len, "f", &faults, NULL), 0);
        for (unsigned place = 1; place <= FAULT_AT_MD; place *= 2) {
            const char *symbol = "X";
            const struct fault_target target = {(enum fault_place)place, "stream/md", &symbol, 1};
            t_int(faults_find(&faults, &target, 0, &rng) != NULL, (rows[i].places & place) != 0);
        }
        faults_finish(&faults);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_a_name),
        cmocka_unit_test(keys_have_defaults),
        cmocka_unit_test(every_key_is_parsed),
        cmocka_unit_test(an_empty_file_has_no_faults),
        cmocka_unit_test(errors_have_name_line_and_key),
        cmocka_unit_test(truncated_files_are_refused),
        cmocka_unit_test(an_invalid_file_does_not_affect_the_next),
        cmocka_unit_test(nul_bytes_and_large_files_are_refused),
        cmocka_unit_test(the_text_need_not_end_in_nul),
        cmocka_unit_test(files_are_loaded),
        cmocka_unit_test(read_errors_are_reported),
        cmocka_unit_test(globs_are_case_insensitive),
        cmocka_unit_test(after_and_count),
        cmocka_unit_test(requests_that_do_not_match_are_not_counted),
        cmocka_unit_test(from_and_until),
        cmocka_unit_test(requests_outside_from_and_until_are_not_counted),
        cmocka_unit_test(probability),
        cmocka_unit_test(count_is_the_number_of_faults_applied),
        cmocka_unit_test(the_same_seed_chooses_the_same_requests),
        cmocka_unit_test(finishing_twice_is_harmless),
        cmocka_unit_test(kinds_apply_only_in_their_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
