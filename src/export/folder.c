#include "export/folder.h"

#include "files/new_file.h"
#include "files/owner.h"
#include "files/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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

static int make_one(const char *path)
{
    if (is_folder(path))
        return 0;
    if (mkdir(path, 0750))
        return errno == EEXIST && is_folder(path) ? 0 : -errno;
    return new_file_sync_folder(path);
}

int folder_make(const char *path, struct err *err)
{
    char part[PATH_MAX];
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof(part))
        return err_set(err, -ENAMETOOLONG, "'%s' is not a valid name of a folder", path);
    for (size_t i = 1; i <= len; i++) {
        if (i < len && path[i] != '/')
            continue;
        snprintf(part, sizeof(part), "%.*s", (int)i, path);
        int rc = make_one(part);
        if (rc)
            return err_set(
                err, rc,
                "cannot create the folder '%s': %s: choose another one with --out or export.out",
                part, strerror(-rc));
    }
    return 0;
}

int folder_make_of(const char *file_path, struct err *err)
{
    char folder[PATH_MAX];
    if (path_folder(file_path, folder))
        return err_set(err, -ENAMETOOLONG, "'%s': the name is too long", file_path);
    return folder_make(folder, err);
}

static int cannot_write(const char *path, int rc, struct err *err)
{
    char owner[OWNER_NAME], ours[OWNER_NAME];
    struct stat st;
    if (rc != -EACCES || stat(path, &st))
        return err_set(err, rc, "cannot write in '%s': %s", path, strerror(-rc));
    return err_set(err, rc,
                   "cannot write in '%s' as user '%s': it belongs to user '%s': choose another "
                   "folder with --out or export.out",
                   path, owner_name(ours, geteuid()), owner_name(owner, st.st_uid));
}

int folder_writable(const char *path, struct err *err)
{
    int fd = open(path, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    int rc = fd < 0 ? -errno : 0;
    if (fd >= 0)
        close(fd);
    if (rc == -EOPNOTSUPP || rc == -EISDIR) /* no O_TMPFILE on this file system */
        rc = access(path, W_OK | X_OK) ? -errno : 0;
    return rc ? cannot_write(path, rc, err) : 0;
}
