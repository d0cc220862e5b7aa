#include "store/database_files.h"

#include "files/same_file.h"
#include "store/file_head.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    const char *suffix, *role;
} files[] = {
    {"", "the database"},
    {"-wal", "the -wal file of the database"},
    {"-shm", "the -shm file of the database"},
    {"-journal", "the -journal file of the database"},
};

#define FILES (sizeof(files) / sizeof(files[0]))

const char *database_files_role(const char *database, const char *path)
{
    for (size_t i = 0; i < FILES; i++) {
        char file[PATH_MAX];
        if (snprintf(file, sizeof(file), "%s%s", database, files[i].suffix) < (int)sizeof(file) &&
            same_file(file, path))
            return files[i].role;
    }
    return NULL;
}

/* A service holds this lock while it records: see database_open(). */
bool database_files_recorded(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    bool recorded = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
                    flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(fd);
    return recorded;
}

bool database_files_pending(const char *path, char *out, int out_bytes)
{
    static const char *const suffixes[] = {"-wal", "-journal"};
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        struct stat st;
        if (snprintf(out, (size_t)out_bytes, "%s%s", path, suffixes[i]) < out_bytes &&
            stat(out, &st) == 0 && st.st_size > 0)
            return true;
    }
    return false;
}

int database_files_check_wal(const struct file_head *head, const char *path, struct err *err)
{
    char wal[PATH_MAX];
    struct stat st;
    if (!head->valid || head->wal ||
        snprintf(wal, sizeof(wal), "%s-wal", path) >= (int)sizeof(wal) || stat(wal, &st) ||
        st.st_size == 0)
        return 0;
    return err_set(err, -EUCLEAN,
                   "'%s' does not belong to '%s', which was copied over another database: "
                   "rm -f %s %s-shm",
                   wal, path, wal, path);
}
