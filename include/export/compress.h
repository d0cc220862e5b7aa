/*
 * compress: bytes through gzip or zstd, or as they are.
 *
 * The same input gives the same output: no times, no names, one thread. What comes out is handed to
 * the sink in pieces; the sink's error ends the call.
 */
#ifndef EXPORT_COMPRESS_H
#define EXPORT_COMPRESS_H

#include "base/err.h"

#include <stddef.h>

enum compress { COMPRESS_NONE, COMPRESS_GZIP, COMPRESS_ZSTD };

int compress_find(const char *name);                 /* the enum, or -1 */
const char *compress_name(enum compress compress);   /* "gzip" */
const char *compress_suffix(enum compress compress); /* ".gz"; "" for none */

typedef int compress_sink(void *arg, const void *data, size_t len_bytes, struct err *err);

struct compressor;

struct compressor *compressor_create(enum compress compress, compress_sink *sink, void *arg);
void compressor_destroy(struct compressor *c);
int compressor_write(struct compressor *c, const void *data, size_t len_bytes, struct err *err);
/* The rest of it, and the end's mark; once. */
int compressor_end(struct compressor *c, struct err *err);

#endif
