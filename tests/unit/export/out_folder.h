/*
 * out_folder: a temporary folder for the files of a test.
 */
#ifndef OUT_FOLDER_H
#define OUT_FOLDER_H

#include "base/buf.h"
#include "files/file.h"
#include "support/t.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

struct out_folder {
    char dir[64], path[96]; /* `path`: of a file in it */
};

__attribute__((unused)) static struct out_folder out_folder_make(const char *name)
{
    struct out_folder f;
    snprintf(f.dir, sizeof(f.dir), "/tmp/cinta-export-XXXXXX");
    assert_non_null(mkdtemp(f.dir));
    snprintf(f.path, sizeof(f.path), "%s/%s", f.dir, name);
    return f;
}

/* The number of entries in the folder. */
__attribute__((unused)) static int out_folder_count(const struct out_folder *f)
{
    int count = -2; /* . and .. */
    DIR *dir = opendir(f->dir);
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

__attribute__((unused)) static void out_folder_remove(const struct out_folder *f)
{
    unlink(f->path);
    t_int(rmdir(f->dir), 0);
}

__attribute__((unused)) static void out_folder_expect(const struct out_folder *f, const char *text)
{
    struct buf content;
    buf_init(&content, (size_t)64 * 1024 * 1024);
    t_int(file_read(f->path, &content), 0);
    t_str(buf_text(&content), text);
    buf_finish(&content);
}

#endif
