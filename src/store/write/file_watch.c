#include "store/write/file_watch.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

enum presence { PRESENT, ABSENT, UNKNOWN };

static enum presence look_at(const char *path, const char *suffix, struct file_id *out)
{
    char name[PATH_MAX];
    struct stat st;
    snprintf(name, sizeof(name), "%s%s", path, suffix);
    *out = (struct file_id){0};
    if (stat(name, &st))
        return errno == ENOENT || errno == ENOTDIR ? ABSENT : UNKNOWN;
    *out = (struct file_id){(uint64_t)st.st_dev, (uint64_t)st.st_ino};
    return PRESENT;
}

static bool same(struct file_id a, struct file_id b)
{
    return a.device == b.device && a.inode == b.inode;
}

static bool is_side_lost(const struct file_watch *watch, const char *suffix, struct file_id opened)
{
    struct file_id found;
    return opened.inode && look_at(watch->path, suffix, &found) != UNKNOWN && !same(found, opened);
}

void file_watch_init(struct file_watch *watch, const char *path, int fd)
{
    struct stat st;
    *watch = (struct file_watch){.path = path, .fd = fd};
    if (fstat(fd, &st) == 0)
        watch->database = (struct file_id){(uint64_t)st.st_dev, (uint64_t)st.st_ino};
    look_at(path, "-wal", &watch->wal);
    look_at(path, "-shm", &watch->shm);
    file_head_read(fd, &watch->head);
}

/*
 * Only checkpoints write to the file, and the mode, the page size and the change counters never go
 * back: any other difference was written by another program.
 */
static bool is_overwritten(const struct file_head *then, const struct file_head *found)
{
    if (!then->valid)
        return false;
    return !found->valid || !found->wal || found->page_bytes != then->page_bytes ||
           found->changes < then->changes || found->schema < then->schema;
}

static enum file_loss look_into(struct file_watch *watch, bool moved)
{
    struct file_head found;
    if (file_head_read(watch->fd, &found))
        return FILE_KEPT;
    if (found.size_bytes == 0)
        return FILE_EMPTIED;
    if (is_overwritten(&watch->head, &found))
        return FILE_OVERWRITTEN;
    if (moved)
        watch->head = found;
    return FILE_KEPT;
}

enum file_loss file_watch_look(struct file_watch *watch, bool moved)
{
    struct file_id found;
    struct stat st;
    enum presence presence = look_at(watch->path, "", &found);
    if (fstat(watch->fd, &st))
        return FILE_KEPT;
    if (presence == PRESENT && !same(found, watch->database))
        return FILE_REPLACED;
    if (st.st_nlink == 0)
        return FILE_DELETED;
    if (presence == ABSENT)
        return FILE_MOVED;
    enum file_loss inside = look_into(watch, moved);
    if (inside != FILE_KEPT)
        return inside;
    if (is_side_lost(watch, "-wal", watch->wal) || is_side_lost(watch, "-shm", watch->shm))
        return FILE_SIDES_LOST;
    return FILE_KEPT;
}

bool file_watch_resized(const struct file_watch *watch, struct file_head *found)
{
    return file_head_read(watch->fd, found) == 0 && found->valid &&
           (found->pages != watch->head.pages || found->size_bytes != watch->head.size_bytes);
}

bool file_watch_exists(const struct file_watch *watch)
{
    struct stat st;
    return fstat(watch->fd, &st) == 0 && st.st_nlink > 0 && st.st_size > 0;
}

const char *file_loss_words(enum file_loss loss)
{
    switch (loss) {
    case FILE_KEPT:
        break;
    case FILE_DELETED:
        return "was deleted";
    case FILE_MOVED:
        return "was moved, or its folder was unmounted";
    case FILE_REPLACED:
        return "was replaced by another file";
    case FILE_EMPTIED:
        return "was truncated by another program";
    case FILE_OVERWRITTEN:
        return "was overwritten by another program";
    case FILE_SIDES_LOST:
        return "lost its -wal or -shm file";
    }
    return "is unchanged";
}
