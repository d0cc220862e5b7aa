#include "cli/protected_files.h"

#include "files/same_file.h"
#include "store/database_files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

static int refuse(const char *path, const char *role, const char *of, struct err *err)
{
    return err_set(err, -EPERM, "'%s' is %s '%s': give another FILE", path, role, of);
}

static int check_named(const char *path, const struct config *config, struct err *err)
{
    const char *role = database_files_role(config->store.path, path);
    const struct {
        const char *file, *role;
    } named[] = {
        {config->broker.password_file, "the password file"},
        {config->broker.ca_file, "the CA file"},
    };
    if (role)
        return refuse(path, role, config->store.path, err);
    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
        if (*named[i].file && same_file(named[i].file, path))
            return refuse(path, named[i].role, named[i].file, err);
    }
    return 0;
}

static int check_state(const char *path, const struct config *config, struct err *err)
{
    static const char *const names[] = {"token", "cinta.lock", "status.sock"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char file[PATH_MAX];
        if (snprintf(file, sizeof(file), "%s/%s", config->state_dir, names[i]) <
                (int)sizeof(file) &&
            same_file(file, path))
            return refuse(path, "a file of the service,", file, err);
    }
    return 0;
}

int protected_files_check(const char *path, const char *file, const struct config *config,
                          struct err *err)
{
    if (same_file(file, path))
        return refuse(path, "the configuration", file, err);
    int rc = config ? check_named(path, config, err) : 0;
    return rc || !config ? rc : check_state(path, config, err);
}
