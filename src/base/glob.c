#include "base/glob.h"

#include <fnmatch.h>

bool glob_one(const char *pattern, const char *symbol)
{
    return fnmatch(pattern, symbol, FNM_CASEFOLD) == 0;
}

bool glob_any(const char *const *patterns, int patterns_count, const char *symbol)
{
    for (int i = 0; i < patterns_count; i++) {
        if (glob_one(patterns[i], symbol))
            return true;
    }
    return patterns_count == 0;
}
