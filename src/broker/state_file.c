#include "broker/state_file.h"

#include "files/private_file.h"
#include "net/background.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int state_file_write(const struct state_file *file, struct err *err)
{
    int rc =
        private_file_write(buf_text(&file->path), buf_text(&file->body), file->body.len_bytes, err);
    if (rc) {
        err_prefix(err, "%s", file->before);
        err_suffix(err, "%s", file->after);
    }
    return rc;
}

void state_file_finish(struct state_file *file)
{
    if (file->secret && file->body.data)
        explicit_bzero(file->body.data, file->body.cap_bytes);
    buf_finish(&file->path);
    buf_finish(&file->body);
}

/* --- on another thread ------------------------------------------------------------------------ */

struct save {
    struct background_item item; /* first */
    struct state_file file;
    struct err err; /* code 0: it was written */
};

struct state_saver {
    struct background *background;
    state_saved_fn *saved;
    void *arg;
};

static void work(void *item)
{
    struct save *save = item;
    if (state_file_write(&save->file, &save->err) == 0)
        save->err.code = 0;
}

static void dispose(void *item)
{
    struct save *save = item;
    state_file_finish(&save->file);
    free(save);
}

static void done(void *arg, void *item)
{
    const struct state_saver *saver = arg;
    struct save *save = item;
    saver->saved(saver->arg, save->err.code ? save->err.text : NULL);
    dispose(save);
}

int state_saver_give(struct state_saver *saver, struct state_file *file)
{
    struct save *save = calloc(1, sizeof(*save));
    if (!save) {
        state_file_finish(file);
        return -ENOMEM;
    }
    save->file = *file;
    background_give(saver->background, save);
    return 0;
}

struct state_saver *state_saver_create(struct loop *loop, state_saved_fn *saved, void *arg)
{
    struct state_saver *saver = calloc(1, sizeof(*saver));
    if (!saver)
        return NULL;
    *saver = (struct state_saver){.saved = saved, .arg = arg};
    saver->background = background_create(&(struct background_parts){
        .loop = loop, .work = work, .done = done, .dispose = dispose, .arg = saver});
    if (saver->background)
        return saver;
    free(saver);
    return NULL;
}

void state_saver_destroy(struct state_saver *saver)
{
    if (!saver)
        return;
    background_destroy(saver->background);
    free(saver);
}
