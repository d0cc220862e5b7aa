#include "files/private_file.h"

#include "base/clock.h"
#include "files/file.h"
#include "files/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int private_file_write(const char *path, const char *data, size_t len_bytes, struct err *err)
{
    return new_file_put(path, FILE_PRIVATE, data, len_bytes, err);
}

int private_file_read(const char *path, struct buf *out, int64_t *modified_ns)
{
    struct stat st;
    int rc;
    /* O_NONBLOCK: if the path is a FIFO, open() must not wait. */
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
