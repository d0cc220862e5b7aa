#include "base/owner.h"

#include <pwd.h>
#include <stdio.h>

#define ENTRY_BYTES 4096

char *owner_name(char out[OWNER_NAME], uid_t uid)
{
    char text[ENTRY_BYTES];
    struct passwd entry, *found = NULL;
    if (getpwuid_r(uid, &entry, text, sizeof(text), &found) == 0 && found)
        snprintf(out, OWNER_NAME, "%s", found->pw_name);
    else
        snprintf(out, OWNER_NAME, "%lu", (unsigned long)uid);
    return out;
}
