#include "broker/list_selector.h"

#include "support/config_text.h"
#include "support/folder.h"

#include <errno.h>

#define FILE_OF_URL "instruments-https%3A%2F%2Fapi.broker.example%2F.json"
#define ITEM(s)     "{\"marketId\":\"ROFX\",\"symbol\":\"" s "\"}"
#define LIST(items) "{\"status\":\"OK\",\"instruments\":[" items "]}"

static struct {
    struct loop *loop;
    struct list_selector *selector;
    int wanted, results;
    char told[256]; /* of each result: where it comes from, and what is recorded then */
} owner;

static void note_result(const struct list_work *work)
{
    static const char *const sources[] = {"none", "received", "copy", "known", "named"};
    size_t len = strlen(owner.told);
    const struct config_strings *selected = list_selector_selected(owner.selector);
    len += (size_t)snprintf(owner.told + len, sizeof(owner.told) - len, "%s%s ", len ? ";" : "",
                            work->save ? "saved" : sources[work->source]);
    for (size_t i = 0; selected && i < selected->count; i++)
        len += (size_t)snprintf(owner.told + len, sizeof(owner.told) - len, "%s%s", i ? "," : "",
                                selected->item[i]);
}

static void on_result(void *arg, struct list_work *work)
{
    (void)arg;
    if (work->differs)
        list_selector_accept(owner.selector, work);
    if (work->received) {
        t_int(list_selector_save(owner.selector, &work->body), 0);
        t_int(list_selector_select(owner.selector, true), 0);
    }
    note_result(work);
    if (++owner.results == owner.wanted)
        loop_stop(owner.loop);
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

static struct config *begin(const struct folder *folder, int wanted)
{
    char text[512];
    snprintf(text, sizeof(text),
             "broker { url = \"https://api.broker.example/\" user = \"u\" }\nstate_dir = \"%s\"\n"
             "instruments { match = {\"DLR/*\"} }\n",
             folder->path);
    struct config *config = config_good(text);
    memset(&owner, 0, sizeof(owner));
    owner.loop = loop_create();
    owner.wanted = wanted;
    owner.selector = list_selector_create(
        &(struct list_selector_parts){.loop = owner.loop, .config = config, .fn = on_result});
    t_true(list_selector_selected(owner.selector) == NULL);
    t_true(!list_selector_knows(owner.selector));
    return config;
}

static void end(struct config *config)
{
    list_selector_destroy(owner.selector);
    list_selector_destroy(NULL);
    loop_destroy(owner.loop);
    config_free(config);
}

static void receive(const char *list)
{
    struct buf body;
    buf_init(&body, 1024);
    buf_puts(&body, list);
    t_int(list_selector_received(owner.selector, &body, false), 0);
    t_int(body.len_bytes, 0);
    buf_finish(&body);
}

/* The answer waits for its turn, and the copy is saved before it is read. */
static void one_after_the_other(void **state)
{
    struct folder *folder = *state;
    struct config *config = begin(folder, 4);
    t_int(list_selector_select(owner.selector, false), 0);
    receive(LIST(ITEM("DLR/DIC26")));
    t_int(list_selector_select(owner.selector, true), 0); /* the answer is newer */
    t_int(owner.results, 0);
    loop_run(owner.loop);
    t_str(owner.told, "none ;received DLR/DIC26;saved DLR/DIC26;copy DLR/DIC26");
    end(config);
    t_int(unlink(folder_file(folder, FILE_OF_URL)), 0);
}

static void of_what_is_known(void **state)
{
    struct folder *folder = *state;
    struct config *config = begin(folder, 1);
    struct instrument_list *known = known_list("DLR/FEB27");
    list_selector_known(owner.selector, known);
    instrument_list_release(known);
    t_int(list_selector_select(owner.selector, true), 0);
    loop_run(owner.loop);
    t_str(owner.told, "known DLR/FEB27");
    end(config);
}

static void destroyed_while_it_works(void **state)
{
    struct folder *folder = *state;
    struct config *config = begin(folder, 0);
    receive(LIST(ITEM("DLR/DIC26")));
    receive(LIST(ITEM("DLR/DIC26")));
    end(config);
    t_int(owner.results, 0);
    t_int(unlink(folder_file(folder, FILE_OF_URL)), -1); /* what was not used is not saved */
    t_int(errno, ENOENT);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(one_after_the_other),
        IN_FOLDER(of_what_is_known),
        IN_FOLDER(destroyed_while_it_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
