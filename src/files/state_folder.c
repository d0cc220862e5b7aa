#include "files/state_folder.h"

#include "files/owner.h"
#include "files/path.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int check_above(const char *path, struct err *err)
{
    char above[PATH_MAX];
    struct stat st;
    int rc = path_folder(path, above);
    if (rc || stat(above, &st) == 0 || errno != ENOENT)
        return 0; /* other errors show when it is created */
    return err_set(err, -ENOENT, "state_dir '%s': the folder '%s' does not exist: mkdir -p %s",
                   path, above, above);
}

static int check_owner(const char *path, uid_t uid, struct err *err)
{
    char owner[OWNER_NAME], ours[OWNER_NAME];
    if (uid == geteuid() || uid == 0)
        return 0;
    owner_name(owner, uid);
    owner_name(ours, geteuid());
    return err_set(err, -EPERM,
                   "state_dir '%s' belongs to user '%s' and this is user '%s': run it as '%s', or "
                   "chown %s %s",
                   path, owner, ours, owner, ours, path);
}

int state_folder_check(const char *path, struct err *err)
{
    struct stat st;
    if (stat(path, &st))
        return errno == ENOENT ? check_above(path, err)
                               : err_set(err, -errno, "state_dir '%s': %s", path, strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return err_set(err, -ENOTDIR, "state_dir '%s' is not a folder", path);
    int rc = check_owner(path, st.st_uid, err);
    if (rc)
        return rc;
    if (st.st_mode & 022 && !(st.st_mode & S_ISVTX))
        return err_set(err, -EPERM, "others may write in state_dir '%s': chmod go-w %s", path,
                       path);
    return 0;
}
