#include "files/run_as.h"

#include "files/owner.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define ENTRY_BYTES 4096

bool run_as_needed(const char *path, struct run_as *out)
{
    char found[PATH_MAX];
    struct stat st;
    if (geteuid() != 0 || owner_nearest(path, found, &st) || st.st_uid == 0)
        return false;
    *out = (struct run_as){st.st_uid, st.st_gid};
    return true;
}

char *run_as_prefix(char out[RUN_AS_PREFIX], const struct run_as *who)
{
    char name[OWNER_NAME];
    owner_name(name, who->uid);
    if (*name < '0' || *name > '9')
        snprintf(out, RUN_AS_PREFIX, "runuser -u %s --", name);
    else
        snprintf(out, RUN_AS_PREFIX, "setpriv --reuid %s --regid %lu --clear-groups", name,
                 (unsigned long)who->gid);
    return out;
}

/* Groups are changed before the user, because that needs root. */
static int take_groups(const struct run_as *who)
{
    char text[ENTRY_BYTES];
    struct passwd entry, *found = NULL;
    if (getpwuid_r(who->uid, &entry, text, sizeof(text), &found) == 0 && found)
        return initgroups(found->pw_name, found->pw_gid) || setgid(found->pw_gid) ? -errno : 0;
    return setgroups(0, NULL) || setgid(who->gid) ? -errno : 0;
}

static bool is_for_good(uid_t uid)
{
    uid_t real, effective, saved;
    return getresuid(&real, &effective, &saved) == 0 && real == uid && effective == uid &&
           saved == uid && setuid(0) != 0;
}

int run_as_become(const struct run_as *who, struct err *err)
{
    char name[OWNER_NAME];
    int rc = take_groups(who);
    if (rc == 0 && setuid(who->uid))
        rc = -errno;
    if (rc == 0 && !is_for_good(who->uid))
        rc = -EPERM;
    if (rc)
        return err_set(err, -EPERM, "cannot become user '%s': %s", owner_name(name, who->uid),
                       strerror(-rc));
#ifdef __SANITIZE_ADDRESS__ /* LeakSanitizer attaches to this process at exit */
    prctl(PR_SET_DUMPABLE, 1);
#endif
    return 0;
}
