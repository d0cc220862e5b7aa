#include "files/run_lock.h"

#include "files/folders.h"
#include "files/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int busy(int fd, const char *state_dir, struct err *err)
{
    char pid[16] = "";
    ssize_t len = pread(fd, pid, sizeof(pid) - 1, 0);
    pid[len > 0 ? len : 0] = '\0';
    pid[strcspn(pid, "\n")] = '\0';
    return err_set(err, -EBUSY,
                   "another cinta (process %s) runs with state_dir '%s'; stop it, or give this one "
                   "a state_dir of its own",
                   pid, state_dir);
}

/* The cause is the owner of the directory, or of a lock file that another user has left. */
static int cannot_open(const char *state_dir, const char *path, int rc, struct err *err)
{
    char owner[OWNER_NAME], ours[OWNER_NAME];
    struct stat st;
    if (rc != -EACCES || (stat(path, &st) && stat(state_dir, &st)))
        return err_set(err, rc, "cannot write in state_dir '%s': %s", state_dir, strerror(-rc));
    owner_name(ours, geteuid());
    return err_set(
        err, rc,
        "cannot write in state_dir '%s' as user '%s': the folder or a file in it belongs to user "
        "'%s': chown -R %s: %s",
        state_dir, ours, owner_name(owner, st.st_uid), ours, state_dir);
}

/* The directory belongs to this user, but a file put there before may not. */
static int check_file(int fd, const char *path, struct err *err)
{
    struct stat st;
    if (fstat(fd, &st))
        return err_set(err, -errno, "cannot lock %s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink != 1)
        return err_set(err, -EPERM, "%s is not a regular file of this user: remove it", path);
    return fchmod(fd, FILE_PRIVATE)
               ? err_set(err, -errno, "cannot lock %s: %s", path, strerror(errno))
               : 0;
}

static int lock(int fd, const char *state_dir, const char *path, struct err *err)
{
    int rc = check_file(fd, path, err);
    if (rc)
        return rc;
    if (flock(fd, LOCK_EX | LOCK_NB))
        return errno == EWOULDBLOCK
                   ? busy(fd, state_dir, err)
                   : err_set(err, -errno, "cannot lock %s: %s", path, strerror(errno));
    if (ftruncate(fd, 0) || dprintf(fd, "%ld\n", (long)getpid()) < 0)
        return err_set(err, -EIO, "cannot write %s: %s", path, strerror(errno));
    return 0;
}

int run_lock_take(const char *state_dir, struct err *err)
{
    char path[PATH_MAX];
    int rc = folders_make_last(state_dir, FOLDER_PRIVATE, err);
    if (rc) {
        err_prefix(err, "state_dir: ");
        return rc;
    }
    snprintf(path, sizeof(path), "%s/cinta.lock", state_dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, FILE_PRIVATE);
    if (fd < 0)
        return cannot_open(state_dir, path, -errno, err);
    rc = lock(fd, state_dir, path, err);
    if (rc) {
        close(fd);
        return rc;
    }
    return fd;
}
