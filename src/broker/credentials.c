#include "broker/credentials.h"

#include "files/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VARIABLE "CINTA_PASSWORD"
#define NOBODY   ((uid_t)-1)

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

static bool from_systemd(char *path, size_t size)
{
    const char *directory = getenv("CREDENTIALS_DIRECTORY");
    if (!directory || !*directory)
        return false;
    snprintf(path, size, "%s/cinta-password", directory);
    return access(path, F_OK) == 0;
}

static bool is_closed_to_us(const char *path)
{
    return faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) && errno == EACCES;
}

static enum origin find(const struct credentials *credentials, const struct config *config,
                        char *path, size_t size)
{
    const char *file = config->broker.password_file;
    bool handed_over = (!*file || is_closed_to_us(file)) && from_systemd(path, size);
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

static int check_value(const char *text, size_t len, const char *where, struct err *err)
{
    if (len == 0)
        return err_set(err, -EINVAL, "the password in %s is empty", where);
    if (len > SECRET_BYTES_MAX)
        return err_set(err, -EINVAL, "the password in %s is longer than %d bytes", where,
                       SECRET_BYTES_MAX);
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return err_set(err, -EINVAL,
                           "the password in %s has a control character or a second line: it must "
                           "be one line",
                           where);
    }
    return 0;
}

int credentials_take(const char *text, size_t len_bytes, const char *where, struct secret *out,
                     struct err *err)
{
    size_t len = len_bytes;
    *out = (struct secret){0};
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* an editor's byte order mark */
        text += 3;
        len -= 3;
    }
    if (len && text[len - 1] == '\n')
        len--;
    if (len && text[len - 1] == '\r')
        len--;
    int rc = check_value(text, len, where, err);
    if (rc == 0 && secret_set(out, text, len))
        rc = err_set(err, -ENOMEM, "out of memory");
    return rc;
}

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

/* Reads until the end or `size`, because a pipe may return less per read. */
static ssize_t read_up_to(int fd, char *text, size_t size)
{
    size_t len = 0;
    while (len < size) {
        ssize_t n = read(fd, text + len, size - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        len += (size_t)n;
    }
    return (ssize_t)len;
}

int credentials_read(int fd, const char *where, struct secret *out, struct err *err)
{
    char text[SECRET_BYTES_MAX + 3]; /* line end and one more byte, to detect too long ones */
    *out = (struct secret){0};
    ssize_t len = read_up_to(fd, text, sizeof(text));
    int rc = len < 0 ? err_set(err, (int)len, "cannot read the password in %s: %s", where,
                               strerror((int)-len))
                     : credentials_take(text, (size_t)len, where, out, err);
    explicit_bzero(text, sizeof(text));
    return rc;
}

/* systemd's credentials directory is closed to other users, but an access list may show as group
 * permission. */
static int check_mode(int fd, const char *path, bool systemd, uid_t user, struct err *err)
{
    struct stat st;
    char owner[OWNER_NAME], ours[OWNER_NAME];
    mode_t forbidden = systemd ? 0037 : 0077;
    if (fstat(fd, &st))
        return err_set(err, -errno, "cannot read the password file %s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return err_set(err, -EINVAL, "the password file %s is not a file", path);
    if (st.st_uid != user && st.st_uid != 0) {
        owner_name(ours, user);
        return err_set(
            err, -EACCES,
            "the password file %s belongs to another user, '%s', and cinta runs as '%s': "
            "chown %s %s",
            path, owner_name(owner, st.st_uid), ours, ours, path);
    }
    if (st.st_mode & forbidden)
        return err_set(err, -EACCES, "others can read the password file %s: chmod 600 %s", path,
                       path);
    return 0;
}

/* The file may be root's, to be passed by systemd. */
static int denied(const char *path, uid_t user, struct err *err)
{
    char ours[OWNER_NAME];
    owner_name(ours, user);
    return err_set(
        err, -EACCES,
        "cannot read the password file %s as user '%s': Permission denied: chown %s %s, or "
        "let systemd pass it (LoadCredential=cinta-password:%s); `cinta check` as root tests it",
        path, ours, ours, path, path);
}

static int read_file(const char *path, bool systemd, uid_t user, struct secret *out,
                     struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == EACCES)
        return denied(path, user, err);
    if (fd < 0)
        return err_set(err, -errno,
                       "cannot read the password file %s: %s: correct broker.password_file, or "
                       "write the password into that file and chmod 600 it",
                       path, strerror(errno));
    int rc = check_mode(fd, path, systemd, user, err);
    if (rc == 0)
        rc = credentials_read(fd, path, out, err);
    close(fd);
    return rc;
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
        return read_file(path, origin == ORIGIN_SYSTEMD,
                         credentials->user == NOBODY ? geteuid() : credentials->user, out, err);
    case ORIGIN_ENVIRONMENT:
        return credentials_take(held->text, held->len_bytes, "$" VARIABLE, out, err);
    case ORIGIN_NONE:
        break;
    }
    return err_set(err, -ENOENT,
                   "no password: set broker.password_file to a file of mode 600, or give it as "
                   "systemd credential 'cinta-password' or in $" VARIABLE);
}
