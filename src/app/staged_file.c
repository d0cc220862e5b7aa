#include "app/staged_file.h"

#include "app/private_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int refuse_there(const char *path, struct err *err)
{
    return err_set(err, -EEXIST, "%s is there already; --force replaces it", path);
}

int staged_file_may_go(const char *path, bool replace, struct err *err)
{
    struct stat st;
    if (lstat(path, &st))
        return errno == ENOENT || errno == ENOTDIR
                   ? 0
                   : err_set(err, -errno, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
        return err_set(err, -EEXIST, "%s is there and is no file", path);
    return replace ? 0 : refuse_there(path, err);
}

int staged_file_write(struct staged_file *file, const char *path, mode_t mode, const char *data,
                      size_t len_bytes, struct err *err)
{
    *file = (struct staged_file){0};
    if (snprintf(file->path, PATH_MAX, "%s", path) >= PATH_MAX ||
        snprintf(file->beside, PATH_MAX, "%s.init", path) >= PATH_MAX)
        return err_set(err, -ENAMETOOLONG, "the path '%.100s...' is too long", path);
    int rc = private_file_write(file->beside, data, len_bytes);
    if (rc == 0 && chmod(file->beside, mode))
        rc = -errno;
    if (rc == 0)
        return 0;
    unlink(file->beside);
    *file->beside = '\0';
    return err_set(err, rc, "cannot write %s: %s", path, strerror(-rc));
}

/* A second name for it, so that there is no moment without the file. */
static int keep_old(struct staged_file *file)
{
    char old[PATH_MAX];
    if (snprintf(old, sizeof(old), "%s.old", file->path) >= (int)sizeof(old))
        return -ENAMETOOLONG;
    unlink(old);
    if (link(file->path, old))
        return errno == ENOENT ? 0 : -errno;
    snprintf(file->old, sizeof(file->old), "%s", old);
    return 0;
}

/* link() never replaces, whatever came there since anybody looked. */
static int move_there(struct staged_file *file, bool replace)
{
    int rc = replace ? keep_old(file) : 0;
    if (rc)
        return rc;
    if (replace ? rename(file->beside, file->path) : link(file->beside, file->path))
        return -errno;
    if (!replace)
        unlink(file->beside);
    *file->beside = '\0';
    file->placed = true;
    return 0;
}

int staged_file_place(struct staged_file *file, bool replace, struct err *err)
{
    int rc = move_there(file, replace);
    if (rc == -EEXIST && !replace)
        return refuse_there(file->path, err);
    return rc ? err_set(err, rc, "cannot write %s: %s", file->path, strerror(-rc)) : 0;
}

void staged_file_take_back(struct staged_file *file)
{
    if (*file->beside)
        unlink(file->beside);
    if (*file->old && file->placed)
        rename(file->old, file->path);
    else if (*file->old)
        unlink(file->old);
    else if (file->placed)
        unlink(file->path);
    *file = (struct staged_file){0};
}

void staged_file_settle(struct staged_file *file)
{
    if (*file->old)
        unlink(file->old);
    *file = (struct staged_file){0};
}
