#include "setup/setup_files.h"

#include "config/conf_sample.h"
#include "config/config_parser.h"
#include "files/file.h"
#include "files/folders.h"
#include "files/path.h"
#include "files/staged_file.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The files and directories being written. */
struct writing {
    const struct setup *setup;
    struct folders dir, data, state;
    struct staged_file password, conf;
};

/* The package's file, unmodified: it may be replaced. */
static bool is_sample(const char *path)
{
    struct buf text;
    buf_init(&text, CONFIG_BYTES_MAX);
    bool same = file_read(path, &text) == 0 && strcmp(buf_text(&text), conf_sample) == 0;
    buf_finish(&text);
    return same;
}

int setup_files_look(const struct setup *setup, bool replace, struct err *err)
{
    char conf[PATH_MAX], password[PATH_MAX];
    int rc = setup_file(conf, setup, "cinta.conf", err);
    if (rc == 0)
        rc = setup_file(password, setup, "password", err);
    if (rc == 0)
        rc = staged_file_may_go(conf, replace || is_sample(conf), err);
    return rc ? rc : staged_file_may_go(password, replace, err);
}

int setup_files_room(const struct setup *setup, struct err *err)
{
    char folder[PATH_MAX];
    int rc = folders_possible(setup->dir, err);
    if (rc == 0)
        rc = path_folder(setup->db, folder);
    if (rc == 0)
        rc = folders_possible(folder, err);
    if (rc == 0)
        rc = folders_possible(setup->state_dir, err);
    return rc;
}

/* The group of a system service may read its data; a user's own data are private. */
static int make_folders(struct writing *w, struct err *err)
{
    char folder[PATH_MAX];
    mode_t mode = geteuid() == 0 ? FOLDER_GROUP : FOLDER_PRIVATE;
    int rc = folders_make(&w->dir, w->setup->dir, FOLDER_PUBLIC, err);
    if (rc == 0)
        rc = path_folder(w->setup->db, folder);
    if (rc == 0)
        rc = folders_make(&w->data, folder, mode, err);
    if (rc == 0)
        rc = folders_make(&w->state, w->setup->state_dir, mode, err);
    return rc;
}

/* With a line end, as text files have; credentials removes it. */
static int stage_password(struct writing *w, const struct secret *password, struct err *err)
{
    char path[PATH_MAX], line[SECRET_BYTES_MAX + 2];
    int rc = setup_file(path, w->setup, "password", err);
    int len = snprintf(line, sizeof(line), "%s\n", password->text);
    if (rc == 0)
        rc = staged_file_write(
            &w->password, &(struct staged_file_parts){path, FILE_PRIVATE, line, (size_t)len}, err);
    explicit_bzero(line, sizeof(line));
    return rc;
}

/* Readable by all: the service's user under systemd must read it, and it contains no secret. */
static int stage_conf(struct writing *w, const struct buf *conf, struct err *err)
{
    char path[PATH_MAX];
    struct config *config = NULL;
    int rc = setup_file(path, w->setup, "cinta.conf", err);
    if (rc == 0)
        rc = staged_file_write(
            &w->conf,
            &(struct staged_file_parts){path, FILE_PUBLIC, buf_text(conf), conf->len_bytes}, err);
    if (rc == 0)
        rc = config_load(w->conf.file.beside, &config, err);
    config_free(config);
    return rc;
}

static int write_all(struct writing *w, const struct buf *conf, const struct secret *password,
                     bool replace, struct err *err)
{
    int rc = make_folders(w, err);
    if (rc == 0)
        rc = stage_password(w, password, err);
    if (rc == 0)
        rc = stage_conf(w, conf, err);
    if (rc == 0)
        rc = staged_file_place(&w->password, replace, err);
    if (rc == 0)
        rc = staged_file_place(&w->conf, replace || is_sample(w->conf.file.path), err);
    return rc;
}

static void take_all_back(struct writing *w)
{
    staged_file_take_back(&w->conf);
    staged_file_take_back(&w->password);
    folders_take_back(&w->state);
    folders_take_back(&w->data);
    folders_take_back(&w->dir);
}

int setup_files_write(const struct setup *setup, const struct buf *conf,
                      const struct secret *password, bool replace, struct err *err)
{
    struct writing w = {.setup = setup};
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    int rc = write_all(&w, conf, password, replace, err);
    if (rc) {
        take_all_back(&w);
    } else {
        staged_file_settle(&w.password);
        staged_file_settle(&w.conf);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return rc;
}
