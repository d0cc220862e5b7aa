/*
 * new_file: creates a file atomically: it gets its name once it is complete and synced.
 *
 * Until then its name is PATH plus a suffix. That temporary file is created with O_EXCL (no link is
 * followed) and locked (flock), so that two writers of one name do not mix their data. A temporary
 * file left by a killed process is removed and never written to: it could be a link, or be open in
 * another process. A file that was placed is on the disk, with its name (see durable). Messages
 * name the file, and the reason when it is not the system's.
 */
#ifndef FILES_NEW_FILE_H
#define FILES_NEW_FILE_H

#include "base/err.h"
#include "files/modes.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct new_file {
    int fd;                /* to write to; -1 = none */
    char path[PATH_MAX];   /* its final name */
    char beside[PATH_MAX]; /* its temporary name; "" = none */
};

/*
 * The umask applies to `mode`. 0; -EBUSY: another process writes it; -EEXIST: the temporary name is
 * taken by something that is not a regular file; -ENAMETOOLONG; -errno. On failure there is nothing
 * to discard. `file` need not be initialised.
 */
int new_file_create(struct new_file *file, const char *path, const char *suffix, mode_t mode,
                    struct err *err);
/* Writes all the bytes. 0 or -errno. */
int new_file_write(struct new_file *file, const void *data, size_t len_bytes, struct err *err);
/*
 * Syncs the file, renames it to its final name and syncs the folder; `fd` is closed. -EEXIST: the
 * final name exists and `replace` is false; -ESTALE: the temporary file was removed or replaced by
 * another process; -errno. On failure the caller must still discard it.
 */
int new_file_place(struct new_file *file, bool replace, struct err *err);
/* Removes the temporary file. Does nothing after new_file_place(), a discard, or for a zeroed one.
 */
void new_file_discard(struct new_file *file);

/*
 * The steps above in one: creates or replaces `path`. Its mode is `mode`, whatever the umask; its
 * temporary name is PATH.new. 0 or -errno; on failure `path` is unchanged.
 */
int new_file_put(const char *path, mode_t mode, const void *data, size_t len_bytes,
                 struct err *err);

#endif
