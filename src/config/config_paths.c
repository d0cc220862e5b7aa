#include "config/config_paths.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int join(const char *folder, const char *rest, char **out, struct err *err)
{
    const char *slash = strcmp(folder, "/") == 0 || !*rest ? "" : "/";
    if (asprintf(out, "%s%s%s", folder, slash, rest) >= 0)
        return 0;
    *out = NULL;
    return err_set(err, -ENOMEM, "out of memory");
}

static const char *home(void)
{
    const char *path = getenv("HOME");
    if (path && *path == '/')
        return path;
    const struct passwd *user = getpwuid(geteuid());
    return user && user->pw_dir && *user->pw_dir == '/' ? user->pw_dir : NULL;
}

static int in_home(const char *text, char **out, struct err *err)
{
    if (text[1] && text[1] != '/')
        return err_set(err, -EINVAL,
                       "'%s' names another user's home: write the path in full, from /", text);
    const char *folder = home();
    if (!folder)
        return err_set(err, -EINVAL,
                       "'%s': this user has no home folder: write the path in full, from /", text);
    return join(folder, text[1] ? text + 2 : "", out, err);
}

static int beside_file(const char *text, const char *file, char **out, struct err *err)
{
    char copy[PATH_MAX], folder[PATH_MAX];
    snprintf(copy, sizeof(copy), "%s", file);
    const char *named = dirname(copy);
    while (strncmp(text, "./", 2) == 0)
        text += 2 + strspn(text + 2, "/");
    return join(realpath(named, folder) ? folder : named, text, out, err);
}

int config_path_resolve(const char *text, const char *file, char **out, struct err *err)
{
    *out = NULL;
    if (!*text || *text == '/')
        return 0;
    return *text == '~' ? in_home(text, out, err) : beside_file(text, file, out, err);
}
