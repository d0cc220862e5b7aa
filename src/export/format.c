#include "export/format.h"

#include "base/word_list.h"

#define DECLARE(name) extern const struct format format_##name;
EXPORT_FORMATS(DECLARE)

#define ADDRESS(name) &format_##name,
const struct format *const format_all[] = {EXPORT_FORMATS(ADDRESS) NULL};

const struct format *format_find(const char *name)
{
    int found = word_list_find(export_formats, name);
    return found < 0 ? NULL : format_all[found];
}

int format_create(struct format_writer **out, const struct format *format,
                  const struct format_parts *parts, struct err *err)
{
    *out = NULL;
    int rc = format->create(out, parts, err);
    if (rc == 0)
        (*out)->format = format;
    return rc;
}

int format_row(struct format_writer *w, const struct cell *cells, struct err *err)
{
    return w->format->row(w, cells, err);
}

int format_finish(struct format_writer *w, struct err *err)
{
    return w->format->finish(w, err);
}

void format_destroy(struct format_writer *w)
{
    if (w)
        w->format->destroy(w);
}
