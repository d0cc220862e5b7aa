#include "files/secret_file.h"

#include "files/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_BYTES (PATH_MAX + 64)

/* --- the text --------------------------------------------------------------------------------- */

static int check_value(const char *text, size_t len, const char *name, struct err *err)
{
    if (len == 0)
        return err_set(err, -EINVAL, "%s is empty", name);
    if (len > SECRET_BYTES_MAX)
        return err_set(err, -EINVAL, "%s is longer than %d bytes", name, SECRET_BYTES_MAX);
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return err_set(err, -EINVAL,
                           "%s has a control character or a second line: it must be one line",
                           name);
    }
    return 0;
}

int secret_take(const char *text, size_t len_bytes, const char *name, struct secret *out,
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
    int rc = check_value(text, len, name, err);
    if (rc == 0 && secret_set(out, text, len))
        rc = err_set(err, -ENOMEM, "out of memory");
    return rc;
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

int secret_read(int fd, const char *name, struct secret *out, struct err *err)
{
    char text[SECRET_BYTES_MAX + 3]; /* line end and one more byte, to detect too long ones */
    *out = (struct secret){0};
    ssize_t len = read_up_to(fd, text, sizeof(text));
    int rc = len < 0 ? err_set(err, (int)len, "cannot read %s: %s", name, strerror((int)-len))
                     : secret_take(text, (size_t)len, name, out, err);
    explicit_bzero(text, sizeof(text));
    return rc;
}

/* --- the file --------------------------------------------------------------------------------- */

bool secret_file_passed(const char *credential, char *path, size_t path_bytes)
{
    const char *directory = getenv("CREDENTIALS_DIRECTORY");
    if (!directory || !*directory)
        return false;
    snprintf(path, path_bytes, "%s/%s", directory, credential);
    return access(path, F_OK) == 0;
}

/* systemd's credentials directory is closed to other users, but an access list may show as group
 * permission. */
static int check_mode(int fd, const struct secret_file *file, struct err *err)
{
    struct stat st;
    char owner[OWNER_NAME], ours[OWNER_NAME];
    mode_t forbidden = file->from_systemd ? 0037 : 0077;
    if (fstat(fd, &st))
        return err_set(err, -errno, "cannot read the %s file %s: %s", file->what, file->path,
                       strerror(errno));
    if (!S_ISREG(st.st_mode))
        return err_set(err, -EINVAL, "the %s file %s is not a file", file->what, file->path);
    if (st.st_uid != file->user && st.st_uid != 0) {
        owner_name(ours, file->user);
        return err_set(err, -EACCES,
                       "the %s file %s belongs to another user, '%s', and cinta runs as '%s': "
                       "chown %s %s",
                       file->what, file->path, owner_name(owner, st.st_uid), ours, ours,
                       file->path);
    }
    if (st.st_mode & forbidden)
        return err_set(err, -EACCES, "others can read the %s file %s: chmod 600 %s", file->what,
                       file->path, file->path);
    return 0;
}

/* The file may be root's, to be passed by systemd. */
static int denied(const struct secret_file *file, struct err *err)
{
    char ours[OWNER_NAME];
    owner_name(ours, file->user);
    return err_set(err, -EACCES,
                   "cannot read the %s file %s as user '%s': Permission denied: chown %s %s, or "
                   "let systemd pass it (LoadCredential=%s:%s); `cinta check` as root tests it",
                   file->what, file->path, ours, ours, file->path, file->credential, file->path);
}

int secret_file_read(const struct secret_file *file, struct secret *out, struct err *err)
{
    char name[NAME_BYTES];
    *out = (struct secret){0};
    int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == EACCES)
        return denied(file, err);
    if (fd < 0)
        return err_set(err, -errno,
                       "cannot read the %s file %s: %s: correct %s, or write the %s into that file "
                       "and chmod 600 it",
                       file->what, file->path, strerror(errno), file->key, file->what);
    int rc = check_mode(fd, file, err);
    snprintf(name, sizeof(name), "the %s in %s", file->what, file->path);
    if (rc == 0)
        rc = secret_read(fd, name, out, err);
    close(fd);
    return rc;
}
