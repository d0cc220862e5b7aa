/*
 * layout: the names of the files of an export, and what the name given with --out means.
 *
 * Pure except for layout_target(), which calls stat(). No symbol is part of a name.
 *
 *   OUT/snapshots/date=2026-11-23/part-0.csv.zst    one file per day (in Argentina)
 *   OUT/snapshots.csv.zst, OUT/snapshots-3.csv.zst  one file per table; the second in a series
 */
#ifndef EXPORT_LAYOUT_H
#define EXPORT_LAYOUT_H

#include "export/compress.h"
#include "export/format.h"

#include <stdbool.h>
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

/* The path below OUT; `out` holds LAYOUT_BYTES. Returns `out`. */
char *layout_path(char *out, const struct layout *layout);

enum target {
    TARGET_STDOUT,
    TARGET_FILE,
    TARGET_FOLDER,
    TARGET_UNKNOWN, /* the name ends like a file of a format that does not exist */
};

/*
 * "-" is standard output. An existing path is a file or a folder. Otherwise the name decides: with
 * an ending of ours it is a file, with another ending (t.xlsx) unknown, and without an ending, or
 * with a '/' at the end, a folder.
 */
enum target layout_target(const char *out);
/* ".xlsx" of "a/t.xlsx"; NULL when there is none. Borrowed from `name`. */
const char *layout_ending(const char *name);

/* The format and the compression given by the ending of a name; NULL and COMPRESS_NONE = none. */
const struct format *layout_format_of(const char *name);
enum compress layout_compress_of(const char *name);
/* Whether `name` ends like a file of this format, compressed or not. */
bool layout_fits(const struct format *format, const char *name);

/*
 * The compression of a file: as `asked` (-1 = not), else given by the name of the file, else in a
 * folder as `configured`, unless the format is not compressed by default. -1: the format
 * compresses by itself and something else than COMPRESS_NONE was asked for.
 */
int layout_compress(const struct format *format, enum target target, const char *out, int asked,
                    enum compress configured);

/* ".csv, .jsonl, .excel.csv": the endings of all formats; and of the compressions: ".gz, .zst".
 * `out` holds LAYOUT_ENDINGS bytes. Returns `out`. */
#define LAYOUT_ENDINGS 64
char *layout_endings(char *out);
char *layout_compressed_endings(char *out);

#endif
