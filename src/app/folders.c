#include "app/folders.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Cuts the last name off; false when only the root is left. */
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
    if (*path != '/' || strlen(path) >= PATH_MAX)
        return err_set(err, -EINVAL, "'%.200s' is no absolute path, or too long", path);
    snprintf(out, PATH_MAX, "%s", path);
    return 0;
}

int folders_possible(const char *path, struct err *err)
{
    struct stat st;
    char there[PATH_MAX];
    int rc = copy_path(there, path, err);
    if (rc)
        return rc;
    while (stat(there, &st)) {
        if (errno != ENOENT || !up(there))
            return err_set(err, -errno, "cannot make the folder '%s': %s: %s", path, there,
                           strerror(errno));
    }
    if (!S_ISDIR(st.st_mode))
        return err_set(err, -ENOTDIR, "cannot make the folder '%s': '%s' is a file", path, there);
    if (faccessat(AT_FDCWD, there, W_OK | X_OK, AT_EACCESS))
        return err_set(err, -errno, "cannot write in '%s': %s", there, strerror(errno));
    return 0;
}

int folders_make(struct folders *folders, const char *path, mode_t mode, struct err *err)
{
    struct stat st;
    char *const at = folders->path;
    int rc = copy_path(at, path, err);
    if (rc)
        return rc;
    const size_t len = strlen(at);
    while (stat(at, &st) && errno == ENOENT && up(at))
        ;
    folders->kept_bytes = strlen(at);
    for (size_t done = folders->kept_bytes; done < len && rc == 0; done = strlen(at)) {
        size_t next = done + strspn(path + done, "/");
        next += strcspn(path + next, "/");
        memcpy(at, path, next);
        at[next] = '\0';
        if (mkdir(at, mode) && errno != EEXIST)
            rc = err_set(err, -errno, "cannot make the folder '%s': %s", at, strerror(errno));
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
