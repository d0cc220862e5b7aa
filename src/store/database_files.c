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

/* --- a file to write ---------------------------------------------------------------------------
 */

static int check_name(const char *from, const char *name, struct err *err)
{
    const char *role = database_files_role(from, name);
    return role ? err_set(err, -EPERM, "'%s' is %s to be read, '%s': give another FILE", name,
                          role, from)
                : 0;
}

/* --force replaces files; it does not replace a folder, a device or a socket. */
static int check_kind(const char *to, struct err *err)
{
    struct stat st;
    if (stat(to, &st) || S_ISREG(st.st_mode))
        return 0;
    if (S_ISDIR(st.st_mode))
        return err_set(err, -EISDIR, "'%s' is a folder: give the name of a file in it", to);
    return err_set(err, -EPERM, "'%s' is a device, a pipe or a socket: give another FILE", to);
}

static int check_names(const char *from, const char *to, const char *suffix, struct err *err)
{
    char part[PATH_MAX];
    if (snprintf(part, sizeof(part), "%s%s", to, suffix) >= (int)sizeof(part))
        return err_set(err, -ENAMETOOLONG, "'%.100s...': the name is too long", to);
    int rc = check_name(from, to, err);
    return rc ? rc : check_name(from, part, err);
}

/* A service that records into `to` would keep writing into the replaced file, and lose all of that
 * when it closes it. */
int database_files_check_target(const char *from, const char *to, const char *suffix,
                                struct err *err)
{
    char pending[PATH_MAX];
    int rc = check_names(from, to, suffix, err);
    if (rc)
        return rc;
    if (database_files_recorded(to))
        return err_set(err, -EPERM,
                       "'%s' is a database that a service records into: give another FILE", to);
    if (database_files_pending(to, pending, sizeof(pending)))
        return err_set(
            err, -EPERM,
            "'%s' holds changes of another database, which SQLite would apply to the copy: "
            "remove it, or give another FILE",
            pending);
    return check_kind(to, err);
}
