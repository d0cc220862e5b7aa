#include "broker/state_file.h"

#include "support/folder.h"

#include <errno.h>

static struct {
    struct loop *loop;
    int wanted, saved;
    char failed[512];
} owner;

static void on_saved(void *arg, const char *failed)
{
    (void)arg;
    if (failed)
        snprintf(owner.failed, sizeof(owner.failed), "%s", failed);
    if (++owner.saved == owner.wanted)
        loop_stop(owner.loop);
}

static struct state_file file_of(const char *path, const char *text)
{
    struct state_file file = {
        .secret = true, .before = "cannot save it: ", .after = "; be patient"};
    buf_init(&file.path, PATH_MAX);
    buf_init(&file.body, 64);
    buf_puts(&file.path, path);
    buf_puts(&file.body, text);
    return file;
}

static const char *content(struct folder *folder)
{
    static char text[64];
    FILE *file = fopen(folder_file(folder, "token"), "r");
    size_t len = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
    text[len] = '\0';
    if (file)
        fclose(file);
    return text;
}

static struct state_saver *begin(int wanted)
{
    memset(&owner, 0, sizeof(owner));
    owner.loop = loop_create();
    owner.wanted = wanted;
    return state_saver_create(owner.loop, on_saved, NULL);
}

static void the_last_one_that_was_given_stays(void **state)
{
    struct folder *folder = *state;
    struct state_saver *saver = begin(20);
    for (int i = 1; i <= 20; i++) {
        char text[32];
        snprintf(text, sizeof(text), "number %d", i);
        struct state_file file = file_of(folder_file(folder, "token"), text);
        t_int(state_saver_give(saver, &file), 0);
    }
    loop_run(owner.loop);
    t_str(content(folder), "number 20");
    t_int(file_mode(folder_file(folder, "token")), 0600);
    t_str(owner.failed, "");
    state_saver_destroy(saver);
    loop_destroy(owner.loop);
    t_int(unlink(folder_file(folder, "token")), 0);
}

static void it_is_written_before_the_saver_ends(void **state)
{
    struct folder *folder = *state;
    struct state_saver *saver = begin(0);
    struct state_file file = file_of(folder_file(folder, "token"), "at the end");
    t_int(state_saver_give(saver, &file), 0);
    state_saver_destroy(saver);
    state_saver_destroy(NULL);
    t_str(content(folder), "at the end");
    t_int(owner.saved, 0);
    loop_destroy(owner.loop);
    t_int(unlink(folder_file(folder, "token")), 0);
}

static void a_failure_says_why(void **state)
{
    struct folder *folder = *state;
    struct err err = {0};
    struct state_saver *saver = begin(1);
    struct state_file file = file_of(folder_file(folder, "none/token"), "x");
    t_int(state_file_write(&file, &err), -ENOENT);
    t_contains(err.text, "cannot save it: ");
    t_int(state_saver_give(saver, &file), 0);
    loop_run(owner.loop);
    t_str(owner.failed, err.text);
    t_contains(owner.failed, "none/token");
    t_contains(owner.failed, "; be patient");
    state_saver_destroy(saver);
    loop_destroy(owner.loop);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(the_last_one_that_was_given_stays),
        IN_FOLDER(it_is_written_before_the_saver_ends),
        IN_FOLDER(a_failure_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
