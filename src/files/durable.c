#include "files/durable.h"

#include "files/path.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int durable_sync(int fd)
{
    return fsync(fd) ? -errno : 0;
}

int durable_sync_name(const char *path)
{
    char folder[PATH_MAX];
    int rc = path_folder(path, folder);
    if (rc)
        return rc;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    rc = durable_sync(fd);
    close(fd);
    return rc;
}
