#include "broker/reference_work.h"

#include "broker/list_cache.h"
#include "primary/instrument_reader.h"
#include "primary/reference.h"

#include <errno.h>
#include <stdlib.h>

/* --- items ------------------------------------------------------------------------------------ */

/* Lists by segment and by CFI code have the same instruments, and one value each. */
static void add(struct reference_work *w, const struct instrument *read)
{
    struct instrument one = *read;
    const struct instrument *before = instrument_list_find(w->into, one.market_id, one.symbol);
    if (before)
        instrument_fill(&one, before);
    int rc = instrument_list_put(w->into, &one);
    if (rc && !w->why.code)
        err_set(&w->why, rc, "out of memory");
}

static void on_item(void *arg, const struct instrument *read)
{
    struct reference_work *w = arg;
    struct instrument one = *read;
    if (w->segment.id)
        one.segment = w->segment.id;
    if (w->cfi_code)
        one.cfi_code = w->cfi_code;
    w->items++;
    if (w->into)
        add(w, &one);
    else
        instrument_merge_add(&w->merge, &one);
}

/* --- sources ---------------------------------------------------------------------------------- */

static void read_body(struct reference_work *w)
{
    struct instrument_reader *reader = instrument_reader_create(&w->body, on_item, w);
    if (!reader) {
        w->class = REPLY_OTHER;
        err_set(&w->why, -ENOMEM, "out of memory");
        return;
    }
    while (!atomic_load(w->stop) && instrument_reader_step(reader, &w->class, &w->why))
        ;
    w->unreadable = instrument_reader_skipped(reader);
    instrument_reader_destroy(reader);
}

static void read_copy(struct reference_work *w)
{
    int64_t day;
    buf_init(&w->body, REFERENCE_LIST_BYTES);
    if (list_cache_load(w->config, &w->body, &day) == 0 && (!w->day || day == w->day))
        read_body(w);
    else
        w->class = REPLY_NO_DATA;
}

static void take_read(struct reference_work *w)
{
    for (size_t i = 0; i < instrument_list_count(w->read); i++)
        on_item(w, instrument_list_at(w->read, i));
}

static void read_items(struct reference_work *w)
{
    switch (w->source) {
    case REFERENCE_BODY:
        read_body(w);
        break;
    case REFERENCE_COPY:
        read_copy(w);
        break;
    case REFERENCE_READ:
        take_read(w);
        break;
    }
}

/* --- merging ---------------------------------------------------------------------------------- */

/* A list without one of the markets is confirmed by a second one before the missing instruments
 * count as not listed. */
static void end_merge(struct reference_work *w)
{
    struct instrument_merge *m = &w->merge;
    w->missing = w->partial ? 0 : instrument_merge_missing(m);
    w->cut = w->missing * 10 > m->listed_before;
    w->whole = !w->partial && (!w->cut || w->doubted);
    w->merged = instrument_merge_end(m, w->whole, &w->why) == 0;
}

void reference_work_run(void *work)
{
    struct reference_work *w = work;
    if (!w->into && !w->merge.after) {
        w->class = REPLY_OTHER;
        err_set(&w->why, -ENOMEM, "out of memory");
        return;
    }
    read_items(w);
    bool any = w->items || w->source == REFERENCE_READ;
    if (!w->into && w->class == REPLY_OK && any)
        end_merge(w);
}

void reference_work_dispose(void *work)
{
    struct reference_work *w = work;
    buf_finish(&w->body);
    instrument_list_release(w->read);
    instrument_list_release(w->into);
    instrument_merge_finish(&w->merge);
    free(w);
}
