#include "app/run_lock.h"

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

int run_lock_take(const char *state_dir, struct err *err)
{
    char path[PATH_MAX];
    if (mkdir(state_dir, 0700) && errno != EEXIST)
        return err_set(err, -errno, "cannot make state_dir '%s': %s", state_dir, strerror(errno));
    snprintf(path, sizeof(path), "%s/cinta.lock", state_dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err_set(err, -errno, "cannot write in state_dir '%s': %s", state_dir,
                       strerror(errno));
    int rc = 0;
    if (flock(fd, LOCK_EX | LOCK_NB))
        rc = errno == EWOULDBLOCK
                 ? busy(fd, state_dir, err)
                 : err_set(err, -errno, "cannot lock %s: %s", path, strerror(errno));
    else if (ftruncate(fd, 0) || dprintf(fd, "%ld\n", (long)getpid()) < 0)
        rc = err_set(err, -EIO, "cannot write %s: %s", path, strerror(errno));
    if (rc) {
        close(fd);
        return rc;
    }
    return fd;
}
