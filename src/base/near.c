#include "base/near.h"

#include <string.h>

static int least(int a, int b)
{
    return a < b ? a : b;
}

int near_distance(const char *a, const char *b)
{
    int row[NEAR_BYTES_MAX + 1];
    size_t a_len = strlen(a), b_len = strlen(b);
    if (a_len > NEAR_BYTES_MAX || b_len > NEAR_BYTES_MAX)
        return NEAR_BYTES_MAX;
    for (size_t j = 0; j <= b_len; j++)
        row[j] = (int)j;
    for (size_t i = 0; i < a_len; i++) {
        int diagonal = row[0];
        row[0] = (int)i + 1;
        for (size_t j = 1; j <= b_len; j++) {
            int above = row[j];
            row[j] = least(least(above, row[j - 1]) + 1, diagonal + (a[i] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[b_len];
}

int near_limit(const char *name)
{
    return 1 + (int)strlen(name) / 3;
}
