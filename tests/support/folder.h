/*
 * folder: an empty directory for one test, which must be empty again at its end.
 */
#ifndef UNIT_APP_FOLDER_H
#define UNIT_APP_FOLDER_H

#include "support/t.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
    char path[64];
    char file[PATH_MAX]; /* filled by folder_file() */
};

static inline int folder_make(void **state)
{
    struct folder *folder = calloc(1, sizeof(*folder));
    strcpy(folder->path, "/tmp/cinta-test-XXXXXX");
    *state = folder;
    return mkdtemp(folder->path) ? 0 : -1;
}

/* Fails if the test has left a file in it. */
static inline int folder_drop(void **state)
{
    struct folder *folder = *state;
    int rc = rmdir(folder->path);
    if (rc)
        fprintf(stderr, "%s is not empty\n", folder->path);
    free(folder);
    return rc;
}

/* Borrowed until the next call. */
static inline const char *folder_file(struct folder *folder, const char *name)
{
    snprintf(folder->file, sizeof(folder->file), "%s/%s", folder->path, name);
    return folder->file;
}

static inline void file_write(const char *path, const void *data, size_t len, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    t_true(fd >= 0);
    t_true(write(fd, data, len) == (ssize_t)len);
    t_true(fchmod(fd, mode) == 0);
    close(fd);
}

/* The bytes of a small file, followed by a NUL; the length, or -1. */
static inline long file_read(const char *path, char *out, size_t out_bytes)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t n = read(fd, out, out_bytes - 1);
    out[n > 0 ? n : 0] = '\0';
    close(fd);
    return n;
}

static inline mode_t file_mode(const char *path)
{
    struct stat st = {0};
    t_true(lstat(path, &st) == 0);
    return st.st_mode & 07777;
}

#endif
