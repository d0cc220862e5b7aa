#include "export/destination.h"

#include "export/replaceable.h"
#include "files/folders.h"
#include "files/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define OTHER_FOLDER ": choose another folder with --out or export.out"

struct destination {
    struct destination_parts parts;
    int folder_fd;             /* holds the lock; -1 = none */
    struct manifest *manifest; /* NULL: not a folder */
    bool added;                /* the manifest has new files */
};

/* --- opening ---------------------------------------------------------------------------------- */

static int make_folder(const char *path, struct err *err)
{
    int rc = folders_keep(path, FOLDER_GROUP, err);
    if (rc)
        err_suffix(err, OTHER_FOLDER);
    return rc;
}

static int make_folder_of(const char *file, struct err *err)
{
    char folder[PATH_MAX];
    int rc = path_folder(file, folder);
    return rc ? err_set(err, rc, "'%s': the name is too long", file) : make_folder(folder, err);
}

/* Two simultaneous exports into one folder would each omit the other's files from the manifest. */
static int lock_folder(struct destination *d, struct err *err)
{
    const char *out = d->parts.out;
    d->folder_fd = open(out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (d->folder_fd < 0)
        return err_set(err, -errno, "cannot open '%s': %s", out, strerror(errno));
    if (flock(d->folder_fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno == EWOULDBLOCK)
        return err_set(err, -EBUSY, "another export is writing to '%s'", out);
    return err_set(err, -errno, "cannot lock '%s': %s", out, strerror(errno));
}

static int refuse_other_series(const struct destination_parts *parts, const char *path,
                               struct err *err)
{
    if (!parts->series)
        return err_set(err, -EEXIST,
                       "'%s' is the folder of a series of exports (it has %s): give another --out",
                       parts->out, path);
    return err_set(
        err, -EEXIST,
        "'%s' has %s of another series of exports or of an export without a series, so rows would "
        "be in it twice: move that file away, or give another --out (or export.out)",
        parts->out, path);
}

static int check_other_series(const struct destination *d, struct err *err)
{
    for (int t = 0; t < EXTRACT_TABLES; t++) {
        const char *table = extract_table_name((enum extract_table)t);
        const char *path =
            d->parts.tables[t] ? manifest_stranger(d->manifest, table, d->parts.series) : NULL;
        if (path)
            return refuse_other_series(&d->parts, path, err);
    }
    return 0;
}

static int open_folder(struct destination *d, struct err *err)
{
    int rc = make_folder(d->parts.out, err);
    if (rc == 0 && (rc = folders_writable(d->parts.out, err)) != 0)
        err_suffix(err, OTHER_FOLDER);
    if (rc == 0)
        rc = lock_folder(d, err);
    if (rc == 0)
        rc = manifest_load(&d->manifest, d->parts.out, err);
    return rc ? rc : check_other_series(d, err);
}

static int check_file(const struct destination_parts *parts, struct err *err)
{
    struct out_file *probe; /* created and removed, to check that it can be written */
    int rc = replaceable_check(parts->out, parts->database, parts->force, err);
    if (rc == 0)
        rc = out_file_create(&probe, parts->out, COMPRESS_NONE, err);
    if (rc == 0)
        out_file_abort(probe);
    return rc;
}

int destination_open(struct destination **out, const struct destination_parts *parts,
                     struct err *err)
{
    struct destination *d = calloc(1, sizeof(*d));
    int rc = 0;
    if (!d)
        return err_set(err, -ENOMEM, "out of memory");
    d->parts = *parts;
    d->folder_fd = -1;
    if (parts->target == TARGET_FOLDER)
        rc = open_folder(d, err);
    else if (parts->target == TARGET_FILE)
        rc = check_file(parts, err);
    if (rc)
        destination_close(d);
    else
        *out = d;
    return rc;
}

void destination_close(struct destination *d)
{
    if (!d)
        return;
    manifest_free(d->manifest);
    if (d->folder_fd >= 0)
        close(d->folder_fd);
    free(d);
}

/* --- files ------------------------------------------------------------------------------------ */

static int file_in_folder(struct destination *d, const struct layout *layout,
                          struct destination_file *out, struct err *err)
{
    const struct destination_parts *parts = &d->parts;
    out->shown = layout_path(out->relative, layout);
    if (snprintf(out->path, sizeof(out->path), "%s/%s", parts->out, out->relative) >=
        (int)sizeof(out->path))
        return err_set(err, -ENAMETOOLONG, "'%s': the name is too long", parts->out);
    int rc = replaceable_check(out->path, parts->database, parts->force, err);
    return rc ? rc : make_folder_of(out->path, err);
}

int destination_file(struct destination *d, const struct layout *layout,
                     struct destination_file *out, struct err *err)
{
    const struct destination_parts *parts = &d->parts;
    if (parts->target == TARGET_FOLDER)
        return file_in_folder(d, layout, out, err);
    out->shown = parts->out;
    *out->relative = *out->path = '\0';
    if (parts->target == TARGET_FILE &&
        snprintf(out->path, sizeof(out->path), "%s", parts->out) >= (int)sizeof(out->path))
        return err_set(err, -ENAMETOOLONG, "'%s': the name is too long", parts->out);
    return 0;
}

int destination_add(struct destination *d, const struct manifest_entry *entry, struct err *err)
{
    d->added = true;
    return d->manifest ? manifest_put(d->manifest, entry, err) : 0;
}

int destination_write(struct destination *d, struct err *err)
{
    return d->manifest && d->added ? manifest_write(d->manifest, err) : 0;
}
