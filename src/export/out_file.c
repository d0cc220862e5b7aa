#include "export/out_file.h"

#include "export/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct out_file {
    int fd;
    bool named; /* has path and tmp, unlike standard output */
    char path[PATH_MAX], tmp[PATH_MAX];
    struct compressor *compressor;
    EVP_MD_CTX *sha256;
    int64_t bytes;
};

static const char *name_of(const struct out_file *f)
{
    return f->named ? f->path : "standard output";
}

static int fail(const struct out_file *f, int rc, struct err *err)
{
    return err_set(err, rc, "cannot write '%s': %s", name_of(f), strerror(-rc));
}

/* --- opening ---------------------------------------------------------------------------------- */

static bool is_still_there(int fd, const char *path)
{
    struct stat open_one, named;
    return fstat(fd, &open_one) == 0 && stat(path, &named) == 0 &&
           open_one.st_ino == named.st_ino && open_one.st_dev == named.st_dev;
}

/*
 * The lock keeps two exports of the same name apart. Between open and lock the other one may have
 * given the file its final name: that one must not be touched.
 */
static int open_tmp(struct out_file *f, struct err *err)
{
    for (;;) {
        f->fd = open(f->tmp, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (f->fd < 0)
            return fail(f, -errno, err);
        if (flock(f->fd, LOCK_EX | LOCK_NB))
            return errno == EWOULDBLOCK
                       ? err_set(err, -EBUSY, "another export is writing '%s'", f->path)
                       : fail(f, -errno, err);
        if (is_still_there(f->fd, f->tmp))
            break;
        close(f->fd);
        f->fd = -1;
    }
    return ftruncate(f->fd, 0) ? fail(f, -errno, err) : 0;
}

/* A device or a pipe is written as it is: a rename would put a file in its place. */
static bool is_special(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

static int open_named(struct out_file *f, const char *path, struct err *err)
{
    if (is_special(path)) {
        f->fd = open(path, O_WRONLY | O_CLOEXEC);
        return f->fd < 0 ? err_set(err, -errno, "cannot write '%s': %s", path, strerror(errno)) : 0;
    }
    if (snprintf(f->path, sizeof(f->path), "%s", path) >= (int)sizeof(f->path) ||
        snprintf(f->tmp, sizeof(f->tmp), "%s.tmp", path) >= (int)sizeof(f->tmp))
        return err_set(err, -ENAMETOOLONG, "'%s': the name is too long", path);
    f->named = true;
    return open_tmp(f, err);
}

static int put_bytes(void *arg, const void *data, size_t len_bytes, struct err *err)
{
    struct out_file *f = arg;
    const char *at = data;
    size_t left = len_bytes;
    while (left > 0) {
        ssize_t n = write(f->fd, at, left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(f, -errno, err);
        at += n;
        left -= (size_t)n;
    }
    f->bytes += (int64_t)len_bytes;
    return EVP_DigestUpdate(f->sha256, data, len_bytes) == 1 ? 0 : fail(f, -ENOMEM, err);
}

static void destroy(struct out_file *f)
{
    compressor_destroy(f->compressor);
    EVP_MD_CTX_free(f->sha256);
    if (f->fd >= 0 && f->fd != STDOUT_FILENO)
        close(f->fd);
    free(f);
}

int out_file_create(struct out_file **out, const char *path, enum compress compress,
                    struct err *err)
{
    struct out_file *f = calloc(1, sizeof(*f));
    if (!f)
        return err_set(err, -ENOMEM, "out of memory");
    f->fd = -1;
    f->compressor = compressor_create(compress, put_bytes, f);
    f->sha256 = EVP_MD_CTX_new();
    bool ready =
        f->compressor && f->sha256 && EVP_DigestInit_ex(f->sha256, EVP_sha256(), NULL) == 1;
    int rc = ready ? 0 : err_set(err, -ENOMEM, "out of memory");
    if (rc == 0 && path)
        rc = open_named(f, path, err);
    else if (rc == 0)
        f->fd = STDOUT_FILENO;
    if (rc)
        destroy(f); /* what another one is writing stays */
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

static int publish(struct out_file *f, struct err *err)
{
    if (!f->named)
        return 0;
    if (fsync(f->fd) || rename(f->tmp, f->path))
        return fail(f, -errno, err);
    int rc = folder_sync_of(f->path);
    return rc ? fail(f, rc, err) : 0;
}

int out_file_commit(struct out_file *f, struct out_file_result *result, struct err *err)
{
    int rc = compressor_end(f->compressor, err);
    if (rc == 0)
        rc = publish(f, err);
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
    if (!f)
        return;
    if (f->named)
        unlink(f->tmp);
    destroy(f);
}
