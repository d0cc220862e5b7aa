#include "service/disk_use.h"

#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static double size_of(const char *path, const char *suffix)
{
    struct stat st;
    char name[PATH_MAX];
    snprintf(name, sizeof(name), "%s%s", path, suffix);
    return stat(name, &st) == 0 ? (double)st.st_size : NAN;
}

struct disk_use disk_use_read(const char *path)
{
    struct statvfs disk;
    bool known = statvfs(path, &disk) == 0;
    return (struct disk_use){
        .database = size_of(path, ""),
        .wal = size_of(path, "-wal"),
        .free = known ? (double)disk.f_bavail * (double)disk.f_frsize : NAN,
    };
}
