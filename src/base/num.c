#include "base/num.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* strtod also reads "nan", "inf", hexadecimal and leading blanks: only these may reach it. */
static bool decimal_bytes(const char *text, size_t len_bytes)
{
    for (size_t i = 0; i < len_bytes; i++) {
        if (text[i] == '\0' || !strchr("0123456789+-.eE", text[i]))
            return false;
    }
    return len_bytes > 0;
}

bool num_parse(const char *text, size_t len_bytes, double *out)
{
    char copy[NUM_PARSE_BYTES_MAX + 1]; /* `text` need not end in NUL, strtod needs one */
    char *end;

    if (len_bytes >= sizeof(copy) || !decimal_bytes(text, len_bytes))
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
