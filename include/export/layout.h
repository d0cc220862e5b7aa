/*
 * layout: what the files of an export are called.
 *
 * Pure but for one look at what is there. No symbol becomes part of a name.
 *
 *   OUT/snapshots/date=2026-11-23/part-0.csv.zst    a file a day (of Argentina)
 *   OUT/snapshots.csv.zst, OUT/snapshots-3.csv.zst  a file a table; of a series
 */
#ifndef EXPORT_LAYOUT_H
#define EXPORT_LAYOUT_H

#include "export/compress.h"
#include "export/format.h"

#include <stdint.h>

#define LAYOUT_BYTES 96

#define LAYOUT_NO_DAY  INT64_MIN
#define LAYOUT_NO_PART (-1)

struct layout {
    enum extract_table table;
    int64_t day;  /* art_day(), or LAYOUT_NO_DAY */
    int64_t part; /* 0 with a day and without a series; LAYOUT_NO_PART */
    const struct format *format;
    enum compress compress;
};

/* Below OUT; `out` holds LAYOUT_BYTES. Returns `out`. */
char *layout_path(char *out, const struct layout *layout);

enum target {
    TARGET_STDOUT,
    TARGET_FILE,
    TARGET_FOLDER,
    TARGET_UNKNOWN, /* is called as a file of a format that we do not write */
};

/*
 * "-"; what is there; else a name that ends as our files do is a file, one that ends otherwise
 * (t.xlsx) is unknown, and one without an ending, or with a '/' at the end, a folder.
 */
enum target layout_target(const char *out);
/* ".xlsx" of "a/t.xlsx"; NULL when there is none. Borrowed from `name`. */
const char *layout_ending(const char *name);

/* What a file's name says about its content; NULL and -1 where it says nothing. */
const struct format *layout_format_of(const char *name);
int layout_compress_of(const char *name);

#endif
