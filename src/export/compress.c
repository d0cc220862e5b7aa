#include "export/compress.h"

#include "base/word_list.h"
#include "files/export_names.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#define PIECE_BYTES 65536
#define GZIP_WINDOW (15 + 16) /* 16 requests the gzip format; the time in its header is 0 */

struct compressor {
    enum compress compress;
    struct sink sink;
    z_stream gzip;
    bool gzip_open;
    ZSTD_CCtx *zstd;
    unsigned char piece[PIECE_BYTES];
};

static const char *const suffixes[COMPRESS_KINDS] = {
    [COMPRESS_NONE] = "",
    [COMPRESS_GZIP] = ".gz",
    [COMPRESS_ZSTD] = ".zst",
};

int compress_find(const char *name)
{
    return word_list_find(export_compressions, name);
}

const char *compress_name(enum compress compress)
{
    return export_compressions[compress];
}

const char *compress_suffix(enum compress compress)
{
    return suffixes[compress];
}

/* --- creating and destroying ------------------------------------------------------------------ */

static bool open_stream(struct compressor *c)
{
    switch (c->compress) {
    case COMPRESS_NONE:
        return true;
    case COMPRESS_GZIP:
        c->gzip_open = deflateInit2(&c->gzip, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8,
                                    Z_DEFAULT_STRATEGY) == Z_OK;
        return c->gzip_open;
    case COMPRESS_ZSTD:
        c->zstd = ZSTD_createCCtx();
        return c->zstd && !ZSTD_isError(ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_checksumFlag, 1));
    }
    return false;
}

struct compressor *compressor_create(enum compress compress, struct sink sink)
{
    struct compressor *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    c->compress = compress;
    c->sink = sink;
    if (open_stream(c))
        return c;
    compressor_destroy(c);
    return NULL;
}

void compressor_destroy(struct compressor *c)
{
    if (!c)
        return;
    if (c->gzip_open)
        deflateEnd(&c->gzip);
    ZSTD_freeCCtx(c->zstd);
    free(c);
}

/* --- bytes ------------------------------------------------------------------------------------ */

/* deflate() has consumed its input when it does not fill the output buffer. */
static int run_gzip(struct compressor *c, const void *data, size_t len_bytes, int flush,
                    struct err *err)
{
    c->gzip.next_in = (unsigned char *)data; /* not written to */
    c->gzip.avail_in = (uInt)len_bytes;
    do {
        c->gzip.next_out = c->piece;
        c->gzip.avail_out = PIECE_BYTES;
        if (deflate(&c->gzip, flush) == Z_STREAM_ERROR)
            return err_set(err, -EIO, "gzip failed");
        int rc = c->sink.put(c->sink.arg, c->piece, PIECE_BYTES - c->gzip.avail_out, err);
        if (rc)
            return rc;
    } while (c->gzip.avail_out == 0);
    return 0;
}

static int run_zstd(struct compressor *c, const void *data, size_t len_bytes, ZSTD_EndDirective end,
                    struct err *err)
{
    ZSTD_inBuffer in = {data, len_bytes, 0};
    size_t left;
    do {
        ZSTD_outBuffer out = {c->piece, PIECE_BYTES, 0};
        left = ZSTD_compressStream2(c->zstd, &out, &in, end);
        if (ZSTD_isError(left))
            return err_set(err, -EIO, "zstd: %s", ZSTD_getErrorName(left));
        int rc = out.pos ? c->sink.put(c->sink.arg, c->piece, out.pos, err) : 0;
        if (rc)
            return rc;
    } while (end == ZSTD_e_end ? left > 0 : in.pos < in.size);
    return 0;
}

int compressor_write(struct compressor *c, const void *data, size_t len_bytes, struct err *err)
{
    switch (c->compress) {
    case COMPRESS_NONE:
        return c->sink.put(c->sink.arg, data, len_bytes, err);
    case COMPRESS_GZIP:
        return len_bytes ? run_gzip(c, data, len_bytes, Z_NO_FLUSH, err) : 0;
    case COMPRESS_ZSTD:
        return run_zstd(c, data, len_bytes, ZSTD_e_continue, err);
    }
    return 0;
}

int compressor_end(struct compressor *c, struct err *err)
{
    switch (c->compress) {
    case COMPRESS_NONE:
        return 0;
    case COMPRESS_GZIP:
        return run_gzip(c, NULL, 0, Z_FINISH, err);
    case COMPRESS_ZSTD:
        return run_zstd(c, NULL, 0, ZSTD_e_end, err);
    }
    return 0;
}
