#include "feed/dialect_memory.h"

#include "base/clock.h"
#include "support/folder.h"

#include <errno.h>

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_drop)

#define NOON INT64_C(1795446000000000000) /* of a day in Argentina */

static const char *load(struct folder *folder, int64_t now_ns)
{
    static char name[DIALECT_NAME_BYTES];
    snprintf(name, sizeof(name), "before");
    int rc = dialect_memory_load(folder->path, now_ns, name);
    t_int(rc, *name ? 0 : -ENOENT);
    return name;
}

static int save(const char *state_dir, const char *name, struct err *err)
{
    struct state_file file;
    dialect_memory_file(&file, state_dir, name, NOON);
    int rc = state_file_write(&file, err);
    state_file_finish(&file);
    return rc;
}

static void put(struct folder *folder, const char *text, size_t len)
{
    file_write(folder_file(folder, "stream"), text, len, 0600);
}

static void drop(struct folder *folder)
{
    t_int(unlink(folder_file(folder, "stream")), 0);
}

static void the_same_day_only(void **state)
{
    struct folder *folder = *state;
    struct err err;
    t_str(load(folder, NOON), "");
    t_int(save(folder->path, "matriz", &err), 0);
    t_str(load(folder, NOON + NS_PER_S), "matriz");
    t_str(load(folder, NOON + NS_PER_DAY), "");
    t_str(load(folder, NOON - NS_PER_DAY), "");
    t_int(save(folder->path, "primary", &err), 0);
    t_str(load(folder, NOON), "primary");
    drop(folder);
}

static void a_damaged_file_is_none(void **state)
{
    struct folder *folder = *state;
    char good[64], text[64];
    int whole =
        snprintf(good, sizeof(good), "cinta stream 1\n%lld\nmatriz\n", (long long)art_day(NOON));
    for (int cut = 0; cut <= whole; cut++) {
        put(folder, good, (size_t)cut);
        t_str(load(folder, NOON), cut == whole ? "matriz" : "");
    }
    static const struct {
        const char *before, *after;
    } rows[] = {
        {"cinta stream 2\n", "\nmatriz\n"},  {"cinta stream 1\n", "\nmatriz\n\n"},
        {"cinta stream 1\n", "\nMATRIZ\n"},  {"cinta stream 1\n", "\nmatriz matriz\n"},
        {"cinta stream 1\n-", "\nmatriz\n"}, {"cinta stream 1\n", "\nabcdefghijklmnopqrst\n"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].after);
        int len = snprintf(text, sizeof(text), "%s%lld%s", rows[i].before, (long long)art_day(NOON),
                           rows[i].after);
        put(folder, text, (size_t)len);
        t_str(load(folder, NOON), "");
    }
    char huge[4096];
    memset(huge, 'x', sizeof(huge));
    t_row("huge");
    put(folder, huge, sizeof(huge));
    t_str(load(folder, NOON), "");
    t_row("with a NUL");
    good[8] = '\0';
    put(folder, good, (size_t)whole);
    t_str(load(folder, NOON), "");
    t_row("others can write it");
    good[8] = 't';
    file_write(folder_file(folder, "stream"), good, (size_t)whole, 0666);
    t_str(load(folder, NOON), "");
    drop(folder);
}

static void a_folder_that_cannot_be_written(void **state)
{
    struct folder *folder = *state;
    char path[PATH_MAX];
    struct err err = {0};
    snprintf(path, sizeof(path), "%s/missing", folder->path);
    t_true(save(path, "matriz", &err) < 0);
    t_contains(err.text, "/missing/stream");
    t_contains(err.text, "the next start");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(the_same_day_only),
        IN_FOLDER(a_damaged_file_is_none),
        IN_FOLDER(a_folder_that_cannot_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
