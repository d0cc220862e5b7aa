#include "files/staged_file.h"

#include "files/durable.h"
#include "files/owner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int cannot_write(int rc, const char *path, struct err *err)
{
    return err_set(err, rc, "cannot write '%s': %s", path, strerror(-rc));
}

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
        return cannot_write(-errno, path, err);
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
    return fchmod(fd, mode) ? cannot_write(-errno, path, err) : 0;
}

/* Synced here, so that a full disk shows before any of the files is placed. */
int staged_file_write(struct staged_file *file, const struct staged_file_parts *parts,
                      struct err *err)
{
    const char *path = parts->path;
    *file = (struct staged_file){0};
    int rc = new_file_create(&file->file, path, ".init", FILE_PRIVATE, err);
    if (rc)
        return rc;
    rc = set_mode(file->file.fd, path, parts->mode, err);
    if (rc == 0)
        rc = new_file_write(&file->file, parts->data, parts->len_bytes, err);
    if (rc == 0 && (rc = durable_sync(file->file.fd)) != 0)
        cannot_write(rc, path, err);
    if (rc)
        new_file_discard(&file->file);
    return rc;
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
    const char *path = file->file.path;
    int rc = replace ? keep_old(file) : 0;
    if (rc)
        return cannot_write(rc, path, err);
    rc = new_file_place(&file->file, replace, err);
    file->placed = !*file->file.beside;
    return rc == -EEXIST && !replace ? refuse_there(path, err) : rc;
}

void staged_file_take_back(struct staged_file *file)
{
    const char *path = file->file.path;
    new_file_discard(&file->file);
    if (*file->old && file->placed)
        rename(file->old, path);
    else if (*file->old)
        unlink(file->old);
    else if (file->placed)
        unlink(path);
    if (file->placed)
        durable_sync_name(path);
    *file = (struct staged_file){0};
}

void staged_file_settle(struct staged_file *file)
{
    if (*file->old)
        unlink(file->old);
    *file = (struct staged_file){0};
}
