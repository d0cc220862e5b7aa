#include "files/program.h"

#include "files/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A command line instead of a path is a common mistake. */
static int missing(const char *path, int rc, struct err *err)
{
    return err_set(err, rc, "'%s': %s%s", path, strerror(-rc),
                   strchr(path, ' ')
                       ? ": it must be the path of a program, without arguments: write a script"
                       : ": correct the path");
}

int program_check(const char *path, struct err *err)
{
    char name[OWNER_NAME];
    struct stat st;
    if (stat(path, &st))
        return missing(path, -errno, err);
    if (!S_ISREG(st.st_mode))
        return err_set(err, -EACCES, "'%s' is not a file: name a program or a script", path);
    if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS))
        return err_set(err, -EACCES, "user '%s' cannot execute '%s': chmod a+rx %s",
                       owner_name(name, geteuid()), path, path);
    return 0;
}
