/*
 * new_file: a file written beside its place, which gets its name when it is whole.
 *
 * Until then it is PATH with a suffix behind it, made anew (O_EXCL, no link is followed) and locked
 * (flock), so that two writers of one name do not mix. What lies there from a process that was
 * killed is removed, never written to: it could be a link, or be open in another process.
 * Nothing is ever half there: a file that is placed is on the disk, and so is its name.
 */
#ifndef BASE_NEW_FILE_H
#define BASE_NEW_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct new_file {
    int fd;                /* to write to; -1 = none */
    char path[PATH_MAX];   /* its name in the end */
    char beside[PATH_MAX]; /* its name until then; "" = none */
};

/*
 * `mode` is less the umask. 0; -EBUSY: another process writes it; -EEXIST: what lies in the way is
 * no file; -ENAMETOOLONG; -errno. On failure there is nothing to discard. `file` need not be
 * initialised.
 */
int new_file_create(struct new_file *file, const char *path, const char *suffix, mode_t mode);
/* All of it. 0 or -errno. */
int new_file_write(struct new_file *file, const void *data, size_t len_bytes);
/*
 * Syncs it, gives it its name and syncs the folder; `fd` is closed. -EEXIST: there is such a file
 * already and `replace` is not said; -ESTALE: somebody took it away meanwhile. On failure it is
 * still there, to be discarded.
 */
int new_file_place(struct new_file *file, bool replace);
/* Accepts one that was placed or discarded, and a zeroed one. */
void new_file_discard(struct new_file *file);

/* What the folder of `path` lists is on the disk. 0 or -errno. */
int new_file_sync_folder(const char *path);

#endif
