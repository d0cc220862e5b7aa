#include "files/staged_file.h"

#include "files/owner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int refuse_there(const char *path, struct err *err)
{
    return err_set(err, -EEXIST, "%s exists already: --force replaces it", path);
}

int staged_file_may_go(const char *path, bool replace, struct err *err)
{
    struct stat st;
    if (lstat(path, &st))
        return errno == ENOENT || errno == ENOTDIR
                   ? 0
                   : err_set(err, -errno, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
        return err_set(err, -EEXIST, "%s exists and is not a file: move it away", path);
    return replace ? 0 : refuse_there(path, err);
}

static int keep_owner(int fd, const struct stat *was, const char *path, struct err *err)
{
    struct stat now;
    char owner[OWNER_NAME];
    if (fstat(fd, &now))
        return -errno;
    uid_t uid = was->st_uid == now.st_uid ? (uid_t)-1 : was->st_uid;
    gid_t gid = was->st_gid == now.st_gid ? (gid_t)-1 : was->st_gid;
    if (fchown(fd, uid, gid) == 0)
        return 0;
    return err_set(err, -errno, "cannot keep the owner of %s, user '%s': run this as that user",
                   path, owner_name(owner, was->st_uid));
}

/* A new file gets the owner and mode of the file it replaces; a private one stays private. */
static int set_mode(int fd, const char *path, mode_t mode, struct err *err)
{
    struct stat was;
    if (lstat(path, &was) == 0 && S_ISREG(was.st_mode)) {
        int rc = keep_owner(fd, &was, path, err);
        if (rc)
            return rc;
        mode = was.st_mode & (mode & 077 ? 0777 : 0700);
    }
    return fchmod(fd, mode) ? -errno : 0;
}

static int write_beside(struct new_file *file, const char *path, mode_t mode, const char *data,
                        size_t len_bytes, struct err *err)
{
    int rc = new_file_create(file, path, ".init", 0600);
    if (rc == 0)
        rc = set_mode(file->fd, path, mode, err);
    if (rc == 0)
        rc = new_file_write(file, data, len_bytes);
    if (rc == 0 && fsync(file->fd))
        rc = -errno;
    return rc;
}

int staged_file_write(struct staged_file *file, const char *path, mode_t mode, const char *data,
                      size_t len_bytes, struct err *err)
{
    struct err why = {0};
    *file = (struct staged_file){0};
    int rc = write_beside(&file->file, path, mode, data, len_bytes, &why);
    if (rc == 0)
        return 0;
    new_file_discard(&file->file);
    if (rc == -ENAMETOOLONG)
        return err_set(err, rc, "the path '%.100s...' is too long", path);
    if (*why.text)
        return err_set(err, rc, "%s", why.text);
    return err_set(err, rc, "cannot write %s: %s", path, strerror(-rc));
}

/* The old file gets a second name, so that `path` exists at every moment. */
static int keep_old(struct staged_file *file)
{
    char old[PATH_MAX];
    if (snprintf(old, sizeof(old), "%s.init-old", file->file.path) >= (int)sizeof(old))
        return -ENAMETOOLONG;
    unlink(old);
    if (link(file->file.path, old))
        return errno == ENOENT ? 0 : -errno;
    snprintf(file->old, sizeof(file->old), "%s", old);
    return 0;
}

int staged_file_place(struct staged_file *file, bool replace, struct err *err)
{
    int rc = replace ? keep_old(file) : 0;
    if (rc == 0) {
        rc = new_file_place(&file->file, replace);
        file->placed = !*file->file.beside;
    }
    if (rc == -EEXIST && !replace)
        return refuse_there(file->file.path, err);
    return rc ? err_set(err, rc, "cannot write %s: %s", file->file.path, strerror(-rc)) : 0;
}

void staged_file_take_back(struct staged_file *file)
{
    new_file_discard(&file->file);
    if (*file->old && file->placed)
        rename(file->old, file->file.path);
    else if (*file->old)
        unlink(file->old);
    else if (file->placed)
        unlink(file->file.path);
    *file = (struct staged_file){0};
}

void staged_file_settle(struct staged_file *file)
{
    if (*file->old)
        unlink(file->old);
    *file = (struct staged_file){0};
}
