#include "base/glob.h"

#include <fnmatch.h>

bool glob_any(const char *const *patterns, int patterns_count, const char *symbol)
{
    for (int i = 0; i < patterns_count; i++) {
        if (fnmatch(patterns[i], symbol, FNM_CASEFOLD) == 0)
            return true;
    }
    return patterns_count == 0;
}
