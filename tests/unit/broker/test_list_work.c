#include "broker/list_work.h"

#include "base/clock.h"
#include "broker/list_cache.h"
#include "support/config_text.h"
#include "support/folder.h"

#define FILE_OF_URL "instruments-https%3A%2F%2Fapi.broker.example%2F.json"
#define ITEM(s)     "{\"marketId\":\"ROFX\",\"symbol\":\"" s "\"}"
#define LIST(items) "{\"status\":\"OK\",\"instruments\":[" items "]}"
#define DIC         ITEM("DLR/DIC26")
#define ENE         ITEM("DLR/ENE27")

static char *const both[] = {(char *)"DLR/DIC26", (char *)"DLR/ENE27"};

static struct config *config_in(const struct folder *folder, const char *symbols)
{
    char text[512];
    snprintf(text, sizeof(text),
             "broker { url = \"https://api.broker.example/\" user = \"u\" }\nstate_dir = \"%s\"\n"
             "instruments { symbols = {%s} match = {\"DLR/*\"} }\n",
             folder->path, symbols);
    return config_good(text);
}

static struct instrument_list *known_list(const char *symbol)
{
    struct instrument_list *list = instrument_list_create();
    struct instrument one = instrument_unknown;
    one.market_id = "ROFX";
    one.symbol = symbol;
    one.listed = true;
    t_int(instrument_list_put(list, &one), 0);
    return list;
}

static void put_copy(const struct config *config, const char *body)
{
    t_int(list_cache_save(config, body, strlen(body), NULL), 0);
}

static void drop_copy(struct folder *folder)
{
    t_int(unlink(folder_file(folder, FILE_OF_URL)), 0);
}

static struct list_work *task(const struct config *config)
{
    struct list_work *work = calloc(1, sizeof(*work));
    work->config = config;
    work->today = art_day(clock_now().wall_ns);
    return work;
}

static const char *selected(const struct list_work *work)
{
    static char text[256];
    text[0] = '\0';
    for (size_t i = 0; i < work->selection.symbols.count; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? "," : "",
                 work->selection.symbols.item[i]);
    return text;
}

/* Which of the sources is used. */
static void sources(void **state)
{
    struct folder *folder = *state;
    static const struct {
        const char *name, *copy;
        bool known, again, today_only, named;
        int age_days;
        enum list_source source;
        const char *selected;
    } rows[] = {
        {"nothing", NULL, false, false, false, false, 0, LIST_NONE, ""},
        {"names only", NULL, false, false, false, true, 0, LIST_NAMED, "GGAL"},
        {"known before names", NULL, true, false, false, true, 0, LIST_KNOWN, "DLR/FEB27,GGAL"},
        {"the copy first", LIST(DIC), true, false, false, true, 0, LIST_COPY, "DLR/DIC26,GGAL"},
        {"an old copy", LIST(DIC), true, false, false, true, 3, LIST_COPY, "DLR/DIC26,GGAL"},
        {"known are newer", LIST(DIC), true, true, false, true, 3, LIST_KNOWN, "DLR/FEB27,GGAL"},
        {"nothing newer", LIST(DIC), false, true, false, false, 3, LIST_COPY, "DLR/DIC26,GGAL"},
        {"not an old copy", LIST(DIC), false, true, true, true, 3, LIST_NAMED, "GGAL"},
        {"a damaged copy", "{\"status\":", true, false, false, false, 0, LIST_KNOWN,
         "DLR/FEB27,GGAL"},
        {"an empty copy", LIST(""), true, false, false, false, 0, LIST_KNOWN, "DLR/FEB27,GGAL"},
    };
    struct config *config = config_in(folder, "\"GGAL\"");
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        struct list_work *work = task(config);
        if (rows[i].copy)
            put_copy(config, rows[i].copy);
        work->known = rows[i].known ? known_list("DLR/FEB27") : NULL;
        work->known_usable = rows[i].known;
        work->again = rows[i].again;
        work->today_only = rows[i].today_only;
        work->named = rows[i].named;
        work->today += rows[i].age_days;
        list_work_run(work);
        t_int(work->source, rows[i].source);
        t_str(selected(work), rows[i].selected);
        t_int(work->selection.list == NULL, 1);
        list_work_dispose(work);
        if (rows[i].copy)
            drop_copy(folder);
    }
    config_free(config);
}

/* The clock of the file system may differ. */
static void the_day_of_a_saved_copy(void **state)
{
    struct folder *folder = *state;
    struct config *config = config_in(folder, "");
    struct list_work *work = task(config);
    put_copy(config, LIST(DIC));
    work->today += 100;
    work->saved_day = work->today;
    work->today_only = true;
    list_work_run(work);
    t_int(work->source, LIST_COPY);
    t_int(work->day, work->today);
    list_work_dispose(work);
    drop_copy(folder);
    config_free(config);
}

/* What is found in comparison with the selection before. */
static void answers(void **state)
{
    struct folder *folder = *state;
    static const struct {
        const char *name, *body;
        bool first, doubted;
        enum reply_class class;
        bool differs, cut, kept;
        size_t gone, unfound;
        const char *selected;
    } rows[] = {
        {"the first", LIST(DIC "," ENE), true, false, REPLY_OK, true, false, false, 0, 0,
         "DLR/DIC26,DLR/ENE27"},
        {"the same", LIST(DIC "," ENE), false, false, REPLY_OK, false, false, false, 0, 0,
         "DLR/DIC26,DLR/ENE27"},
        {"one is missing", LIST(DIC), false, false, REPLY_OK, false, true, true, 1, 0,
         "DLR/DIC26,DLR/ENE27"},
        {"still missing", LIST(DIC), false, true, REPLY_OK, true, true, false, 1, 0, "DLR/DIC26"},
        {"others", LIST(ITEM("X")), true, false, REPLY_OK, true, false, false, 0, 1, ""},
        {"empty", LIST(""), false, false, REPLY_MALFORMED, false, false, false, 0, 0, ""},
        {"a page", "<html>Maintenance", false, false, REPLY_PAGE, false, false, false, 0, 0, ""},
        {"an error", "{\"status\":\"ERROR\",\"description\":\"Invalid URL\"}", false, false,
         REPLY_BAD_PATH, false, false, false, 0, 0, ""},
    };
    struct config *config = config_in(folder, "");
    const struct config_strings told = {.item = (char **)both, .count = 2};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        struct list_work *work = task(config);
        buf_init(&work->body, 1024);
        buf_puts(&work->body, rows[i].body);
        work->received = true;
        work->doubted = rows[i].doubted;
        work->told = rows[i].first ? NULL : &told;
        list_work_run(work);
        t_str(reply_class_name(work->class), reply_class_name(rows[i].class));
        t_int(work->source, rows[i].class == REPLY_OK ? LIST_RECEIVED : LIST_NONE);
        t_int(work->differs, rows[i].differs);
        t_int(work->cut, rows[i].cut);
        t_int(work->kept, rows[i].kept);
        t_int(work->gone, rows[i].gone);
        t_int(work->unfound.count, rows[i].unfound);
        t_str(selected(work), rows[i].selected);
        list_work_dispose(work);
    }
    config_free(config);
}

static void what_has_matured(void **state)
{
    struct folder *folder = *state;
    struct config *config = config_in(folder, "");
    const struct config_strings told = {.item = (char **)both, .count = 2};
    struct list_work *work = task(config);
    put_copy(config, LIST(DIC "," ENE));
    work->told = &told;
    work->today = 20820; /* 2027-01-02 */
    list_work_run(work);
    t_str(selected(work), "DLR/ENE27");
    t_int(work->matured.count, 1);
    t_str(work->matured.item[0].symbol, "DLR/DIC26");
    t_contains(work->matured.item[0].words, "matured on 2026-12-31");
    list_work_dispose(work);
    drop_copy(folder);
    config_free(config);
}

static void saving(void **state)
{
    struct folder *folder = *state;
    struct config *config = config_in(folder, "");
    for (int good = 0; good <= 1; good++) {
        struct list_work *work = task(config);
        struct config elsewhere = *config;
        elsewhere.state_dir = (char *)"/nowhere/at/all";
        work->config = good ? config : &elsewhere;
        work->save = true;
        buf_init(&work->body, 100);
        buf_puts(&work->body, LIST(DIC));
        list_work_run(work);
        t_int(work->why.code == 0, good);
        if (!good)
            t_contains(work->why.text, "cannot save the instrument list: ");
        list_work_dispose(work);
    }
    drop_copy(folder);
    config_free(config);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(sources), IN_FOLDER(the_day_of_a_saved_copy),
        IN_FOLDER(answers), IN_FOLDER(what_has_matured),
        IN_FOLDER(saving),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
