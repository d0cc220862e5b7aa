#include "export/replaceable.h"

#include "export/format.h"
#include "export/out_file.h"
#include "store/database_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define RAW_BYTES   ((size_t)256 * 1024) /* larger than any block of zstd */
#define TEXT_BYTES  ((size_t)16 * 1024)  /* larger than a header or a line of JSON */
#define GZIP_WINDOW (15 + 16)            /* 16 requests the gzip format */

/* --- start of a file -------------------------------------------------------------------------- */

/* The start of a file's text; `whole`: it is the entire text. */
struct start {
    char text[TEXT_BYTES + 1];
    size_t len;
    bool whole;
};

static void unpack_gzip(unsigned char *raw, size_t len, struct start *out)
{
    z_stream stream = {.next_in = raw, .avail_in = (uInt)len};
    if (inflateInit2(&stream, GZIP_WINDOW) != Z_OK)
        return;
    stream.next_out = (unsigned char *)out->text;
    stream.avail_out = (uInt)TEXT_BYTES;
    out->whole = inflate(&stream, Z_SYNC_FLUSH) == Z_STREAM_END;
    out->len = TEXT_BYTES - stream.avail_out;
    inflateEnd(&stream);
}

static void unpack_zstd(const unsigned char *raw, size_t len, struct start *out)
{
    ZSTD_DCtx *zstd = ZSTD_createDCtx();
    ZSTD_inBuffer in = {raw, len, 0};
    ZSTD_outBuffer text = {out->text, TEXT_BYTES, 0};
    size_t left = 1;
    while (zstd && left && !ZSTD_isError(left) && in.pos < in.size && text.pos < text.size)
        left = ZSTD_decompressStream(zstd, &text, &in);
    ZSTD_freeDCtx(zstd);
    out->whole = left == 0;
    out->len = text.pos;
}

/* Detects the compression from the content: the file may have been renamed. */
static void unpack(unsigned char *raw, size_t len, struct start *out)
{
    *out = (struct start){0};
    if (len > 2 && memcmp(raw, "\x1f\x8b", 2) == 0) {
        unpack_gzip(raw, len, out);
    } else if (len > 4 && memcmp(raw, "\x28\xb5\x2f\xfd", 4) == 0) {
        unpack_zstd(raw, len, out);
    } else {
        out->len = len < TEXT_BYTES ? len : TEXT_BYTES;
        memcpy(out->text, raw, out->len);
    }
}

/* --- recognising an export -------------------------------------------------------------------- */

static bool is_ours(const struct start *start)
{
    for (const struct format *const *format = format_all; *format; format++) {
        for (int t = 0; t < EXTRACT_TABLES; t++) {
            if ((*format)->begins(start->text, start->len, (enum extract_table)t))
                return true;
        }
    }
    return false;
}

/* JSON lines without rows are an empty text, which may be compressed. */
static bool begins_as_ours(unsigned char *raw, size_t len)
{
    struct start *start = malloc(sizeof(*start));
    if (!start)
        return false;
    unpack(raw, len, start);
    bool ours = (start->whole && start->len == 0) || is_ours(start);
    free(start);
    return ours;
}

/* --- the file --------------------------------------------------------------------------------- */

static int read_start(int fd, unsigned char *raw, size_t *len)
{
    ssize_t n;
    *len = 0;
    while (*len < RAW_BYTES && (n = read(fd, raw + *len, RAW_BYTES - *len)) != 0) {
        if (n < 0 && errno != EINTR)
            return -errno;
        *len += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static int check_start(int fd, const char *path, struct err *err)
{
    unsigned char *raw = malloc(RAW_BYTES);
    size_t len;
    if (!raw)
        return err_set(err, -ENOMEM, "out of memory");
    int rc = read_start(fd, raw, &len);
    if (rc)
        err_set(err, rc, "cannot read '%s': %s", path, strerror(-rc));
    else if (len && !begins_as_ours(raw, len))
        rc = err_set(err, -EEXIST,
                     "'%s' exists and is not an export of cinta: give another name, or --force to "
                     "replace it",
                     path);
    free(raw);
    return rc;
}

static int check_content(const char *path, struct err *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0)
        return err_set(err, -errno, "'%s' exists and cannot be read: %s: give another name", path,
                       strerror(errno));
    int rc = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? check_start(fd, path, err) : 0;
    close(fd);
    return rc;
}

static bool is_special(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

static int check_database(const char *path, const char *database, struct err *err)
{
    const char *role = database_files_role(database, path);
    if (role)
        return err_set(err, -EPERM, "'%s' is %s '%s': give another name", path, role, database);
    if (database_files_recorded(path))
        return err_set(err, -EPERM,
                       "'%s' is a database that a service records into: give another name", path);
    return 0;
}

int replaceable_check(const char *path, const char *database, bool force, struct err *err)
{
    char beside[PATH_MAX];
    if (is_special(path))
        return 0;
    if (snprintf(beside, sizeof(beside), "%s" OUT_FILE_SUFFIX, path) >= (int)sizeof(beside))
        return err_set(err, -ENAMETOOLONG, "'%s': the name is too long", path);
    int rc = check_database(path, database, err);
    if (rc == 0 && database_files_role(database, beside))
        rc = check_database(beside, database, err);
    return rc || force ? rc : check_content(path, err);
}
