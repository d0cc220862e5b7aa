#include "broker/list_cache.h"

#include "base/clock.h"
#include "base/percent.h"
#include "files/private_file.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* The URL is part of the name, so that another broker's list is not used for this one. */
static void path_of(const struct config *config, struct buf *path)
{
    buf_init(path, PATH_MAX - 16);
    buf_printf(path, "%s/instruments-", config->state_dir);
    percent_encode(path, config->broker.url);
    buf_puts(path, ".json");
}

int list_cache_save(const struct config *config, const char *body, size_t len_bytes,
                    struct err *err)
{
    struct buf path;
    path_of(config, &path);
    int rc = buf_failed(&path)
                 ? err_set(err, -ENAMETOOLONG, "'%s': the name is too long", buf_text(&path))
                 : private_file_write(buf_text(&path), body, len_bytes, err);
    if (rc) {
        err_prefix(err, "cannot save the instrument list: ");
        err_suffix(err, "; the next start downloads it again");
    }
    buf_finish(&path);
    return rc;
}

int list_cache_load(const struct config *config, struct buf *out, int64_t *day)
{
    struct buf path;
    int64_t modified_ns = 0;
    path_of(config, &path);
    int rc =
        buf_failed(&path) ? -ENAMETOOLONG : private_file_read(buf_text(&path), out, &modified_ns);
    buf_finish(&path);
    if (rc)
        return -ENOENT;
    *day = art_day(modified_ns);
    return 0;
}

struct reply list_cache_reply(const struct buf *body)
{
    return (struct reply){.status = 200,
                          .content_type = "",
                          .location = "",
                          .body = buf_text(body),
                          .body_len_bytes = body->len_bytes};
}
