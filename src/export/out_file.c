#include "export/out_file.h"

#include "files/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct out_file {
    struct new_file file; /* `fd` and `path` only for a device, a pipe or standard output */
    struct compressor *compressor;
    EVP_MD_CTX *sha256;
    int64_t bytes;
};

/* --- opening ---------------------------------------------------------------------------------- */

/* A device or a pipe is written directly: a rename would replace it by a file. */
static bool is_special(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

/* Written directly, at `fd`; its name is for messages. */
static int use_stream(struct out_file *f, int fd, const char *name, struct err *err)
{
    f->file.fd = fd;
    snprintf(f->file.path, sizeof(f->file.path), "%s", name);
    return fd < 0 ? err_set(err, -errno, "cannot write '%s': %s", name, strerror(errno)) : 0;
}

static int open_named(struct out_file *f, const char *path, struct err *err)
{
    if (is_special(path))
        return use_stream(f, open(path, O_WRONLY | O_CLOEXEC), path, err);
    int rc = new_file_create(&f->file, path, OUT_FILE_SUFFIX, FILE_GROUP, err);
    return rc == -EBUSY ? err_set(err, rc, "another export is writing '%s'", path) : rc;
}

static int put_bytes(void *arg, const void *data, size_t len_bytes, struct err *err)
{
    struct out_file *f = arg;
    int rc = new_file_write(&f->file, data, len_bytes, err);
    if (rc)
        return rc;
    f->bytes += (int64_t)len_bytes;
    return EVP_DigestUpdate(f->sha256, data, len_bytes) == 1
               ? 0
               : err_set(err, -ENOMEM, "out of memory");
}

static void destroy(struct out_file *f)
{
    compressor_destroy(f->compressor);
    EVP_MD_CTX_free(f->sha256);
    new_file_discard(&f->file);
    if (f->file.fd >= 0 && f->file.fd != STDOUT_FILENO)
        close(f->file.fd);
    free(f);
}

int out_file_create(struct out_file **out, const char *path, enum compress compress,
                    struct err *err)
{
    struct out_file *f = calloc(1, sizeof(*f));
    if (!f)
        return err_set(err, -ENOMEM, "out of memory");
    f->file.fd = -1;
    f->compressor = compressor_create(compress, (struct sink){put_bytes, f});
    f->sha256 = EVP_MD_CTX_new();
    bool ready =
        f->compressor && f->sha256 && EVP_DigestInit_ex(f->sha256, EVP_sha256(), NULL) == 1;
    int rc = ready ? 0 : err_set(err, -ENOMEM, "out of memory");
    if (rc == 0 && path)
        rc = open_named(f, path, err);
    else if (rc == 0)
        rc = use_stream(f, STDOUT_FILENO, "standard output", err);
    if (rc)
        destroy(f); /* does not remove a .tmp file of another process */
    else
        *out = f;
    return rc;
}

/* --- writing and ending ----------------------------------------------------------------------- */

int out_file_write(struct out_file *f, const void *data, size_t len_bytes, struct err *err)
{
    return compressor_write(f->compressor, data, len_bytes, err);
}

static void fill_result(struct out_file *f, struct out_file_result *result)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    EVP_DigestFinal_ex(f->sha256, digest, &len);
    for (unsigned i = 0; i < len && 2 * i + 2 < OUT_FILE_SHA256; i++)
        snprintf(result->sha256 + 2 * i, 3, "%02x", digest[i]);
    result->bytes = f->bytes;
}

int out_file_commit(struct out_file *f, struct out_file_result *result, struct err *err)
{
    int rc = compressor_end(f->compressor, err);
    if (rc == 0 && *f->file.beside)
        rc = new_file_place(&f->file, true, err);
    if (rc) {
        out_file_abort(f);
        return rc;
    }
    fill_result(f, result);
    destroy(f);
    return 0;
}

void out_file_abort(struct out_file *f)
{
    if (f)
        destroy(f);
}
