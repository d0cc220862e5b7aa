#include "export/layout.h"

#include "base/clock.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

char *layout_path(char *out, const struct layout *l)
{
    char day[CLOCK_TEXT], part[32] = "";
    const char *table = extract_table_name(l->table), *suffix = compress_suffix(l->compress);
    if (l->day != LAYOUT_NO_DAY) {
        snprintf(out, LAYOUT_BYTES, "%s/date=%s/part-%lld.%s%s", table, clock_day_text(day, l->day),
                 (long long)l->part, l->format->ending, suffix);
        return out;
    }
    if (l->part != LAYOUT_NO_PART)
        snprintf(part, sizeof(part), "-%lld", (long long)l->part);
    snprintf(out, LAYOUT_BYTES, "%s%s.%s%s", table, part, l->format->ending, suffix);
    return out;
}

/* --- reading names ---------------------------------------------------------------------------- */

/* The number of bytes before `end`; 0 when `name` does not end in it. */
static size_t before(const char *name, size_t len, const char *end)
{
    size_t end_len = strlen(end);
    return len > end_len && memcmp(name + len - end_len, end, end_len) == 0 ? len - end_len : 0;
}

int layout_compress_of(const char *name)
{
    size_t len = strlen(name);
    if (before(name, len, compress_suffix(COMPRESS_GZIP)))
        return COMPRESS_GZIP;
    if (before(name, len, compress_suffix(COMPRESS_ZSTD)))
        return COMPRESS_ZSTD;
    return layout_format_of(name) ? COMPRESS_NONE : -1;
}

const struct format *layout_format_of(const char *name)
{
    size_t len = strlen(name);
    size_t gzip = before(name, len, compress_suffix(COMPRESS_GZIP));
    size_t zstd = before(name, len, compress_suffix(COMPRESS_ZSTD));
    const struct format *found = NULL;
    len = gzip ? gzip : zstd ? zstd : len;
    for (const struct format *const *format = format_all; *format; format++) {
        char ending[32];
        snprintf(ending, sizeof(ending), ".%s", (*format)->ending);
        if (before(name, len, ending))
            found = *format; /* ".excel.csv" comes after ".csv" */
    }
    return found;
}

/* One to eight letters and digits, not only digits: "2026.11" and "v1.2" are names of folders. */
const char *layout_ending(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *base = slash ? slash + 1 : name;
    const char *dot = strrchr(base, '.');
    if (!dot || dot == base)
        return NULL;
    size_t len = strlen(dot + 1), digits = strspn(dot + 1, "0123456789");
    for (const char *c = dot + 1; *c; c++) {
        if (!isalnum((unsigned char)*c))
            return NULL;
    }
    return len > digits && len <= 8 ? dot : NULL;
}

enum target layout_target(const char *out)
{
    struct stat st;
    if (strcmp(out, "-") == 0)
        return TARGET_STDOUT;
    if (stat(out, &st) == 0)
        return S_ISDIR(st.st_mode) ? TARGET_FOLDER : TARGET_FILE;
    if (layout_format_of(out))
        return TARGET_FILE;
    return layout_ending(out) ? TARGET_UNKNOWN : TARGET_FOLDER;
}
