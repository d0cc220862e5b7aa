#include "broker/credentials.h"

#include "files/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VARIABLE   "CINTA_PASSWORD"
#define CREDENTIAL "cinta-password" /* of systemd */
#define NOBODY     ((uid_t)-1)

struct credentials {
    uid_t user; /* the user that will read the file; NOBODY: this process's user */
    struct secret from_environment;
};

struct credentials *credentials_create(void)
{
    struct credentials *credentials = calloc(1, sizeof(*credentials));
    char *value = getenv(VARIABLE);
    if (credentials)
        credentials->user = NOBODY;
    if (!credentials || !value)
        return credentials;
    if (*value && secret_set(&credentials->from_environment, value, strlen(value))) {
        free(credentials);
        return NULL;
    }
    explicit_bzero(value, strlen(value)); /* these bytes are visible in /proc/PID/environ */
    unsetenv(VARIABLE);
    return credentials;
}

void credentials_judge_for(struct credentials *credentials, uid_t user)
{
    credentials->user = user;
}

void credentials_destroy(struct credentials *credentials)
{
    if (!credentials)
        return;
    secret_wipe(&credentials->from_environment);
    free(credentials);
}

/* --- the source of the password --------------------------------------------------------------- */

enum origin { ORIGIN_FILE, ORIGIN_SYSTEMD, ORIGIN_ENVIRONMENT, ORIGIN_NONE };

static bool is_closed_to_us(const char *path)
{
    return faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) && errno == EACCES;
}

static enum origin find(const struct credentials *credentials, const struct config *config,
                        char *path, size_t size)
{
    const char *file = config->broker.password_file;
    bool handed_over =
        (!*file || is_closed_to_us(file)) && secret_file_passed(CREDENTIAL, path, size);
    if (handed_over)
        return ORIGIN_SYSTEMD;
    if (*file) {
        snprintf(path, size, "%s", file);
        return ORIGIN_FILE;
    }
    return credentials->from_environment.text ? ORIGIN_ENVIRONMENT : ORIGIN_NONE;
}

const char *credentials_origin(const struct credentials *credentials, const struct config *config,
                               char *out, size_t out_bytes)
{
    switch (find(credentials, config, out, out_bytes)) {
    case ORIGIN_FILE:
    case ORIGIN_SYSTEMD:
        return out;
    case ORIGIN_ENVIRONMENT:
        return "$" VARIABLE;
    case ORIGIN_NONE:
        break;
    }
    return "nowhere";
}

/* --- reading it ------------------------------------------------------------------------------- */

static bool has_ends(const struct secret *secret, const char *first, const char *last)
{
    size_t first_len = strlen(first), last_len = strlen(last);
    return secret->len_bytes >= first_len + last_len &&
           memcmp(secret->text, first, first_len) == 0 &&
           memcmp(secret->text + secret->len_bytes - last_len, last, last_len) == 0;
}

const char *credentials_doubt(const struct secret *password)
{
    static const char *const quotes[][2] = {
        {"\"", "\""}, {"'", "'"}, {"\u201c", "\u201d"}, {"\u2018", "\u2019"}, {"\u00ab", "\u00bb"}};
    if (has_ends(password, " ", "") || has_ends(password, "", " "))
        return "it begins or ends with a blank, which is sent as part of it";
    for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++) {
        if (has_ends(password, quotes[i][0], quotes[i][1]))
            return "it is in quotation marks, which are sent as part of it";
    }
    return NULL;
}

int credentials_password(struct credentials *credentials, const struct config *config,
                         struct secret *out, struct err *err)
{
    char path[PATH_MAX];
    enum origin origin = find(credentials, config, path, sizeof(path));
    const struct secret *held = &credentials->from_environment;

    *out = (struct secret){0};
    switch (origin) {
    case ORIGIN_FILE:
    case ORIGIN_SYSTEMD:
        return secret_file_read(
            &(struct secret_file){
                .path = path,
                .what = "password",
                .key = "broker.password_file",
                .credential = CREDENTIAL,
                .from_systemd = origin == ORIGIN_SYSTEMD,
                .user = credentials->user == NOBODY ? geteuid() : credentials->user,
            },
            out, err);
    case ORIGIN_ENVIRONMENT:
        return secret_take(held->text, held->len_bytes, "the password in $" VARIABLE, out, err);
    case ORIGIN_NONE:
        break;
    }
    return err_set(err, -ENOENT,
                   "no password: set broker.password_file to a file of mode 600, or give it as "
                   "systemd credential '" CREDENTIAL "' or in $" VARIABLE);
}
