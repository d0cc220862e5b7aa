#include "config/path_check.h"

#include "files/owner.h"
#include "support/config_text.h"
#include "support/folder.h"

#define NOBODY 65534

struct found {
    int count;
    char last[512];
};

static void on_problem(void *arg, const char *words)
{
    struct found *found = arg;
    found->count++;
    snprintf(found->last, sizeof(found->last), "%s", words);
}

/* A configuration whose files are all in the test's directory. */
static struct config *config_in(const struct folder *folder)
{
    char text[2048], file[PATH_MAX];
    struct config *config = NULL;
    struct err err;
    const char *dir = folder->path;
    int len =
        snprintf(text, sizeof(text),
                 CONFIG_MINIMAL "state_dir = \"%s/state\"\nstore { path = \"%s/data/cinta.db\" }\n"
                                "export { at = \"17:30\" out = \"%s/out\" }\n",
                 dir, dir, dir);
    snprintf(file, sizeof(file), "%s/cinta.conf", dir);
    if (config_parse(text, (size_t)len, file, &config, &err))
        fail_msg("%s", err.text);
    return config;
}

/* Root may do everything, so it checks as another user, to whom the files belong. */
static int check_as_user(const struct config *config, struct found *found)
{
    *found = (struct found){0};
    bool root = geteuid() == 0;
    t_true(!root || seteuid(NOBODY) == 0);
    int problems = path_check(config, on_problem, found);
    t_true(!root || seteuid(0) == 0);
    t_int(problems, found->count);
    return problems;
}

static void give(const char *path, mode_t mode)
{
    t_int(chmod(path, mode), 0);
    if (geteuid() == 0)
        t_int(chown(path, NOBODY, NOBODY), 0);
}

static void make_all(struct folder *folder)
{
    static const char *const files[] = {"cinta.conf", "data/cinta.db", "data/cinta.db-wal",
                                        "data/cinta.db-shm"};
    static const char *const folders[] = {"state", "data", "out"};
    t_int(chmod(folder->path, 0755), 0);
    for (size_t i = 0; i < T_COUNT(folders); i++) {
        t_int(mkdir(folder_file(folder, folders[i]), 0700), 0);
        give(folder->file, 0700);
    }
    for (size_t i = 0; i < T_COUNT(files); i++) {
        file_write(folder_file(folder, files[i]), "", 0, 0600);
        give(folder->file, 0600);
    }
}

static void remove_all(struct folder *folder)
{
    static const char *const names[] = {
        "cinta.conf", "data/cinta.db", "data/cinta.db-wal", "data/cinta.db-shm", "state", "data",
        "out"};
    for (size_t i = 0; i < T_COUNT(names); i++)
        remove(folder_file(folder, names[i]));
}

static void each_problem_is_named(void **state)
{
    static const struct {
        const char *name, *path; /* NULL = none */
        mode_t mode;
        const char *words; /* before the user; NULL = no problem */
        const char *cannot;
    } rows[] = {
        {"none", NULL, 0, NULL, NULL},
        {"the configuration", "cinta.conf", 0200, "the configuration: user '", "cannot read '"},
        {"state_dir", "state", 0500, "state_dir: user '", "cannot write '"},
        {"the folder of the database", "data", 0500, "store.path: user '", "cannot write '"},
        {"the database", "data/cinta.db", 0400, "store.path: user '", "cannot write '"},
        {"its -wal", "data/cinta.db-wal", 0400, "store.path: user '", "cannot write '"},
        {"its -shm", "data/cinta.db-shm", 0400, "store.path: user '", "cannot write '"},
        {"the export's folder", "out", 0500, "export.out: user '", "cannot write '"},
        {"the export's folder cannot be entered", "out", 0600, "export.out: user '",
         "cannot write '"},
    };
    struct folder *folder = *state;
    struct config *config = config_in(folder);
    char user[OWNER_NAME], expected[2 * PATH_MAX + 300];
    owner_name(user, geteuid() == 0 ? NOBODY : geteuid());
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct found found;
        t_row(rows[i].name);
        make_all(folder);
        if (rows[i].path)
            t_int(chmod(folder_file(folder, rows[i].path), rows[i].mode), 0);
        t_int(check_as_user(config, &found), rows[i].words ? 1 : 0);
        if (rows[i].words) {
            snprintf(expected, sizeof(expected),
                     "%s%s' %s%s': '%s' belongs to user '%s' (mode %04o)", rows[i].words, user,
                     rows[i].cannot, folder->file, folder->file, user, (unsigned)rows[i].mode);
            t_str(found.last, expected);
            t_int(chmod(folder->file, 0700), 0);
        }
        remove_all(folder);
    }
    config_free(config);
}

static void a_certificate_that_cannot_be_read(void **state)
{
    struct folder *folder = *state;
    struct config *config = config_in(folder);
    struct found found;
    make_all(folder);
    char *none = config->broker.ca_file;
    file_write(folder_file(folder, "ca.pem"), "", 0, 0);
    config->broker.ca_file = folder->file;
    t_int(check_as_user(config, &found), 1);
    t_contains(found.last, "broker.ca_file: user '");
    config->broker.ca_file = none;
    unlink(folder->file);
    remove_all(folder);
    config_free(config);
}

static void folders_that_do_not_exist(void **state)
{
    struct folder *folder = *state;
    struct config *config = config_in(folder);
    struct found found;
    make_all(folder);
    give(folder->path, 0755);
    t_row("state_dir and the export's folder are created");
    rmdir(folder_file(folder, "state"));
    rmdir(folder_file(folder, "out"));
    t_int(check_as_user(config, &found), 0);
    t_row("the folder of the database is not");
    remove_all(folder);
    t_int(check_as_user(config, &found), 1);
    t_contains(found.last, "store.path: the folder '");
    t_contains(found.last, "/data' does not exist: mkdir -p ");
    config_free(config);
}

static void a_program_that_cannot_be_executed(void **state)
{
    struct folder *folder = *state;
    struct config *config = config_in(folder);
    static const struct {
        const char *name;
        mode_t mode; /* 0: it does not exist */
        const char *words;
    } rows[] = {
        {"tell", 0755, NULL},
        {"tell", 0644, "cannot execute '"},
        {"tell", 0, "tell': No such file or directory: correct the path"},
        {"tell --now", 0, "without arguments: write a script"},
        {"", 0, "is not a file"},
    };
    char *none = config->alert.command, path[PATH_MAX];
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct found found;
        t_row(rows[i].name);
        make_all(folder);
        snprintf(path, sizeof(path), "%s", folder_file(folder, rows[i].name));
        config->alert.command = path;
        if (rows[i].mode) {
            file_write(path, "#!/bin/sh\n", 10, 0700);
            give(path, rows[i].mode);
        }
        t_int(check_as_user(config, &found), rows[i].words ? 1 : 0);
        if (rows[i].words)
            t_contains(found.last, rows[i].words);
        t_true(!rows[i].words || strncmp(found.last, "alert.command: ", 15) == 0);
        if (rows[i].mode)
            unlink(path);
        remove_all(folder);
    }
    config->alert.command = none;
    config_free(config);
}

/* The other files probably belong to that user too: one problem is enough. */
static void a_state_dir_of_another_user(void **state)
{
    struct folder *folder = *state;
    struct config *config = config_in(folder);
    struct found found;
    if (geteuid() != 0)
        skip();
    make_all(folder);
    t_int(chown(folder_file(folder, "state"), 65533, 65533), 0);
    t_int(chmod(folder_file(folder, "data"), 0500), 0);
    t_int(check_as_user(config, &found), 1);
    t_contains(found.last, "state_dir '");
    t_contains(found.last, "belongs to user '65533'");
    remove_all(folder);
    config_free(config);
}

/* It is this user's own, so the other files are checked too. */
static void a_state_dir_in_which_others_may_write(void **state)
{
    struct folder *folder = *state;
    struct config *config = config_in(folder);
    struct found found;
    make_all(folder);
    t_int(chmod(folder_file(folder, "state"), 0777), 0);
    t_int(chmod(folder_file(folder, "data"), 0500), 0);
    t_int(check_as_user(config, &found), 2);
    t_contains(found.last, "store.path: user '");
    t_int(chmod(folder->file, 0700), 0);
    remove_all(folder);
    config_free(config);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(each_problem_is_named),
        IN_FOLDER(a_certificate_that_cannot_be_read),
        IN_FOLDER(a_program_that_cannot_be_executed),
        IN_FOLDER(folders_that_do_not_exist),
        IN_FOLDER(a_state_dir_of_another_user),
        IN_FOLDER(a_state_dir_in_which_others_may_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
