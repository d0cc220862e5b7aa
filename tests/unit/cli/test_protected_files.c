#include "cli/protected_files.h"

#include "support/config_text.h"
#include "support/folder.h"

#include <errno.h>

static struct config *config_in(const struct folder *folder)
{
    char text[2048];
    struct config *config = NULL;
    struct err err;
    const char *dir = folder->path;
    int len = snprintf(text, sizeof(text),
                       "broker { url = \"https://api.broker.example/\"\nuser = alice\n"
                       "password_file = \"%s/password\"\nca_file = \"%s/ca.pem\" }\n"
                       "instruments { symbols = {A} }\n"
                       "state_dir = \"%s/state\"\nstore { path = \"%s/cinta.db\" }\n",
                       dir, dir, dir, dir);
    if (config_parse(text, (size_t)len, "f.conf", &config, &err))
        fail_msg("%s", err.text);
    return config;
}

static void each_is_refused_by_its_role(void **state)
{
    static const struct {
        const char *path, *role; /* NULL: not protected */
    } rows[] = {
        {"cinta.conf", "is the configuration '"},
        {"cinta.db", "is the database '"},
        {"cinta.db-wal", "is the -wal file of the database '"},
        {"cinta.db-shm", "is the -shm file of the database '"},
        {"cinta.db-journal", "is the -journal file of the database '"},
        {"password", "is the password file '"},
        {"ca.pem", "is the CA file '"},
        {"state/token", "is a file of the service, '"},
        {"state/cinta.lock", "is a file of the service, '"},
        {"state/status.sock", "is a file of the service, '"},
        {"other", NULL},
        {"state/other", NULL},
        {"cinta.db.csv", NULL},
    };
    struct folder *folder = *state;
    struct config *config = config_in(folder);
    char conf[PATH_MAX], link[PATH_MAX];
    snprintf(conf, sizeof(conf), "%s", folder_file(folder, "cinta.conf"));
    snprintf(link, sizeof(link), "%s", folder_file(folder, "link"));
    t_int(mkdir(folder_file(folder, "state"), 0700), 0);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct err err = {0};
        t_row(rows[i].path);
        const char *path = folder_file(folder, rows[i].path);
        int expected = rows[i].role ? -EPERM : 0;
        t_int(protected_files_check(path, conf, config, &err), expected);
        t_contains(err.text, rows[i].role ? rows[i].role : "");
        file_write(path, "x", 1, 0600); /* under another name too, if it exists */
        t_int(symlink(path, link), 0);
        t_int(protected_files_check(link, conf, config, NULL), expected);
        unlink(link);
        t_int(protected_files_check(path, conf, NULL, NULL), i == 0 ? -EPERM : 0);
        unlink(path);
    }
    rmdir(folder_file(folder, "state"));
    config_free(config);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(each_is_refused_by_its_role),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
