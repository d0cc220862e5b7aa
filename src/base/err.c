#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *err, int code, const char *fmt, ...)
{
    if (err) {
        va_list ap;
        err->code = code;
        va_start(ap, fmt);
        vsnprintf(err->text, sizeof(err->text), fmt, ap);
        va_end(ap);
    }
    return code;
}

int err_prefix(struct err *err, const char *fmt, ...)
{
    if (!err)
        return -1;
    char text[sizeof(err->text)];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    size_t used = strlen(text);
    snprintf(text + used, sizeof(text) - used, "%s", err->text);
    memcpy(err->text, text, sizeof(text));
    return err->code;
}

int err_suffix(struct err *err, const char *fmt, ...)
{
    if (!err)
        return -1;
    va_list ap;
    size_t used = strlen(err->text);
    va_start(ap, fmt);
    vsnprintf(err->text + used, sizeof(err->text) - used, fmt, ap);
    va_end(ap);
    return err->code;
}
