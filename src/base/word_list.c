#include "base/word_list.h"

#include <stdio.h>
#include <string.h>

int word_list_find(const char *const *words, const char *word)
{
    for (int i = 0; words[i]; i++) {
        if (strcmp(words[i], word) == 0)
            return i;
    }
    return -1;
}

char *word_list_text(char *out, size_t size, const char *const *words, const char *between)
{
    size_t used = 0;
    out[0] = '\0';
    for (int i = 0; words[i] && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? between : "", words[i]);
    return out;
}
