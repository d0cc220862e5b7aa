#include "config/path_check.h"

#include "files/owner.h"
#include "files/path.h"
#include "files/program.h"
#include "files/state_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct check {
    path_check_fn *fn;
    void *arg;
    int problems;
};

static void tell(struct check *c, const struct err *err)
{
    c->problems++;
    c->fn(c->arg, err->text);
}

static bool may(const char *path, int mode)
{
    return faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0;
}

static void tell_closed(struct check *c, const char *key, const char *path, const char *what)
{
    char found[PATH_MAX], owner[OWNER_NAME], ours[OWNER_NAME];
    struct err err;
    struct stat st = {0};
    int rc = owner_nearest(path, found, &st);
    owner_name(ours, geteuid());
    err_set(&err, -EACCES, "%s: user '%s' cannot %s '%s': '%s' belongs to user '%s' (mode %04o)",
            key, ours, what, path, rc ? path : found, owner_name(owner, st.st_uid),
            (unsigned)st.st_mode & 07777);
    tell(c, &err);
}

static void check_readable(struct check *c, const char *key, const char *path)
{
    if (*path && !may(path, R_OK) && errno == EACCES)
        tell_closed(c, key, path, "read");
}

/* Checks `path` or its nearest existing parent, in which the rest would be created. */
static void check_writable(struct check *c, const char *key, const char *path)
{
    char found[PATH_MAX];
    struct stat st;
    if (owner_nearest(path, found, &st) == 0 &&
        !may(found, S_ISDIR(st.st_mode) ? W_OK | X_OK : W_OK))
        tell_closed(c, key, path, "write");
}

/* False: state_dir is another user's, and the other paths probably too: one report is enough. */
static bool check_state(struct check *c, const struct config *config)
{
    struct stat st;
    struct err err;
    if (state_folder_check(config->state_dir, &err)) {
        tell(c, &err);
        return stat(config->state_dir, &st) || st.st_uid == geteuid();
    }
    check_writable(c, "state_dir", config->state_dir);
    return true;
}

/* `cinta run` creates state_dir, but no other directory. */
static void check_database(struct check *c, const struct config *config)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char folder[PATH_MAX], file[PATH_MAX];
    struct err err;
    if (path_folder(config->store.path, folder))
        return;
    if (access(folder, F_OK) && errno == ENOENT && strcmp(folder, config->state_dir) != 0) {
        err_set(&err, -ENOENT,
                "store.path: the folder '%s' does not exist: mkdir -p %s, or correct it", folder,
                folder);
        tell(c, &err);
        return;
    }
    check_writable(c, "store.path", folder);
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        snprintf(file, sizeof(file), "%s%s", config->store.path, suffixes[i]);
        if (access(file, F_OK) == 0)
            check_writable(c, "store.path", file);
    }
}

static void check_program(struct check *c, const char *key, const char *path)
{
    struct err err;
    if (!*path || program_check(path, &err) == 0)
        return;
    err_prefix(&err, "%s: ", key);
    tell(c, &err);
}

int path_check(const struct config *config, path_check_fn *fn, void *arg)
{
    struct check c = {.fn = fn, .arg = arg};
    check_readable(&c, "the configuration", config->file);
    check_readable(&c, "broker.ca_file", config->broker.ca_file);
    if (!check_state(&c, config))
        return c.problems;
    check_database(&c, config);
    if (*config->export.at)
        check_writable(&c, "export.out", config->export.out);
    check_program(&c, "alert.command", config->alert.command);
    return c.problems;
}
