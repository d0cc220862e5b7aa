/*
 * out_file: writes an export's file, which gets its name once it is complete and on the disk.
 *
 * Until then its name is NAME.tmp (see new_file); out_file_abort removes it. The data is
 * compressed; size and SHA-256 are those of the compressed file. Its mode is FILE_GROUP, less
 * the umask, so that the group may read it if the folder permits.
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
 * The folder must exist; a .tmp file left by a killed process is replaced. `path` NULL: standard
 * output. Standard output, devices and pipes are written directly and not synced. -EBUSY: another
 * process is writing it.
 */
int out_file_create(struct out_file **out, const char *path, enum compress compress,
                    struct err *err);
int out_file_write(struct out_file *f, const void *data, size_t len_bytes, struct err *err);
/* Closes and frees it in any case: it gets its name, or on an error it is removed. */
int out_file_commit(struct out_file *f, struct out_file_result *result, struct err *err);
void out_file_abort(struct out_file *f);

#endif
