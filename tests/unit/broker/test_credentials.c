#include "broker/credentials.h"

#include "files/secret_file.h"

#include "support/folder.h"

#include <errno.h>
#include <sys/wait.h>

#define VARIABLE  "CINTA_PASSWORD"
#define DIRECTORY "CREDENTIALS_DIRECTORY"
#define IN_FILE   "of-the-file"
#define SYSTEMD   "of-systemd"
#define VALUE     "of-the-environment"

static struct config with_file(const char *path)
{
    return (struct config){.broker.password_file = (char *)path};
}

static int clean(void **state)
{
    unsetenv(VARIABLE);
    unsetenv(DIRECTORY);
    return folder_make(state);
}

static int read_password(const char *path, struct secret *out, struct err *err)
{
    struct credentials *credentials = credentials_create();
    struct config config = with_file(path);
    *err = (struct err){0};
    memset(out, 0x55, sizeof(*out));
    int rc = credentials_password(credentials, &config, out, err);
    t_int(err->code, rc);
    t_int(out->text != NULL, rc == 0);
    credentials_destroy(credentials);
    return rc;
}

static void expect_password(const char *path, const char *password)
{
    struct secret secret;
    struct err err;
    if (read_password(path, &secret, &err))
        fail_msg("%s: %s", t_row_name, err.text);
    t_str(secret.text, password);
    t_int(secret.len_bytes, strlen(password));
    secret_wipe(&secret);
}

/* --- contents of the file --------------------------------------------------------------------- */

static void suspicious_passwords(void **state)
{
    (void)state;
    static const struct {
        const char *password, *words; /* NULL: none */
    } rows[] = {
        {"hunter2", NULL},
        {"two words", NULL},
        {"say \"hi\"", NULL},
        {"\"", NULL},
        {"hunter2 ", "begins or ends with a blank"},
        {" hunter2", "begins or ends with a blank"},
        {"\"hunter2\"", "in quotation marks"},
        {"'hunter2'", "in quotation marks"},
        {"“hunter2”", "in quotation marks"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct secret secret;
        t_row(rows[i].password);
        t_int(secret_set(&secret, rows[i].password, strlen(rows[i].password)), 0);
        const char *doubt = credentials_doubt(&secret);
        if (rows[i].words)
            t_contains(doubt, rows[i].words);
        else
            t_str(doubt, NULL);
        secret_wipe(&secret);
    }
}

static void contents(void **state)
{
    static const struct {
        const char *name, *text;
        size_t len;
        const char *password, *words; /* the error, if refused */
    } rows[] = {
#define TEXT(s) (s), sizeof(s) - 1
        {"no line end", TEXT("hunter2"), "hunter2", NULL},
        {"a byte order mark", TEXT("\xef\xbb\xbfhunter2\r\n"), "hunter2", NULL},
        {"only a byte order mark", TEXT("\xef\xbb\xbf"), NULL, "is empty"},
        {"a line end", TEXT("hunter2\n"), "hunter2", NULL},
        {"a Windows line end", TEXT("hunter2\r\n"), "hunter2", NULL},
        {"blanks are kept", TEXT(" hunter 2 \n"), " hunter 2 ", NULL},
        {"quotes and backslashes", TEXT("\"'\\${HOME}\n"), "\"'\\${HOME}", NULL},
        {"UTF-8",
         TEXT("\xc3\xb1"
              "and\xc3\xba\n"),
         "\xc3\xb1"
         "and\xc3\xba",
         NULL},
        {"one byte", TEXT("x"), "x", NULL},
        {"empty", TEXT(""), NULL, "is empty"},
        {"only a line end", TEXT("\n"), NULL, "is empty"},
        {"only a Windows line end", TEXT("\r\n"), NULL, "is empty"},
        {"two line ends", TEXT("hunter2\n\n"), NULL, "second line"},
        {"two lines", TEXT("hunter2\nhunter3\n"), NULL, "second line"},
        {"an empty line before", TEXT("\nhunter2\n"), NULL, "second line"},
        {"NUL inside", TEXT("hun\0ter2\n"), NULL, "control character"},
        {"NUL at the end", TEXT("hunter2\0"), NULL, "control character"},
        {"only NUL", TEXT("\0"), NULL, "control character"},
        {"tab", TEXT("hunter\t2\n"), NULL, "control character"},
        {"escape", TEXT("\x1b[2J\n"), NULL, "control character"},
        {"delete", TEXT("hunter2\x7f\n"), NULL, "control character"},
    };
    const char *path = folder_file(*state, "password");
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct secret secret;
        struct err err;
        t_row(rows[i].name);
        file_write(path, rows[i].text, rows[i].len, 0600);
        if (rows[i].password) {
            expect_password(path, rows[i].password);
            continue;
        }
        t_int(read_password(path, &secret, &err), -EINVAL);
        t_contains(err.text, rows[i].words);
        t_contains(err.text, path);
        t_true(!strstr(err.text, "hunter"));
    }
    unlink(path);
}

static void lengths(void **state)
{
    static const struct {
        size_t len;
        const char *line_end;
        bool good;
    } rows[] = {
        {SECRET_BYTES_MAX, "", true},
        {SECRET_BYTES_MAX, "\n", true},
        {SECRET_BYTES_MAX, "\r\n", true},
        {SECRET_BYTES_MAX + 1, "", false},
        {SECRET_BYTES_MAX + 1, "\n", false},
        {SECRET_BYTES_MAX + 1, "\r\n", false},
        {SECRET_BYTES_MAX + 2, "\n", false},
        {SECRET_BYTES_MAX + 3, "", false},
        {100000, "\n", false},
    };
    const char *path = folder_file(*state, "password");
    char *text = malloc(100003);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct secret secret;
        struct err err;
        char name[64];
        snprintf(name, sizeof(name), "%zu bytes and %zu", rows[i].len, strlen(rows[i].line_end));
        t_row(name);
        memset(text, 'p', rows[i].len);
        strcpy(text + rows[i].len, rows[i].line_end);
        file_write(path, text, strlen(text), 0600);
        text[rows[i].len] = '\0';
        if (rows[i].good) {
            expect_password(path, text);
            continue;
        }
        t_int(read_password(path, &secret, &err), -EINVAL);
        t_contains(err.text, "longer than 1024 bytes");
    }
    free(text);
    unlink(path);
}

/* --- permissions ------------------------------------------------------------------------------ */

static void modes(void **state)
{
    static const struct {
        mode_t mode;
        bool good, good_for_systemd;
    } rows[] = {
        {0600, true, true},   {0400, true, true},   {0440, false, true},  {0640, false, true},
        {0644, false, false}, {0604, false, false}, {0660, false, false}, {0620, false, false},
        {0602, false, false}, {0666, false, false}, {0444, false, false}, {0777, false, false},
    };
    struct folder *folder = *state;
    const char *path = folder_file(folder, "cinta-password");
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct secret secret;
        struct err err;
        char name[16], advice[PATH_MAX + 16];
        snprintf(name, sizeof(name), "%04o", (unsigned)rows[i].mode);
        snprintf(advice, sizeof(advice), "chmod 600 %s", path);
        t_row(name);
        unlink(path);
        file_write(path, "hunter2\n", 8, rows[i].mode);
        unsetenv(DIRECTORY);
        t_int(read_password(path, &secret, &err), rows[i].good ? 0 : -EACCES);
        if (!rows[i].good)
            t_contains(err.text, advice);
        secret_wipe(&secret);
        setenv(DIRECTORY, folder->path, 1);
        t_int(read_password("", &secret, &err), rows[i].good_for_systemd ? 0 : -EACCES);
        secret_wipe(&secret);
    }
    unlink(path);
}

static void not_a_regular_file(void **state)
{
    struct folder *folder = *state;
    struct secret secret;
    struct err err;
    const char *path = folder_file(folder, "password");

    t_int(read_password(path, &secret, &err), -ENOENT);
    t_contains(err.text, path);
    t_int(mkfifo(path, 0600), 0); /* without a writer: a blocking open would not return */
    t_int(read_password(path, &secret, &err), -EINVAL);
    t_contains(err.text, "not a file");
    unlink(path);
    t_int(mkdir(path, 0700), 0);
    t_int(read_password(path, &secret, &err), -EINVAL);
    t_contains(err.text, "not a file");
    rmdir(path);
    t_int(read_password("/dev/null", &secret, &err), -EINVAL);
}

/* --- sources ---------------------------------------------------------------------------------- */

static void order_of_sources(void **state)
{
    static const struct {
        const char *name;
        bool file, systemd, environment;
        int rc;
        const char *password;
    } rows[] = {
        {"all three", true, true, true, 0, IN_FILE},
        {"no password_file", false, true, true, 0, SYSTEMD},
        {"environment alone", false, false, true, 0, VALUE},
        {"systemd alone", false, true, false, 0, SYSTEMD},
        {"file alone", true, false, false, 0, IN_FILE},
        {"none", false, false, false, -ENOENT, NULL},
    };
    struct folder *folder = *state;
    char file[PATH_MAX], credential[PATH_MAX], where[PATH_MAX];
    snprintf(file, sizeof(file), "%s", folder_file(folder, "password"));
    snprintf(credential, sizeof(credential), "%s", folder_file(folder, "cinta-password"));
    file_write(file, IN_FILE "\n", sizeof(IN_FILE), 0600);
    setenv(DIRECTORY, folder->path, 1);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct config config = with_file(rows[i].file ? file : "");
        struct secret secret;
        struct err err = {0};
        t_row(rows[i].name);
        unlink(credential);
        if (rows[i].systemd)
            file_write(credential, SYSTEMD, strlen(SYSTEMD), 0600);
        if (rows[i].environment)
            setenv(VARIABLE, VALUE, 1);
        struct credentials *credentials = credentials_create();
        t_int(credentials_password(credentials, &config, &secret, &err), rows[i].rc);
        t_str(secret.text, rows[i].password);
        secret_wipe(&secret);
        const char *origin = rows[i].file          ? file
                             : rows[i].systemd     ? credential
                             : rows[i].environment ? "$" VARIABLE
                                                   : "nowhere";
        t_str(credentials_origin(credentials, &config, where, sizeof(where)), origin);
        credentials_destroy(credentials);
    }
    unlink(file);
    unlink(credential);
}

/* If password_file is missing, no other source is used. */
static void a_missing_password_file_is_an_error(void **state)
{
    struct secret secret;
    struct err err;
    setenv(VARIABLE, VALUE, 1);
    t_int(read_password(folder_file(*state, "none"), &secret, &err), -ENOENT);
    t_contains(err.text, "correct broker.password_file");
    t_true(!strstr(err.text, VALUE));
}

/* As the service under systemd. Root can read everything, so it temporarily changes to another
 * user.
 */
static void systemds_copy_of_an_unreadable_file(void **state)
{
    struct folder *folder = *state;
    char file[PATH_MAX], credential[PATH_MAX], where[PATH_MAX];
    bool root = geteuid() == 0;
    snprintf(file, sizeof(file), "%s", folder_file(folder, "password"));
    snprintf(credential, sizeof(credential), "%s", folder_file(folder, "cinta-password"));
    file_write(file, IN_FILE, strlen(IN_FILE), 0);
    t_int(chmod(folder->path, 0755), 0);
    setenv(DIRECTORY, folder->path, 1);
    for (int handed_over = 0; handed_over < 2; handed_over++) {
        struct config config = with_file(file);
        struct secret secret;
        struct credentials *credentials = credentials_create();
        if (handed_over) {
            file_write(credential, SYSTEMD, strlen(SYSTEMD), 0400);
            t_true(!root || chown(credential, 65534, 65534) == 0);
        }
        t_true(!root || seteuid(65534) == 0);
        int rc = credentials_password(credentials, &config, &secret, NULL);
        credentials_origin(credentials, &config, where, sizeof(where));
        t_true(!root || seteuid(0) == 0);
        t_int(rc, handed_over ? 0 : -EACCES);
        t_str(secret.text, handed_over ? SYSTEMD : NULL);
        t_str(where, handed_over ? credential : file);
        secret_wipe(&secret);
        credentials_destroy(credentials);
    }
    unlink(file);
    unlink(credential);
}

/* --- from memory and descriptors -------------------------------------------------------------- */

static void write_or_die(int fd, const char *byte)
{
    if (write(fd, byte, 1) != 1)
        _exit(1);
}

static void through_a_pipe_in_pieces(void **state)
{
    (void)state;
    struct secret secret;
    struct err err = {0};
    int ends[2], status;
    t_int(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        const char text[] = "hunter 2\r\n";
        for (size_t i = 0; text[i]; i++)
            write_or_die(ends[1], text + i);
        _exit(0);
    }
    close(ends[1]);
    t_int(secret_read(ends[0], "the password in the pipe", &secret, &err), 0);
    t_str(secret.text, "hunter 2");
    secret_wipe(&secret);
    t_int(secret_read(ends[0], "the password in the pipe", &secret, &err),
          -EINVAL); /* at its end */
    t_contains(err.text, "the password in the pipe is empty");
    close(ends[0]);
    t_int(waitpid(pid, &status, 0), pid);
    t_int(status, 0);
    t_true(secret_read(-1, "the password in nothing", &secret, &err) < 0);
    t_true(!secret.text);
}

static void the_error_without_a_password(void **state)
{
    (void)state;
    struct secret secret;
    struct err err;
    t_int(read_password("", &secret, &err), -ENOENT);
    t_contains(err.text, "broker.password_file");
    t_contains(err.text, "$" VARIABLE);
    setenv(VARIABLE, "", 1);
    t_int(read_password("", &secret, &err), -ENOENT);
}

static void a_changed_file_is_read_again(void **state)
{
    const char *path = folder_file(*state, "password");
    struct config config = with_file(path);
    struct credentials *credentials = credentials_create();
    static const char *const passwords[] = {"first", "second", "a third one"};
    for (size_t i = 0; i < T_COUNT(passwords); i++) {
        struct secret secret;
        file_write(path, passwords[i], strlen(passwords[i]), 0600);
        t_int(credentials_password(credentials, &config, &secret, NULL), 0);
        t_str(secret.text, passwords[i]);
        secret_wipe(&secret);
    }
    credentials_destroy(credentials);
    unlink(path);
}

/* --- the environment -------------------------------------------------------------------------- */

static void is_removed_from_the_environment(void **state)
{
    (void)state;
    static char variable[] = VARIABLE "=hunter2";
    struct config config = with_file("");
    putenv(variable);
    struct credentials *credentials = credentials_create();
    t_true(!getenv(VARIABLE));
    t_str(variable, VARIABLE "="); /* the bytes are erased, not only the name */
    for (size_t i = 0; i < sizeof(variable); i++)
        t_true(strncmp(variable + i, "hunter2", 7) != 0 && variable[sizeof(VARIABLE) + 3] == '\0');
    for (int again = 0; again < 2; again++) { /* the same at each login */
        struct secret secret;
        t_int(credentials_password(credentials, &config, &secret, NULL), 0);
        t_str(secret.text, "hunter2");
        secret_wipe(&secret);
    }
    credentials_destroy(credentials);
}

static void values_of_the_variable(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value;
        int rc;
        const char *password;
    } rows[] = {
        {"plain", "hunter2", 0, "hunter2"},
        {"a line end is cut", "hunter2\n", 0, "hunter2"},
        {"two lines", "hunter2\nx", -EINVAL, NULL},
        {"tab", "hunter\t2", -EINVAL, NULL},
        {"only a line end", "\n", -EINVAL, NULL},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct secret secret;
        struct err err;
        t_row(rows[i].name);
        setenv(VARIABLE, rows[i].value, 1);
        t_int(read_password("", &secret, &err), rows[i].rc);
        t_str(secret.text, rows[i].password);
        t_true(!strstr(err.text, "hunter"));
        secret_wipe(&secret);
        t_true(!getenv(VARIABLE));
    }
}

static void a_long_variable(void **state)
{
    (void)state;
    static char value[SECRET_BYTES_MAX + 2];
    struct secret secret;
    struct err err;
    memset(value, 'v', sizeof(value) - 1);
    setenv(VARIABLE, value, 1);
    t_int(read_password("", &secret, &err), -EINVAL);
    t_contains(err.text, "longer than");
    value[SECRET_BYTES_MAX] = '\0';
    setenv(VARIABLE, value, 1);
    expect_password("", value);
    credentials_destroy(NULL);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, clean, folder_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(suspicious_passwords),
        IN_FOLDER(contents),
        IN_FOLDER(lengths),
        IN_FOLDER(modes),
        IN_FOLDER(not_a_regular_file),
        IN_FOLDER(order_of_sources),
        IN_FOLDER(a_missing_password_file_is_an_error),
        IN_FOLDER(systemds_copy_of_an_unreadable_file),
        IN_FOLDER(through_a_pipe_in_pieces),
        IN_FOLDER(the_error_without_a_password),
        IN_FOLDER(a_changed_file_is_read_again),
        IN_FOLDER(is_removed_from_the_environment),
        IN_FOLDER(values_of_the_variable),
        IN_FOLDER(a_long_variable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
