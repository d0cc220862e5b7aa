#include "cli/owners.h"

#include "files/owner.h"
#include "files/run_as.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

/* After -EACCES for `path`; `options`: what the command for root must have. */
static int fail(const struct cmd *self, int status, const char *path, const char *options,
                const struct err *err)
{
    char found[PATH_MAX], prefix[RUN_AS_PREFIX];
    struct stat st;
    if (owner_nearest(path, found, &st) || st.st_uid == 0)
        return cmd_fail(self, status, "%s", err->text);
    const struct run_as owner = {st.st_uid, st.st_gid};
    return cmd_fail(self, status, "%s; as root: %s cinta %s%s", err->text,
                    run_as_prefix(prefix, &owner), self->name, options);
}

int owners_fail(const struct cmd *self, int status, int rc, const char *path, const struct err *err)
{
    return rc == -EACCES ? fail(self, status, path, "", err)
                         : cmd_fail(self, status, "%s", err->text);
}

int owners_refuse_root(const struct cmd *self, const char *const *paths)
{
    char name[OWNER_NAME], prefix[RUN_AS_PREFIX];
    struct run_as owner;
    for (; *paths; paths++) {
        if (run_as_needed(*paths, &owner))
            return cmd_fail(self, STATUS_CONFIG,
                            "running as root, but '%s' belongs to user '%s', who cannot open files "
                            "created by root: run 'systemctl start cinta', or '%s cinta %s'",
                            *paths, owner_name(name, owner.uid), run_as_prefix(prefix, &owner),
                            self->name);
    }
    return STATUS_OK;
}

int owners_become(const struct cmd *self, const char *database, const char *out)
{
    struct run_as owner, target;
    struct err err;
    if (!run_as_needed(database, &owner) || !run_as_needed(out, &target) ||
        owner.uid != target.uid || run_as_become(&owner, &err) == 0)
        return STATUS_OK;
    return cmd_fail(self, STATUS_FAILED, "%s", err.text);
}

int owners_check_series(const struct cmd *self, const char *database)
{
    char ours[OWNER_NAME];
    struct err err;
    if (faccessat(AT_FDCWD, database, W_OK, AT_EACCESS) == 0 || errno != EACCES)
        return STATUS_OK;
    err_set(&err, -EACCES,
            "user '%s' cannot write '%s', where --since-last stores the position of the series",
            owner_name(ours, geteuid()), database);
    return fail(self, STATUS_FAILED, database, " --since-last NAME", &err);
}
