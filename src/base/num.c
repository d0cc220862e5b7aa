#include "base/num.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool num_parse(const char *text, size_t len_bytes, double *out)
{
    char copy[64];
    char *end;

    /* strtod also reads "nan", "inf", hexadecimal and leading blanks: only these may reach it. */
    if (len_bytes == 0 || len_bytes >= sizeof(copy) || strspn(text, "+-.0123456789eE") < len_bytes)
        return false;
    memcpy(copy, text, len_bytes);
    copy[len_bytes] = '\0';
    double value = strtod(copy, &end);
    if (*end || end == copy || !isfinite(value))
        return false;
    *out = value == 0 ? 0 : value;
    return true;
}

char *num_text(char *out, double value)
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, NUM_TEXT, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    return out;
}
