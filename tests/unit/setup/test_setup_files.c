#include "setup/setup_files.h"

#include "config/conf_sample.h"
#include "support/config_text.h"
#include "support/folder.h"

/* A setup in `made` below the test's directory, with database and state in subdirectories. */
struct
try {
    struct setup setup;
    struct buf conf;
    struct secret password;
};

static void begin(struct try *c, struct folder *folder)
{
    *c = (struct try){0};
    snprintf(c->setup.dir, PATH_MAX, "%s/made", folder->path);
    snprintf(c->setup.db, PATH_MAX, "%s/made/data/sub/cinta.db", folder->path);
    snprintf(c->setup.state_dir, PATH_MAX, "%s/made/state", folder->path);
    buf_init(&c->conf, 4096);
    buf_puts(&c->conf, CONFIG_MINIMAL);
    t_int(secret_set(&c->password, "hunter 2", 8), 0);
}

static int end(struct try *c, int rc)
{
    secret_wipe(&c->password);
    buf_finish(&c->conf);
    return rc;
}

static void expect_file(struct folder *folder, const char *name, const char *text, mode_t mode)
{
    char found[4096];
    const char *path = folder_file(folder, name);
    t_row(name);
    t_int(file_read(path, found, sizeof(found)), strlen(text));
    t_str(found, text);
    t_int(file_mode(path), mode);
}

static void remove_all(struct folder *folder)
{
    static const char *const files[] = {"made/cinta.conf", "made/password"};
    static const char *const folders[] = {"made/data/sub", "made/data", "made/state", "made"};
    for (size_t i = 0; i < T_COUNT(files); i++)
        t_int(unlink(folder_file(folder, files[i])), 0);
    for (size_t i = 0; i < T_COUNT(folders); i++) /* fails if anything else is left */
        t_int(rmdir(folder_file(folder, folders[i])), 0);
}

static void both_files_and_their_directories(void **state)
{
    struct folder *folder = *state;
    struct try c;
    begin(&c, folder);
    t_int(setup_files_look(&c.setup, false, NULL), 0);
    t_int(setup_files_room(&c.setup, NULL), 0);
    t_int(end(&c, setup_files_write(&c.setup, &c.conf, &c.password, false, NULL)), 0);
    expect_file(folder, "made/cinta.conf", CONFIG_MINIMAL, 0644);
    expect_file(folder, "made/password", "hunter 2\n", 0600);
    mode_t mode = geteuid() == 0 ? 0750 : 0700; /* the group of a service may read */
    t_int(file_mode(folder_file(folder, "made/data/sub")), mode);
    t_int(file_mode(folder_file(folder, "made/state")), mode);
    remove_all(folder);
}

static void a_configuration_that_cannot_be_loaded(void **state)
{
    struct folder *folder = *state;
    struct try c;
    struct err err = {0};
    begin(&c, folder);
    buf_puts(&c.conf, "poll { rate = 0 }\n");
    t_int(end(&c, setup_files_write(&c.setup, &c.conf, &c.password, false, &err)), -EINVAL);
    t_contains(err.text, "poll.rate");
    t_int(access(c.setup.dir, F_OK), -1); /* nothing is left */
}

/* cinta.conf cannot be placed: the password file, placed before, is removed or restored. */
static void both_files_or_none(void **state)
{
    struct folder *folder = *state;
    for (int replace = 0; replace < 2; replace++) {
        struct try c;
        struct err err = {0};
        begin(&c, folder);
        t_int(mkdir(folder_file(folder, "made"), 0700), 0);
        t_int(mkdir(folder_file(folder, "made/cinta.conf"), 0700), 0);
        if (replace)
            file_write(folder_file(folder, "made/password"), "mine\n", 5, 0640);
        t_int(setup_files_look(&c.setup, replace, NULL), -EEXIST);
        t_true(end(&c, setup_files_write(&c.setup, &c.conf, &c.password, replace, &err)) < 0);
        t_contains(err.text, "made/cinta.conf");
        if (replace)
            expect_file(folder, "made/password", "mine\n", 0640);
        t_int(unlink(folder_file(folder, "made/password")), replace ? 0 : -1);
        t_int(rmdir(folder_file(folder, "made/cinta.conf")), 0);
        t_int(rmdir(folder_file(folder, "made")), 0);
    }
}

static void replaced_only_with_replace(void **state)
{
    struct folder *folder = *state;
    struct try c;
    begin(&c, folder);
    t_int(setup_files_write(&c.setup, &c.conf, &c.password, false, NULL), 0);
    file_write(folder_file(folder, "made/cinta.conf"), "mine\n", 5, 0640);
    t_int(setup_files_look(&c.setup, false, NULL), -EEXIST);
    t_int(setup_files_write(&c.setup, &c.conf, &c.password, false, NULL), -EEXIST);
    expect_file(folder, "made/cinta.conf", "mine\n", 0640);
    t_int(setup_files_look(&c.setup, true, NULL), 0);
    t_int(end(&c, setup_files_write(&c.setup, &c.conf, &c.password, true, NULL)), 0);
    expect_file(folder, "made/cinta.conf", CONFIG_MINIMAL, 0640);
    remove_all(folder);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_drop)

/* The package's unmodified sample may be replaced; with one added line it may not. */
static void the_packages_sample_is_replaced(void **state)
{
    struct folder *folder = *state;
    struct try c;
    begin(&c, folder);
    char longer[16384];
    snprintf(longer, sizeof(longer), "%s# mine\n", conf_sample);
    t_int(mkdir(folder_file(folder, "made"), 0755), 0);
    file_write(folder_file(folder, "made/cinta.conf"), longer, strlen(longer), 0644);
    t_int(setup_files_look(&c.setup, false, NULL), -EEXIST);
    t_int(setup_files_write(&c.setup, &c.conf, &c.password, false, NULL), -EEXIST);
    file_write(folder_file(folder, "made/cinta.conf"), conf_sample, strlen(conf_sample), 0644);
    t_int(setup_files_look(&c.setup, false, NULL), 0);
    t_int(end(&c, setup_files_write(&c.setup, &c.conf, &c.password, false, NULL)), 0);
    expect_file(folder, "made/cinta.conf", CONFIG_MINIMAL, 0644);
    remove_all(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(both_files_and_their_directories),
        IN_FOLDER(a_configuration_that_cannot_be_loaded),
        IN_FOLDER(both_files_or_none),
        IN_FOLDER(replaced_only_with_replace),
        IN_FOLDER(the_packages_sample_is_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
