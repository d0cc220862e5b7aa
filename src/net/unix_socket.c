#include "net/unix_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* sun_path holds 107 bytes; /proc/self/fd/N of the open folder makes longer paths usable. */
static int make_address(const char *path, struct sockaddr_un *address, int *folder_fd)
{
    char folder[PATH_MAX], name[PATH_MAX];
    snprintf(folder, sizeof(folder), "%s", path);
    snprintf(name, sizeof(name), "%s", path);
    *folder_fd = open(dirname(folder), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*folder_fd < 0)
        return -errno;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    int len = snprintf(address->sun_path, sizeof(address->sun_path), "/proc/self/fd/%d/%s",
                       *folder_fd, basename(name));
    if (len < (int)sizeof(address->sun_path))
        return 0;
    close(*folder_fd);
    return -ENAMETOOLONG;
}

static int connect_to(const struct sockaddr_un *address, int flags)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0)
        return fd;
    int rc = -errno;
    close(fd);
    return rc;
}

/* 0: the path is free now. */
static int remove_left_socket(const struct sockaddr_un *address)
{
    struct stat st;
    if (lstat(address->sun_path, &st))
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(st.st_mode))
        return -EEXIST;
    int fd = connect_to(address, SOCK_NONBLOCK);
    if (fd >= 0)
        close(fd);
    if (fd >= 0 || fd == -EAGAIN) /* -EAGAIN: it listens and its queue is full */
        return -EADDRINUSE;
    if (fd != -ECONNREFUSED)
        return fd;
    return unlink(address->sun_path) && errno != ENOENT ? -errno : 0;
}

/* Sets the mode before bind(): changing the umask instead would affect all threads. */
static int bind_with_mode(int fd, const struct sockaddr_un *address, mode_t mode, int backlog)
{
    return fchmod(fd, mode) || bind(fd, (const struct sockaddr *)address, sizeof(*address)) ||
                   chmod(address->sun_path, mode) || listen(fd, backlog)
               ? -errno
               : 0;
}

int unix_socket_listen(const char *path, mode_t mode, int backlog)
{
    struct sockaddr_un address;
    int folder_fd, fd = -1, rc = make_address(path, &address, &folder_fd);
    if (rc)
        return rc;
    rc = remove_left_socket(&address);
    if (rc == 0) {
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        rc = fd < 0 ? -errno : bind_with_mode(fd, &address, mode, backlog);
    }
    close(folder_fd);
    if (rc == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return rc;
}

int unix_socket_connect(const char *path)
{
    struct sockaddr_un address;
    int folder_fd, rc = make_address(path, &address, &folder_fd);
    if (rc)
        return rc;
    int fd = connect_to(&address, 0);
    close(folder_fd);
    return fd;
}
