#include "files/new_file.h"

#include "files/durable.h"
#include "files/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES 100 /* one fails only when another process creates the same name at the same time */

/* Whether `path` still names the file that `fd` has open. */
static bool is_there(int fd, const char *path)
{
    struct stat opened, named;
    return fstat(fd, &opened) == 0 && lstat(path, &named) == 0 && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
}

static int close_with(int fd, int rc)
{
    close(fd);
    return rc;
}

/* A file that is being written is locked; an unlocked one was left by a killed process. */
static int remove_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB))
        return close_with(fd, errno == EWOULDBLOCK ? -EBUSY : -errno);
    /* Another process may have replaced it after open(). */
    int rc = fd < 0 || is_there(fd, path) ? 0 : -EAGAIN;
    if (rc == 0 && unlink(path) && errno != ENOENT)
        rc = -errno;
    return fd < 0 ? rc : close_with(fd, rc);
}

static int remove_left(const char *path)
{
    struct stat st;
    if (lstat(path, &st))
        return errno == ENOENT ? 0 : -errno;
    if (S_ISLNK(st.st_mode))
        return unlink(path) && errno != ENOENT ? -errno : 0;
    return S_ISREG(st.st_mode) ? remove_file(path) : -EEXIST;
}

/* Before it is locked, another process may take it for a leftover file and remove it. */
static int make_one(const char *path, mode_t mode, int *out)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd < 0)
        return errno == EEXIST ? -EAGAIN : -errno;
    if (flock(fd, LOCK_EX | LOCK_NB))
        return close_with(fd, errno == EWOULDBLOCK ? -EBUSY : -errno);
    if (!is_there(fd, path))
        return close_with(fd, -EAGAIN);
    *out = fd;
    return 0;
}

/* --- messages --------------------------------------------------------------------------------- */

static int cannot_write(int rc, const char *path, struct err *err)
{
    char folder[PATH_MAX];
    struct stat st;
    if (rc == -ENOENT && path_folder(path, folder) == 0 && stat(folder, &st) && errno == ENOENT)
        return err_set(err, rc,
                       "cannot write '%s': the folder '%s' does not exist: create it, or correct "
                       "the path",
                       path, folder);
    return err_set(err, rc, "cannot write '%s': %s", path, strerror(-rc));
}

static int cannot_create(int rc, const char *path, const char *suffix, struct err *err)
{
    if (rc == -EBUSY)
        return err_set(err, rc, "another process is writing '%s%s'", path, suffix);
    if (rc == -EEXIST)
        return err_set(err, rc, "'%s%s' exists and is not a regular file: remove it", path, suffix);
    if (rc == -ENAMETOOLONG)
        return err_set(err, rc, "'%.100s...': the name is too long", path);
    return cannot_write(rc, path, err);
}

static int cannot_place(int rc, const struct new_file *file, bool replace, struct err *err)
{
    if (rc == -EEXIST && !replace)
        return err_set(err, rc, "'%s' already exists", file->path);
    if (rc == -ESTALE)
        return err_set(err, rc, "'%s' was removed or replaced while it was written", file->beside);
    return cannot_write(rc, file->path, err);
}

/* --- creating and writing --------------------------------------------------------------------- */

static int create(struct new_file *file, const char *path, const char *suffix, mode_t mode)
{
    int rc = -EAGAIN;
    *file = (struct new_file){.fd = -1};
    if (snprintf(file->path, PATH_MAX, "%s", path) >= PATH_MAX ||
        snprintf(file->beside, PATH_MAX, "%s%s", path, suffix) >= PATH_MAX)
        rc = -ENAMETOOLONG;
    for (int i = 0; rc == -EAGAIN && i < TRIES; i++) {
        rc = remove_left(file->beside);
        if (rc == 0)
            rc = make_one(file->beside, mode, &file->fd);
    }
    if (rc)
        *file->beside = '\0';
    return rc == -EAGAIN ? -EBUSY : rc;
}

int new_file_create(struct new_file *file, const char *path, const char *suffix, mode_t mode,
                    struct err *err)
{
    int rc = create(file, path, suffix, mode);
    return rc ? cannot_create(rc, path, suffix, err) : 0;
}

int new_file_write(struct new_file *file, const void *data, size_t len_bytes, struct err *err)
{
    const char *at = data;
    while (len_bytes) {
        ssize_t n = write(file->fd, at, len_bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return cannot_write(n < 0 ? -errno : -EIO, file->path, err);
        at += n;
        len_bytes -= (size_t)n;
    }
    return 0;
}

/* --- placing ---------------------------------------------------------------------------------- */

/* Fails when `to` exists. Some file systems support only one of the two methods. */
static int name_unless_taken(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -errno;
    if (link(from, to))
        return -errno;
    unlink(from);
    return 0;
}

/* rename(2) would also take the place of a device or a socket. */
static int replace_file(const char *from, const char *to)
{
    struct stat st;
    if (lstat(to, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
        return S_ISDIR(st.st_mode) ? -EISDIR : -EEXIST;
    return rename(from, to) ? -errno : 0;
}

/* The content is synced before it gets the name: after a crash the name never has half of it. */
static int place(struct new_file *file, bool replace)
{
    int rc = durable_sync(file->fd);
    if (rc)
        return rc;
    if (!is_there(file->fd, file->beside))
        return -ESTALE;
    rc = replace ? replace_file(file->beside, file->path)
                 : name_unless_taken(file->beside, file->path);
    if (rc)
        return rc;
    *file->beside = '\0';
    close(file->fd);
    file->fd = -1;
    return durable_sync_name(file->path);
}

int new_file_place(struct new_file *file, bool replace, struct err *err)
{
    int rc = place(file, replace);
    return rc ? cannot_place(rc, file, replace, err) : 0;
}

void new_file_discard(struct new_file *file)
{
    if (!*file->beside)
        return;
    if (is_there(file->fd, file->beside))
        unlink(file->beside);
    close(file->fd);
    *file = (struct new_file){.fd = -1};
}

int new_file_put(const char *path, mode_t mode, const void *data, size_t len_bytes, struct err *err)
{
    struct new_file file;
    int rc = new_file_create(&file, path, ".new", mode, err);
    if (rc)
        return rc;
    rc = fchmod(file.fd, mode) ? cannot_write(-errno, path, err)
                               : new_file_write(&file, data, len_bytes, err);
    if (rc == 0)
        rc = new_file_place(&file, true, err);
    new_file_discard(&file);
    return rc;
}
