/*
 * out_file: a file that has its name only when it is whole and on the disk.
 *
 * Until then it is NAME.tmp beside it (new_file); out_file_abort leaves nothing. What is written
 * goes through the compressor; size and SHA-256 are of what is on the disk. The group may read it
 * (0640, less the umask): whether the group gets there is for the folder to say.
 */
#ifndef EXPORT_OUT_FILE_H
#define EXPORT_OUT_FILE_H

#include "base/err.h"
#include "export/compress.h"

#include <stddef.h>
#include <stdint.h>

struct out_file;

#define OUT_FILE_SUFFIX ".tmp"

#define OUT_FILE_SHA256 65
struct out_file_result {
    int64_t bytes;
    char sha256[OUT_FILE_SHA256]; /* hexadecimal */
};

/*
 * Its folder must exist; a .tmp that was left by a kill is replaced. `path` NULL: standard
 * output; that, devices and pipes are written as they are, and not synced. -EBUSY: somebody else is
 * writing it.
 */
int out_file_create(struct out_file **out, const char *path, enum compress compress,
                    struct err *err);
int out_file_write(struct out_file *f, const void *data, size_t len_bytes, struct err *err);
/* Ends it in any case: with its name, or with an error and without a trace. */
int out_file_commit(struct out_file *f, struct out_file_result *result, struct err *err);
void out_file_abort(struct out_file *f);

#endif
