#include "broker/token_cache.h"

#include "base/clock.h"
#include "support/folder.h"

#include <errno.h>

#define URL     "https://api.broker.example/"
#define USER    "alice"
#define TOKEN   "Zm9vYmFy-0123456789_.~=="
#define SINCE   INT64_C(1795446000123456789)
#define BEFORE  "cinta token 1\n" URL "\n" USER "\n1795446000123456789\n"
#define TEXT(s) (s), sizeof(s) - 1

static struct cached_token token_of(const char *text, int64_t obtained_ns)
{
    struct cached_token token = {.obtained_ns = obtained_ns};
    snprintf(token.token, sizeof(token.token), "%s", text);
    return token;
}

/* Also checks that `out` is unchanged on failure. */
static int load(struct folder *folder, const char *url, const char *user, struct cached_token *out)
{
    struct cached_token before;
    memset(out, 0x55, sizeof(*out));
    before = *out;
    int rc = token_cache_load(folder->path, url, user, out);
    t_true(rc == 0 || (rc == -ENOENT && memcmp(out, &before, sizeof(before)) == 0));
    return rc;
}

static int save_for(const char *state_dir, const char *user, const struct cached_token *token,
                    struct err *err)
{
    const struct config config = {.state_dir = (char *)state_dir,
                                  .broker = {.url = (char *)URL, .user = (char *)user}};
    return token_cache_save(&config, token, err);
}

static void save(struct folder *folder, const char *text)
{
    struct cached_token token = token_of(text, SINCE);
    struct err err = {0};
    if (save_for(folder->path, USER, &token, &err))
        fail_msg("%s: %s", t_row_name, err.text);
    t_int(err.code, 0);
}

static void drop(struct folder *folder)
{
    t_int(unlink(folder_file(folder, "token")), 0);
}

static void round_trip(void **state)
{
    struct folder *folder = *state;
    static char longest[TOKEN_BYTES_MAX];
    memset(longest, 'T', sizeof(longest) - 1);
    const char *const rows[] = {TOKEN, "x", "!~", longest};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct cached_token token;
        t_row(rows[i]);
        save(folder, rows[i]);
        t_int(load(folder, URL, USER, &token), 0);
        t_str(token.token, rows[i]);
        t_int(token.obtained_ns, SINCE);
    }
    drop(folder);
}

static void the_last_one_is_used(void **state)
{
    struct folder *folder = *state;
    struct cached_token token;
    save(folder, "a-much-longer-first-token");
    save(folder, "second");
    t_int(load(folder, URL, USER, &token), 0);
    t_str(token.token, "second");
    drop(folder);
}

static void none_yet(void **state)
{
    struct cached_token token;
    t_int(load(*state, URL, USER, &token), -ENOENT);
}

static void of_another_broker_or_user(void **state)
{
    struct folder *folder = *state;
    static const struct {
        const char *name, *url, *user;
        int rc;
    } rows[] = {
        {"the same", URL, USER, 0},
        {"another broker", "https://api.other.example/", USER, -ENOENT},
        {"another scheme", "http://api.broker.example/", USER, -ENOENT},
        {"another port", "https://api.broker.example:8443/", USER, -ENOENT},
        {"a beginning of the url", "https://api.broker.example", USER, -ENOENT},
        {"another user", URL, "bob", -ENOENT},
        {"a longer user", URL, USER "2", -ENOENT},
        {"a shorter user", URL, "alic", -ENOENT},
        {"in capitals", URL, "Alice", -ENOENT},
        {"no user", URL, "", -ENOENT},
    };
    save(folder, TOKEN);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct cached_token token;
        t_row(rows[i].name);
        t_int(load(folder, rows[i].url, rows[i].user, &token), rows[i].rc);
    }
    drop(folder);
}

/* --- damaged files ---------------------------------------------------------------------------- */

static void damaged(void **state)
{
    struct folder *folder = *state;
    static const struct {
        const char *name, *text;
        size_t len;
        int rc;
    } rows[] = {
        {"undamaged", TEXT(BEFORE TOKEN "\n"), 0},
        {"empty", TEXT(""), -ENOENT},
        {"only line ends", TEXT("\n\n\n\n\n\n"), -ENOENT},
        {"a token alone", TEXT(TOKEN "\n"), -ENOENT},
        {"cut in the token", TEXT("cinta token 1\n" URL "\n" USER "\n1\nabcd"), -ENOENT},
        {"a NUL in the token", TEXT("cinta token 1\n" URL "\n" USER "\n1\nab\0cd\n"), -ENOENT},
        {"another version", TEXT("cinta token 2\n" URL "\n" USER "\n1\n" TOKEN "\n"), -ENOENT},
        {"Windows line ends", TEXT("cinta token 1\r\n" URL "\r\n" USER "\r\n1\r\n" TOKEN "\r\n"),
         -ENOENT},
        {"JSON", TEXT("{\"token\":\"" TOKEN "\"}\n"), -ENOENT},
        {"no time", TEXT("cinta token 1\n" URL "\n" USER "\n\n" TOKEN "\n"), -ENOENT},
        {"time zero", TEXT("cinta token 1\n" URL "\n" USER "\n0\n" TOKEN "\n"), -ENOENT},
        {"negative time", TEXT("cinta token 1\n" URL "\n" USER "\n-5\n" TOKEN "\n"), -ENOENT},
        {"time with a letter", TEXT("cinta token 1\n" URL "\n" USER "\n17x\n" TOKEN "\n"), -ENOENT},
        {"time out of range",
         TEXT("cinta token 1\n" URL "\n" USER "\n99999999999999999999\n" TOKEN "\n"), -ENOENT},
        {"no token", TEXT(BEFORE), -ENOENT},
        {"an empty token", TEXT(BEFORE "\n"), -ENOENT},
        {"a blank in the token", TEXT(BEFORE "abc def\n"), -ENOENT},
        {"a control character in it",
         TEXT(BEFORE "abc\x01"
                     "def\n"),
         -ENOENT},
        {"a Windows line end after it", TEXT(BEFORE "abc\r\n"), -ENOENT},
        {"8-bit in it", TEXT(BEFORE "abc\xff\n"), -ENOENT},
        {"NUL first", TEXT("\0" BEFORE TOKEN "\n"), -ENOENT},
        {"NUL in the url", TEXT("cinta token 1\nhttps\0\n" USER "\n1\n" TOKEN "\n"), -ENOENT},
        {"NUL for the token", TEXT(BEFORE "\0\n"), -ENOENT},
        {"a line missing", TEXT("cinta token 1\n" URL "\n1\n" TOKEN "\n"), -ENOENT},
        {"an extra blank line", TEXT("\n" BEFORE TOKEN "\n"), -ENOENT},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct cached_token token;
        t_row(rows[i].name);
        file_write(folder_file(folder, "token"), rows[i].text, rows[i].len, 0600);
        t_int(load(folder, URL, USER, &token), rows[i].rc);
    }
    drop(folder);
}

/* Truncated anywhere before the token, or with any byte before it changed. */
static void cut_or_changed(void **state)
{
    struct folder *folder = *state;
    static const char whole[] = BEFORE TOKEN "\n";
    const char *path = folder_file(folder, "token");
    const size_t head = strlen("cinta token 1\n" URL "\n" USER "\n");
    struct cached_token token;
    char name[64];
    for (size_t len = 0; len <= strlen(BEFORE); len++) {
        snprintf(name, sizeof(name), "cut after %zu bytes", len);
        t_row(name);
        file_write(path, whole, len, 0600);
        t_int(load(folder, URL, USER, &token), -ENOENT);
    }
    for (size_t at = 0; at < head; at++) {
        char text[sizeof(whole)];
        snprintf(name, sizeof(name), "byte %zu changed", at);
        t_row(name);
        memcpy(text, whole, sizeof(whole));
        text[at] ^= 0x20;
        file_write(path, text, strlen(whole), 0600);
        t_int(load(folder, URL, USER, &token), -ENOENT);
    }
    drop(folder);
}

static void tokens_of_any_length(void **state)
{
    struct folder *folder = *state;
    static const struct {
        size_t len;
        int rc;
    } rows[] = {{TOKEN_BYTES_MAX - 1, 0},
                {TOKEN_BYTES_MAX, -ENOENT},
                {TOKEN_BYTES_MAX + 1, -ENOENT},
                {3000, -ENOENT},
                {4096, -ENOENT},
                {100000, -ENOENT}};
    char *text = malloc(strlen(BEFORE) + 100000 + 2);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct cached_token token;
        char name[64];
        snprintf(name, sizeof(name), "%zu bytes", rows[i].len);
        t_row(name);
        strcpy(text, BEFORE);
        memset(text + strlen(BEFORE), 'T', rows[i].len);
        strcpy(text + strlen(BEFORE) + rows[i].len, "\n");
        file_write(folder_file(folder, "token"), text, strlen(text), 0600);
        t_int(load(folder, URL, USER, &token), rows[i].rc);
    }
    free(text);
    drop(folder);
}

/* --- permissions ------------------------------------------------------------------------------ */

static void mode_of_the_file(void **state)
{
    struct folder *folder = *state;
    mode_t mask = umask(0);
    save(folder, TOKEN);
    umask(mask);
    t_int(file_mode(folder_file(folder, "token")), 0600);
    drop(folder);
}

static void a_file_that_others_can_read_is_not_used(void **state)
{
    struct folder *folder = *state;
    static const mode_t modes[] = {0640, 0604, 0644, 0620, 0602, 0666};
    struct cached_token token;
    save(folder, TOKEN);
    for (size_t i = 0; i < T_COUNT(modes); i++) {
        char name[16];
        snprintf(name, sizeof(name), "%04o", (unsigned)modes[i]);
        t_row(name);
        t_int(chmod(folder_file(folder, "token"), modes[i]), 0);
        t_int(load(folder, URL, USER, &token), -ENOENT);
    }
    t_int(chmod(folder_file(folder, "token"), 0600), 0);
    t_int(load(folder, URL, USER, &token), 0);
    save(folder, TOKEN);
    drop(folder);
}

static void not_a_regular_file(void **state)
{
    struct folder *folder = *state;
    struct cached_token token;
    char other[PATH_MAX];
    snprintf(other, sizeof(other), "%s", folder_file(folder, "other"));
    t_int(mkdir(folder_file(folder, "token"), 0700), 0);
    t_int(load(folder, URL, USER, &token), -ENOENT);
    t_int(rmdir(folder_file(folder, "token")), 0);
    file_write(other, BEFORE TOKEN "\n", strlen(BEFORE TOKEN "\n"), 0600);
    t_int(symlink(other, folder_file(folder, "token")), 0);
    t_int(load(folder, URL, USER, &token), -ENOENT);
    drop(folder);
    unlink(other);
}

/* --- saving ----------------------------------------------------------------------------------- */

static void a_path_that_cannot_be_written(void **state)
{
    struct folder *folder = *state;
    struct cached_token token = token_of(TOKEN, SINCE);
    struct err err = {0};
    char nowhere[PATH_MAX];
    snprintf(nowhere, sizeof(nowhere), "%s", folder_file(folder, "none"));
    t_int(save_for(nowhere, USER, &token, &err), -ENOENT);
    t_int(err.code, -ENOENT);
    t_contains(err.text, nowhere);
    t_contains(err.text, "log in again");
    t_true(!strstr(err.text, TOKEN));
}

static void a_user_too_long_to_save(void **state)
{
    struct folder *folder = *state;
    struct cached_token token = token_of(TOKEN, SINCE), back;
    struct err err = {0};
    char *user = malloc(5001);
    memset(user, 'u', 5000);
    user[5000] = '\0';
    save(folder, "kept");
    t_int(save_for(folder->path, user, &token, &err), -EMSGSIZE);
    t_true(!strstr(err.text, TOKEN));
    t_int(load(folder, URL, user, &back), -ENOENT);
    t_int(load(folder, URL, USER, &back), 0);
    t_str(back.token, "kept");
    free(user);
    drop(folder);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(round_trip),
        IN_FOLDER(the_last_one_is_used),
        IN_FOLDER(none_yet),
        IN_FOLDER(of_another_broker_or_user),
        IN_FOLDER(damaged),
        IN_FOLDER(cut_or_changed),
        IN_FOLDER(tokens_of_any_length),
        IN_FOLDER(mode_of_the_file),
        IN_FOLDER(a_file_that_others_can_read_is_not_used),
        IN_FOLDER(not_a_regular_file),
        IN_FOLDER(a_path_that_cannot_be_written),
        IN_FOLDER(a_user_too_long_to_save),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
