#include "export/layout.h"

#include "base/clock.h"
#include "base/word_list.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define LAYOUT_LIST_MAX 16 /* formats in a list */

char *layout_path(char *out, const struct layout *l)
{
    char day[CLOCK_TEXT], part[32] = "";
    const char *table = extract_table_name(l->table), *suffix = compress_suffix(l->compress);
    if (l->day != LAYOUT_NO_DAY) {
        snprintf(out, LAYOUT_BYTES, "%s/date=%s/part-%lld%s%s", table, clock_day_text(day, l->day),
                 (long long)l->part, l->format->suffix, suffix);
        return out;
    }
    if (l->part != LAYOUT_NO_PART)
        snprintf(part, sizeof(part), "-%lld", (long long)l->part);
    snprintf(out, LAYOUT_BYTES, "%s%s%s%s", table, part, l->format->suffix, suffix);
    return out;
}

/* --- reading names ---------------------------------------------------------------------------- */

/* The number of bytes before `end`; 0 when `name` does not end in it or has nothing before it. */
static size_t before(const char *name, size_t len, const char *end)
{
    size_t end_len = strlen(end);
    return len > end_len && memcmp(name + len - end_len, end, end_len) == 0 ? len - end_len : 0;
}

enum compress layout_compress_of(const char *name)
{
    for (int i = COMPRESS_NONE + 1; i < COMPRESS_KINDS; i++) {
        if (before(name, strlen(name), compress_suffix((enum compress)i)))
            return (enum compress)i;
    }
    return COMPRESS_NONE;
}

bool layout_fits(const struct format *format, const char *name)
{
    enum compress compress =
        format->outer == OUTER_NEVER ? COMPRESS_NONE : layout_compress_of(name);
    return before(name, strlen(name) - strlen(compress_suffix(compress)), format->suffix) > 0;
}

/* The longest suffix decides: "t.excel.csv" is not of the format csv. */
const struct format *layout_format_of(const char *name)
{
    const struct format *found = NULL;
    for (const struct format *const *format = format_all; *format; format++) {
        if (layout_fits(*format, name) &&
            (!found || strlen((*format)->suffix) > strlen(found->suffix)))
            found = *format;
    }
    return found;
}

int layout_compress(const struct format *format, enum target target, const char *out, int asked,
                    enum compress configured)
{
    if (format->outer == OUTER_NEVER)
        return asked > COMPRESS_NONE ? -1 : COMPRESS_NONE;
    if (asked >= 0)
        return asked;
    if (target == TARGET_FILE)
        return (int)layout_compress_of(out);
    return target == TARGET_FOLDER && format->outer == OUTER_DEFAULT ? (int)configured
                                                                     : COMPRESS_NONE;
}

char *layout_endings(char *out)
{
    const char *endings[LAYOUT_LIST_MAX] = {NULL};
    for (size_t i = 0; format_all[i] && i + 1 < LAYOUT_LIST_MAX; i++)
        endings[i] = format_all[i]->suffix;
    return word_list_text(out, LAYOUT_ENDINGS, endings, ", ");
}

char *layout_compressed_endings(char *out)
{
    const char *endings[COMPRESS_KINDS] = {NULL};
    for (int i = COMPRESS_NONE + 1; i < COMPRESS_KINDS; i++)
        endings[i - 1] = compress_suffix((enum compress)i);
    return word_list_text(out, LAYOUT_ENDINGS, endings, ", ");
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
