#include "app/private_file.h"

#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

static int write_synced(const char *path, const char *data, size_t len_bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -errno;
    int rc = fchmod(fd, 0600) ? -errno : write_all(fd, data, len_bytes);
    if (rc == 0 && fsync(fd))
        rc = -errno;
    close(fd);
    return rc;
}

int private_file_write(const char *path, const char *data, size_t len_bytes)
{
    char beside[PATH_MAX];
    if (snprintf(beside, sizeof(beside), "%s.new", path) >= (int)sizeof(beside))
        return -ENAMETOOLONG;
    int rc = write_synced(beside, data, len_bytes);
    if (rc == 0 && rename(beside, path))
        rc = -errno;
    if (rc)
        unlink(beside);
    return rc;
}

int private_file_read(const char *path, struct buf *out, int64_t *modified_ns)
{
    struct stat st;
    int rc;
    /* A pipe in its place must not make us wait. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ELOOP ? -EPERM : -errno;
    if (fstat(fd, &st))
        rc = -errno;
    else if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077))
        rc = -EPERM;
    else
        rc = file_read_fd(fd, out);
    if (rc == 0 && modified_ns)
        *modified_ns = (int64_t)st.st_mtim.tv_sec * NS_PER_S + st.st_mtim.tv_nsec;
    close(fd);
    return rc;
}
