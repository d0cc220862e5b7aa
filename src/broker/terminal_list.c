#include "broker/terminal_list.h"

#include "base/clock.h"
#include "base/percent.h"
#include "files/private_file.h"

#include <errno.h>
#include <limits.h>

/* The URL is part of the name, so that another terminal's list is not used for this one. */
static int path_of(const char *state_dir, const char *base, struct buf *path)
{
    buf_init(path, PATH_MAX - 16);
    buf_printf(path, "%s/ref-data-", state_dir);
    percent_encode(path, base);
    buf_puts(path, ".json");
    return buf_failed(path) ? -ENAMETOOLONG : 0;
}

int terminal_list_file(struct state_file *out, const char *state_dir, const char *base,
                       struct err *err)
{
    *out = (struct state_file){.before = "cannot save the terminal's list of instruments: ",
                               .after = ""};
    int rc = path_of(state_dir, base, &out->path);
    if (rc == 0)
        return 0;
    err_set(err, rc, "%s'%s': the name is too long", out->before, buf_text(&out->path));
    state_file_finish(out);
    return rc;
}

int terminal_list_load(const char *state_dir, const char *base, struct buf *out, int64_t *day)
{
    struct buf path;
    int64_t modified_ns = 0;
    int rc = path_of(state_dir, base, &path);
    if (rc == 0)
        rc = private_file_read(buf_text(&path), out, &modified_ns);
    buf_finish(&path);
    if (rc)
        return -ENOENT;
    *day = art_day(modified_ns);
    return 0;
}
