#include "broker/reference_work.h"

#include "base/clock.h"
#include "broker/list_cache.h"
#include "support/folder.h"

#define FILE_OF_URL "instruments-https%3A%2F%2Fapi.broker.example%2F.json"
#define LIST(items) "{\"status\":\"OK\",\"instruments\":[" items "]}"
#define FLAT(s)     "{\"marketId\":\"ROFX\",\"symbol\":\"" s "\"}"
#define NESTED(s)                                                                                  \
    "{\"symbol\":null,\"instrumentId\":{\"marketId\":\"ROFX\",\"symbol\":\"" s                     \
    "\"},\"cficode\":\"FXXXSX\",\"minPriceIncrement\":0.5,\"securityType\":null}"
#define TS (INT64_C(1764000000) * NS_PER_S)

static atomic_bool running; /* false */

static struct instrument_list *known_list(const char *const *symbols, size_t count)
{
    struct instrument_list *list = instrument_list_create();
    for (size_t i = 0; i < count; i++) {
        struct instrument one = instrument_unknown;
        one.market_id = "ROFX";
        one.symbol = symbols[i];
        one.multiplier = 1000;
        one.listed = true;
        one.ts_listed = TS - NS_PER_DAY;
        t_int(instrument_list_put(list, &one), 0);
    }
    return list;
}

static struct reference_work *task(enum reference_source source, const char *body)
{
    struct reference_work *work = calloc(1, sizeof(*work));
    work->source = source;
    work->stop = &running;
    buf_init(&work->body, 4096);
    if (body)
        buf_puts(&work->body, body);
    return work;
}

static void begin_merge(struct reference_work *work, struct instrument_list *known)
{
    t_int(instrument_merge_begin(&work->merge, known, TS), 0);
}

static void lists(void **state)
{
    (void)state;
    static const char *const known[] = {"A", "B", "C"};
    static const struct {
        const char *name, *body;
        bool doubted, partial;
        enum reply_class class;
        bool merged, cut, whole;
        size_t items, missing;
        int unreadable;
    } rows[] = {
        {"all of them", LIST(NESTED("A") "," NESTED("B") "," FLAT("C")), false, false, REPLY_OK,
         true, false, true, 3, 0, 0},
        {"two are missing", LIST(NESTED("A")), false, false, REPLY_OK, true, true, false, 1, 2, 0},
        {"still missing", LIST(NESTED("A")), true, false, REPLY_OK, true, true, true, 1, 2, 0},
        {"a part", LIST(NESTED("A")), false, true, REPLY_OK, true, false, false, 1, 0, 0},
        {"unreadable items", LIST("{},7," FLAT("A") "," FLAT("B") "," FLAT("C")), false, false,
         REPLY_OK, true, false, true, 3, 0, 2},
        {"empty", LIST(""), false, false, REPLY_OK, false, false, false, 0, 0, 0},
        {"cut off", "{\"status\":\"OK\",\"instruments\":[" FLAT("A") ",{\"sym", false, false,
         REPLY_MALFORMED, false, false, false, 1, 0, 0},
        {"an error at the end", "{\"instruments\":[" FLAT("A") "],\"status\":\"ERROR\"}", false,
         false, REPLY_OTHER, false, false, false, 1, 0, 0},
        {"a page", "<html>", false, false, REPLY_MALFORMED, false, false, false, 0, 0, 0},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct instrument_list *before = known_list(known, 3);
        struct reference_work *work = task(REFERENCE_BODY, rows[i].body);
        t_row(rows[i].name);
        begin_merge(work, before);
        work->doubted = rows[i].doubted;
        work->partial = rows[i].partial;
        reference_work_run(work);
        t_str(reply_class_name(work->class), reply_class_name(rows[i].class));
        t_int(work->merged, rows[i].merged);
        t_int(work->cut, rows[i].cut);
        t_int(work->whole, rows[i].whole);
        t_int(work->items, rows[i].items);
        t_int(work->missing, rows[i].missing);
        t_int(work->unreadable, rows[i].unreadable);
        if (work->class != REPLY_OK)
            t_true(*work->why.text);
        if (work->merged) {
            t_int(instrument_list_count(work->merge.after), 3);
            t_double(instrument_list_find(work->merge.after, "ROFX", "A")->multiplier, 1000);
            t_int(instrument_list_find(work->merge.after, "ROFX", "B")->listed,
                  !rows[i].whole || rows[i].missing == 0);
        }
        reference_work_dispose(work);
        instrument_list_release(before);
    }
}

/* Lists by segment and by CFI code, read into one list, and then merged. */
static void of_several_lists(void **state)
{
    (void)state;
    struct instrument_list *read = instrument_list_create();
    static const struct {
        const char *body, *segment, *code;
    } parts[] = {{LIST(FLAT("A") "," FLAT("B")), "DDF", NULL},
                 {LIST(""), "TEST", NULL},
                 {LIST(FLAT("B") "," FLAT("D")), NULL, "FXXXSX"}};
    for (size_t i = 0; i < T_COUNT(parts); i++) {
        struct reference_work *work = task(REFERENCE_BODY, parts[i].body);
        work->segment.id = parts[i].segment;
        work->cfi_code = parts[i].code;
        work->into = read;
        reference_work_run(work);
        t_int(work->class, REPLY_OK);
        t_true(!work->merged);
        read = work->into;
        work->into = NULL;
        reference_work_dispose(work);
    }
    t_int(instrument_list_count(read), 3);

    static const char *const known[] = {"C"};
    struct instrument_list *before = known_list(known, 1);
    struct reference_work *work = task(REFERENCE_READ, NULL);
    begin_merge(work, before);
    work->read = read;
    work->partial = true;
    reference_work_run(work);
    t_true(work->merged);
    const struct instrument *b = instrument_list_find(work->merge.after, "ROFX", "B");
    t_str(b->segment, "DDF");
    t_str(b->cfi_code, "FXXXSX");
    t_true(b->listed && instrument_list_find(work->merge.after, "ROFX", "C")->listed);
    t_int(instrument_list_count(work->merge.after), 4);
    reference_work_dispose(work);
    instrument_list_release(before);
}

static void copies(void **state)
{
    struct folder *folder = *state;
    const struct config config = {.state_dir = folder->path,
                                  .broker = {.url = (char *)"https://api.broker.example/"}};
    static const char body[] = LIST(NESTED("A"));
    int64_t today = art_day(clock_now().wall_ns);
    static const struct {
        const char *name;
        bool there;
        int64_t ago; /* of the wanted day; -1 = any day */
        bool merged;
    } rows[] = {{"there is none", false, -1, false},
                {"of any day", true, -1, true},
                {"of today", true, 0, true},
                {"of another day", true, 1, false}};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct reference_work *work = task(REFERENCE_COPY, NULL);
        t_row(rows[i].name);
        if (rows[i].there)
            t_int(list_cache_save(&config, body, strlen(body), NULL), 0);
        work->config = &config;
        work->day = rows[i].ago < 0 ? 0 : today - rows[i].ago;
        begin_merge(work, NULL);
        reference_work_run(work);
        t_int(work->merged, rows[i].merged);
        t_int(work->class == REPLY_OK, rows[i].merged);
        reference_work_dispose(work);
    }
    t_int(unlink(folder_file(folder, FILE_OF_URL)), 0);
}

static void stopped(void **state)
{
    (void)state;
    atomic_bool stop;
    struct buf body;
    struct reference_work *work = task(REFERENCE_BODY, NULL);
    atomic_init(&stop, true);
    buf_init(&body, 1 << 20);
    buf_puts(&body, LIST(FLAT("A")));
    buf_finish(&work->body);
    work->body = body;
    work->stop = &stop;
    begin_merge(work, NULL);
    reference_work_run(work);
    t_int(work->items, 0);
    t_true(!work->merged);
    reference_work_dispose(work);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists),
        cmocka_unit_test(of_several_lists),
        IN_FOLDER(copies),
        cmocka_unit_test(stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
