#include "export/compress.h"

#include "base/buf.h"
#include "base/rng.h"
#include "support/t.h"

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#define TEXT_BYTES ((size_t)1024 * 1024)

static int take(void *arg, const void *data, size_t len_bytes, struct err *err)
{
    (void)err;
    return buf_append(arg, data, len_bytes);
}

/* Half of the text repeats, the other half is random. */
static char *make_text(void)
{
    struct rng rng = {7};
    char *text = malloc(TEXT_BYTES);
    assert_non_null(text);
    for (size_t i = 0; i < TEXT_BYTES; i++)
        text[i] = i / 1000 % 2 ? "2026-11-23T"[i % 11] : (char)rng_next(&rng);
    return text;
}

static void compress_text(enum compress kind, const char *text, size_t len, size_t step,
                          struct buf *out)
{
    struct compressor *c = compressor_create(kind, (struct sink){take, out});
    assert_non_null(c);
    for (size_t at = 0; at < len; at += step)
        t_int(compressor_write(c, text + at, len - at < step ? len - at : step, NULL), 0);
    t_int(compressor_end(c, NULL), 0);
    compressor_destroy(c);
}

static size_t expand_gzip(const struct buf *in, char *out)
{
    z_stream z = {.next_in = (unsigned char *)in->data,
                  .avail_in = (uInt)in->len_bytes,
                  .next_out = (unsigned char *)out,
                  .avail_out = (uInt)TEXT_BYTES};
    t_int(inflateInit2(&z, 15 + 16), Z_OK);
    t_int(inflate(&z, Z_FINISH), Z_STREAM_END);
    t_int(z.avail_in, 0);
    inflateEnd(&z);
    return z.total_out;
}

static size_t expand(enum compress kind, const struct buf *in, char *out)
{
    switch (kind) {
    case COMPRESS_NONE:
        memcpy(out, buf_text(in), in->len_bytes);
        return in->len_bytes;
    case COMPRESS_GZIP:
        return expand_gzip(in, out);
    case COMPRESS_ZSTD:
        return ZSTD_decompress(out, TEXT_BYTES, in->data, in->len_bytes);
    }
    return 0;
}

static void decompresses_to_the_input(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 65536, 70001, TEXT_BYTES};
    char *text = make_text(), *back = malloc(TEXT_BYTES);
    assert_non_null(back);
    for (int kind = COMPRESS_NONE; kind <= COMPRESS_ZSTD; kind++) {
        t_row(compress_name((enum compress)kind));
        for (size_t i = 0; i < T_COUNT(lengths); i++) {
            struct buf out, again;
            buf_init(&out, 2 * TEXT_BYTES);
            buf_init(&again, 2 * TEXT_BYTES);
            compress_text((enum compress)kind, text, lengths[i], 50000, &out);
            t_int(expand((enum compress)kind, &out, back), lengths[i]);
            t_int(memcmp(text, back, lengths[i]), 0);
            compress_text((enum compress)kind, text, lengths[i], 50000, &again);
            t_int(again.len_bytes, out.len_bytes);
            t_int(memcmp(buf_text(&again), buf_text(&out), out.len_bytes), 0);
            buf_finish(&out);
            buf_finish(&again);
        }
    }
    free(text);
    free(back);
}

static void gzip_header_has_no_time(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, TEXT_BYTES);
    compress_text(COMPRESS_GZIP, "x", 1, 1, &out);
    t_int(memcmp(out.data + 4, "\0\0\0\0", 4), 0);
    buf_finish(&out);
}

static int refuse(void *arg, const void *data, size_t len_bytes, struct err *err)
{
    (void)arg;
    (void)data;
    (void)len_bytes;
    return err_set(err, -ENOSPC, "full");
}

static void errors_of_the_sink_are_returned(void **state)
{
    (void)state;
    char *text = make_text();
    for (int kind = COMPRESS_NONE; kind <= COMPRESS_ZSTD; kind++) {
        struct err err;
        struct compressor *c = compressor_create((enum compress)kind, (struct sink){refuse, NULL});
        t_row(compress_name((enum compress)kind));
        assert_non_null(c);
        t_int(compressor_write(c, text, TEXT_BYTES, &err), -ENOSPC);
        t_str(err.text, "full");
        compressor_destroy(c);
    }
    free(text);
}

static void names(void **state)
{
    (void)state;
    t_int(compress_find("none"), COMPRESS_NONE);
    t_int(compress_find("gzip"), COMPRESS_GZIP);
    t_int(compress_find("zstd"), COMPRESS_ZSTD);
    t_int(compress_find("gz"), -1);
    t_str(compress_suffix(COMPRESS_NONE), "");
    t_str(compress_suffix(COMPRESS_GZIP), ".gz");
    t_str(compress_suffix(COMPRESS_ZSTD), ".zst");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decompresses_to_the_input),
        cmocka_unit_test(gzip_header_has_no_time),
        cmocka_unit_test(errors_of_the_sink_are_returned),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
