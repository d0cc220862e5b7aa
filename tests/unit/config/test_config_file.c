#include "support/config_text.h"
#include "support/folder.h"

static int load(const char *path, struct err *err)
{
    struct config *config = NULL;
    *err = (struct err){0};
    int rc = config_load(path, &config, err);
    t_int(config != NULL, rc == 0);
    t_int(err->code, rc);
    config_free(config);
    return rc;
}

static void from_a_file(void **state)
{
    const char *path = folder_file(*state, "cinta.conf");
    struct config *c = NULL;
    struct err err = {0};
    file_write(path, CONFIG_MINIMAL, strlen(CONFIG_MINIMAL), 0644);
    t_int(config_load(path, &c, &err), 0);
    t_str(c->file, path);
    t_str(c->broker.user, "alice");
    config_free(c);
    unlink(path);
}

static void errors_name_the_file(void **state)
{
    static const char text[] = CONFIG_MINIMAL "\npoll { rate = 0 }\n";
    const char *path = folder_file(*state, "cinta.conf");
    char where[PATH_MAX + 32];
    struct err err;
    file_write(path, text, strlen(text), 0600);
    t_int(load(path, &err), -EINVAL);
    snprintf(where, sizeof(where), "%s:5: poll.rate: 0 is out of range", path);
    t_contains(err.text, where);
    unlink(path);
}

static void an_empty_file(void **state)
{
    const char *path = folder_file(*state, "cinta.conf");
    struct err err;
    file_write(path, "", 0, 0600);
    t_int(load(path, &err), -EINVAL);
    t_contains(err.text, "broker.url is missing");
    unlink(path);
}

static void a_missing_file_or_a_directory(void **state)
{
    struct folder *folder = *state;
    struct err err;
    t_int(load(folder_file(folder, "none.conf"), &err), -ENOENT);
    t_contains(err.text, folder->file);
    t_contains(err.text, "No such file or directory: write it with 'cinta init'");
    t_int(load(folder->path, &err), -EISDIR);
    t_contains(err.text, folder->path);
    t_contains(err.text, "directory");
    t_int(load("", &err), -ENOENT);
}

/* root can read everything, so it temporarily changes to another user. */
static void a_file_without_read_permission(void **state)
{
    const char *path = folder_file(*state, "cinta.conf");
    struct err err;
    bool root = geteuid() == 0;
    file_write(path, CONFIG_MINIMAL, strlen(CONFIG_MINIMAL), 0);
    t_true(!root || seteuid(65534) == 0);
    int rc = load(path, &err);
    t_true(!root || seteuid(0) == 0);
    t_int(rc, -EACCES);
    t_contains(err.text, path);
    t_contains(err.text, "Permission denied");
    unlink(path);
}

static void a_file_that_is_too_large(void **state)
{
    const char *path = folder_file(*state, "cinta.conf");
    const size_t size = 1024 * 1024 + 2;
    char *text = malloc(size);
    struct err err;
    memset(text, '\n', size);
    for (size_t more = 0; more <= 1; more++) {
        file_write(path, text, size - more, 0600);
        t_int(load(path, &err), -EFBIG);
        t_contains(err.text, "larger than the 1048576 bytes allowed");
    }
    file_write(path, text, size - 2, 0600);
    t_int(load(path, &err), -EINVAL); /* empty lines only */
    free(text);
    unlink(path);
}

static void a_binary_file(void **state)
{
    const char *path = folder_file(*state, "cinta.conf");
    struct err err;
    file_write(path,
               "\x7f"
               "ELF\0\0\0",
               7, 0600);
    t_int(load(path, &err), -EINVAL);
    t_contains(err.text, "not a text file");
    unlink(path);
}

/* libConfuse has a function include(); it must not work, or a configuration could read any file. */
static void no_other_file_is_read(void **state)
{
    struct folder *folder = *state;
    static const char *const forms[] = {"include(\"%s\")\n",  "include('%s')\n",
                                        "include = \"%s\"\n", "include \"%s\"\n",
                                        "include(%s)\n",      "poll { include(\"%s\") }\n"};
    static const char other[] = "poll { rate = 77 }\n";
    const char *path = folder_file(folder, "other.conf");
    file_write(path, other, strlen(other), 0600);
    for (size_t i = 0; i < T_COUNT(forms); i++) {
        char line[PATH_MAX + 64], text[PATH_MAX + 512];
        t_row(forms[i]);
        int quote = (int)(strchr(forms[i], '%') - forms[i]);
        snprintf(line, sizeof(line), "%.*s%s%s", quote, forms[i], path, forms[i] + quote + 2);
        snprintf(text, sizeof(text), CONFIG_MINIMAL "%s", line);
        const char *told = config_bad(text, strlen(text));
        t_contains(told, "include: no such key");
        t_true(strncmp(told, "f.conf:4: ", 10) == 0);
    }
    unlink(path);
}

static void default_path(void **state)
{
    (void)state;
    setenv("CINTA_CONF", "/some/where.conf", 1);
    t_str(config_default_path(), "/some/where.conf");
    setenv("CINTA_CONF", "", 1);
    t_str(config_default_path(), "/etc/cinta/cinta.conf");
    unsetenv("CINTA_CONF");
    t_str(config_default_path(), "/etc/cinta/cinta.conf");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(from_a_file),
        IN_FOLDER(errors_name_the_file),
        IN_FOLDER(an_empty_file),
        IN_FOLDER(a_missing_file_or_a_directory),
        IN_FOLDER(a_file_without_read_permission),
        IN_FOLDER(a_file_that_is_too_large),
        IN_FOLDER(a_binary_file),
        IN_FOLDER(no_other_file_is_read),
        cmocka_unit_test(default_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
