/*
 * compress: compresses the bytes of a file with gzip or zstd, or passes them on unchanged.
 *
 * The same input gives the same output: no times, no names, one thread. The output is passed to the
 * sink in pieces; an error of the sink ends the call.
 */
#ifndef EXPORT_COMPRESS_H
#define EXPORT_COMPRESS_H

#include "base/err.h"
#include "export/sink.h"

#include <stddef.h>

enum compress { COMPRESS_NONE, COMPRESS_GZIP, COMPRESS_ZSTD };
#define COMPRESS_KINDS 3

int compress_find(const char *name);                 /* the enum, or -1 */
const char *compress_name(enum compress compress);   /* "gzip" */
const char *compress_suffix(enum compress compress); /* ".gz"; "" for none */

struct compressor;

struct compressor *compressor_create(enum compress compress, struct sink sink);
void compressor_destroy(struct compressor *c);
int compressor_write(struct compressor *c, const void *data, size_t len_bytes, struct err *err);
/* Writes the rest of the output and the end of the frame. To be called once. */
int compressor_end(struct compressor *c, struct err *err);

#endif
