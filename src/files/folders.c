#include "files/folders.h"

#include "files/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Changes `path` to its parent directory; false if it is the root. */
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
    *out = '\0';
    if (*path != '/' || strlen(path) >= PATH_MAX)
        return err_set(err, -EINVAL, "'%.200s' is not an absolute path, or is too long", path);
    snprintf(out, PATH_MAX, "%s", path);
    return 0;
}

/* Shortens `at`, a copy of `path`, to the part that exists, which must be a directory. */
static int find_there(char *at, const char *path, struct err *err)
{
    struct stat st;
    while (stat(at, &st)) {
        if (errno != ENOENT || !up(at))
            return err_set(err, -errno, "cannot make the folder '%s': %s: %s", path, at,
                           strerror(errno));
    }
    return S_ISDIR(st.st_mode)
               ? 0
               : err_set(err, -ENOTDIR, "cannot make the folder '%s': '%s' is a file", path, at);
}

int folders_possible(const char *path, struct err *err)
{
    char there[PATH_MAX];
    int rc = copy_path(there, path, err);
    if (rc == 0)
        rc = find_there(there, path, err);
    if (rc == 0 && faccessat(AT_FDCWD, there, W_OK | X_OK, AT_EACCESS))
        rc = err_set(err, -errno, "cannot write in '%s': %s", there, strerror(errno));
    return rc;
}

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

static int make_one(const char *path, mode_t mode, struct err *err)
{
    if (mkdir(path, mode) == 0)
        return give_away(path, err);
    return errno == EEXIST
               ? 0
               : err_set(err, -errno, "cannot make the folder '%s': %s", path, strerror(errno));
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
        rc = make_one(at, mode, err);
    }
    if (rc)
        folders_take_back(folders);
    return rc;
}

void folders_take_back(struct folders *folders)
{
    while (strlen(folders->path) > folders->kept_bytes) {
        rmdir(folders->path);
        up(folders->path);
    }
}
