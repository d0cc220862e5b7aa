#include "files/folders.h"

#include "files/durable.h"
#include "files/owner.h"
#include "files/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int cannot_create(int rc, const char *path, struct err *err)
{
    return err_set(err, rc, "cannot create the folder '%s': %s", path, strerror(-rc));
}

/* --- what exists ------------------------------------------------------------------------------ */

/* Removes the last name of `path`; false if it is the root or has no name before. */
static bool up(char *path)
{
    char *slash = strrchr(path, '/');
    if (!slash || !path[1])
        return false;
    slash[slash == path ? 1 : 0] = '\0';
    return true;
}

static int copy_path(char out[PATH_MAX], const char *path, struct err *err)
{
    size_t len = strlen(path);
    *out = '\0';
    if (len == 0 || len >= PATH_MAX)
        return err_set(err, len ? -ENAMETOOLONG : -EINVAL,
                       "'%.100s' is not a valid name of a folder", path);
    memcpy(out, path, len + 1);
    return 0;
}

/* Shortens `at`, a copy of `path`, to the part that exists, which must be a directory; "" when not
 * even the first name of a relative path exists. */
static int find_there(char *at, const char *path, struct err *err)
{
    struct stat st;
    while (stat(at, &st)) {
        if (errno != ENOENT)
            return cannot_create(-errno, path, err);
        if (!up(at)) {
            *at = '\0';
            return 0;
        }
    }
    return S_ISDIR(st.st_mode)
               ? 0
               : err_set(err, -ENOTDIR, "cannot create the folder '%s': '%s' is a file", path, at);
}

static int cannot_write(const char *path, int rc, struct err *err)
{
    char owner[OWNER_NAME], ours[OWNER_NAME];
    struct stat st;
    if (rc != -EACCES || stat(path, &st))
        return err_set(err, rc, "cannot write in '%s': %s", path, strerror(-rc));
    return err_set(err, rc, "cannot write in '%s' as user '%s': it belongs to user '%s'", path,
                   owner_name(ours, geteuid()), owner_name(owner, st.st_uid));
}

int folders_writable(const char *path, struct err *err)
{
    int fd = open(path, O_TMPFILE | O_WRONLY | O_CLOEXEC, FILE_PRIVATE);
    int rc = fd < 0 ? -errno : 0;
    if (fd >= 0)
        close(fd);
    if (rc == -EOPNOTSUPP || rc == -EISDIR) /* no O_TMPFILE on this file system */
        rc = faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) ? -errno : 0;
    return rc ? cannot_write(path, rc, err) : 0;
}

int folders_possible(const char *path, struct err *err)
{
    char there[PATH_MAX];
    int rc = copy_path(there, path, err);
    if (rc == 0)
        rc = find_there(there, path, err);
    return rc ? rc : folders_writable(*there ? there : ".", err);
}

/* --- creating --------------------------------------------------------------------------------- */

/* Extends `at`, a beginning of `path`, by the next name of `path`. */
static void add_name(char *at, const char *path)
{
    size_t len = strlen(at);
    size_t end = len + strspn(path + len, "/");
    end += strcspn(path + end, "/");
    memcpy(at, path, end);
    at[end] = '\0';
}

/* A directory that root creates in another user's directory is given to that user, whose service
 * could not write in it otherwise. */
static int give_away(const char *path, struct err *err)
{
    char above[PATH_MAX];
    struct stat st;
    if (geteuid() != 0 || path_folder(path, above) || stat(above, &st) || st.st_uid == 0)
        return 0;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int rc = fd < 0 || fchown(fd, st.st_uid, st.st_gid) ? -errno : 0;
    if (fd >= 0)
        close(fd);
    return rc ? err_set(err, rc, "cannot give the folder '%s' to the owner of '%s': %s", path,
                        above, strerror(-rc))
              : 0;
}

static int settle(const char *path, struct err *err)
{
    int rc = give_away(path, err);
    if (rc == 0 && (rc = durable_sync_name(path)) != 0)
        cannot_create(rc, path, err);
    if (rc)
        rmdir(path);
    return rc;
}

int folders_make_last(const char *path, mode_t mode, struct err *err)
{
    if (mkdir(path, mode) == 0)
        return settle(path, err);
    if (errno != EEXIST)
        return cannot_create(-errno, path, err);
    return is_folder(path)
               ? 0
               : err_set(err, -ENOTDIR,
                         "cannot create the folder '%s': it exists and is not a folder", path);
}

int folders_make(struct folders *folders, const char *path, mode_t mode, struct err *err)
{
    char *at = folders->path;
    int rc = copy_path(at, path, err);
    if (rc == 0)
        rc = find_there(at, path, err);
    folders->kept_bytes = strlen(at);
    while (rc == 0 && strlen(at) < strlen(path)) {
        add_name(at, path);
        rc = folders_make_last(at, mode, err);
    }
    if (rc)
        folders_take_back(folders);
    return rc;
}

int folders_keep(const char *path, mode_t mode, struct err *err)
{
    struct folders folders;
    return folders_make(&folders, path, mode, err);
}

void folders_take_back(struct folders *folders)
{
    while (strlen(folders->path) > folders->kept_bytes) {
        rmdir(folders->path);
        if (!up(folders->path))
            break;
    }
}
