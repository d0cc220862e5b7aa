#include "broker/terminal_list.h"

#include "base/clock.h"
#include "support/folder.h"

#include <errno.h>

#define BASE         "https://matriz.broker.example/"
#define FILE_OF_BASE "ref-data-https%3A%2F%2Fmatriz.broker.example%2F.json"

static const char *load(struct folder *folder, const char *base, int64_t *day)
{
    static char body[256];
    struct buf out;
    buf_init(&out, sizeof(body) - 1);
    int rc = terminal_list_load(folder->path, base, &out, day);
    t_true(rc == 0 || rc == -ENOENT);
    snprintf(body, sizeof(body), "%s", rc ? "none" : buf_text(&out));
    buf_finish(&out);
    return body;
}

static int save(const char *state_dir, const char *base, const char *body, struct err *err)
{
    struct state_file file;
    int rc = terminal_list_file(&file, state_dir, base, err);
    if (rc)
        return rc;
    buf_init(&file.body, 100);
    buf_puts(&file.body, body);
    rc = state_file_write(&file, err);
    state_file_finish(&file);
    return rc;
}

static void of_one_terminal_and_day(void **state)
{
    struct folder *folder = *state;
    struct err err = {0};
    int64_t day = 0;
    t_str(load(folder, BASE, &day), "none");
    t_int(save(folder->path, BASE, "{}", &err), 0);
    t_str(load(folder, BASE, &day), "{}");
    t_int(day, art_day(clock_now().wall_ns));
    t_str(load(folder, "https://matriz.other.example/", &day), "none");
    t_int(save(folder->path, BASE, "{\"a\":1}", &err), 0);
    t_str(load(folder, BASE, &day), "{\"a\":1}");
    t_int(file_mode(folder_file(folder, FILE_OF_BASE)), 0600);

    const struct timespec old[2] = {{1000000000, 0}, {1000000000, 0}};
    t_int(utimensat(AT_FDCWD, folder_file(folder, FILE_OF_BASE), old, 0), 0);
    t_str(load(folder, BASE, &day), "{\"a\":1}");
    t_int(day, art_day(INT64_C(1000000000) * NS_PER_S));
    t_int(unlink(folder_file(folder, FILE_OF_BASE)), 0);
}

static void a_folder_that_cannot_be_written(void **state)
{
    struct folder *folder = *state;
    char path[PATH_MAX], long_url[5000];
    struct err err = {0};
    snprintf(path, sizeof(path), "%s/missing", folder->path);
    t_true(save(path, BASE, "{}", &err) < 0);
    t_contains(err.text, "cannot save the terminal's list of instruments: ");
    memset(long_url, 'x', sizeof(long_url) - 1);
    long_url[sizeof(long_url) - 1] = '\0';
    t_int(save(folder->path, long_url, "{}", &err), -ENAMETOOLONG);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(of_one_terminal_and_day),
        IN_FOLDER(a_folder_that_cannot_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
