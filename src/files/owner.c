#include "files/owner.h"

#include "files/path.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ENTRY_BYTES 4096

static char *name_or_number(char out[OWNER_NAME], const char *name, unsigned long number)
{
    if (name)
        snprintf(out, OWNER_NAME, "%s", name);
    else
        snprintf(out, OWNER_NAME, "%lu", number);
    return out;
}

char *owner_name(char out[OWNER_NAME], uid_t uid)
{
    char text[ENTRY_BYTES];
    struct passwd entry, *found = NULL;
    bool known = getpwuid_r(uid, &entry, text, sizeof(text), &found) == 0 && found;
    return name_or_number(out, known ? entry.pw_name : NULL, uid);
}

static char *group_name(char out[OWNER_NAME], gid_t gid)
{
    char text[ENTRY_BYTES];
    struct group entry, *found = NULL;
    bool known = getgrgid_r(gid, &entry, text, sizeof(text), &found) == 0 && found;
    return name_or_number(out, known ? entry.gr_name : NULL, gid);
}

int owner_nearest(const char *path, char *found, struct stat *st)
{
    char above[PATH_MAX];
    if (snprintf(found, PATH_MAX, "%s", path) >= PATH_MAX)
        return -ENAMETOOLONG;
    while (stat(found, st)) {
        int rc = -errno;
        if ((rc != -ENOENT && rc != -EACCES) || path_folder(found, above) ||
            strcmp(above, found) == 0)
            return rc;
        memcpy(found, above, PATH_MAX);
    }
    return 0;
}

/* A folder needs r and x, a file r. */
static bool group_may(const struct stat *st)
{
    mode_t needed = S_ISDIR(st->st_mode) ? 0050 : 0040;
    return st->st_gid != 0 && (st->st_mode & needed) == needed;
}

int owner_denied(struct err *err, const char *path)
{
    char found[PATH_MAX], ours[OWNER_NAME], owner[OWNER_NAME], group[OWNER_NAME];
    char join[3 * OWNER_NAME + 64] = "";
    struct stat st;
    owner_name(ours, geteuid());
    if (owner_nearest(path, found, &st))
        return err_set(err, -EACCES, "cannot read '%s' as user '%s': %s", path, ours,
                       strerror(EACCES));
    owner_name(owner, st.st_uid);
    group_name(group, st.st_gid);
    if (group_may(&st))
        snprintf(join, sizeof(join),
                 ": to join the group, run `usermod -aG %s %s` and log in again", group, ours);
    return err_set(
        err, -EACCES,
        "cannot read '%s' as user '%s': Permission denied: '%s' belongs to user '%s', group '%s'%s",
        path, ours, found, owner, group, join);
}
