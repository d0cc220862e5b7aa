#include "broker/list_work.h"

#include "base/array.h"
#include "broker/list_cache.h"
#include "primary/reference.h"

#include <stdlib.h>
#include <string.h>

/* --- notes ------------------------------------------------------------------------------------ */

/* Without memory it is left out. */
static void note(void *arg, const char *symbol, const char *words)
{
    struct list_notes *notes = arg;
    struct list_note *item = array_grow(notes->item, &notes->cap, notes->count + 1, sizeof(*item));
    if (!item)
        return;
    notes->item = item;
    struct list_note *made = &item[notes->count];
    *made = (struct list_note){strdup(symbol), strdup(words)};
    if (made->symbol && made->words) {
        notes->count++;
        return;
    }
    free(made->symbol);
    free(made->words);
}

static void notes_finish(struct list_notes *notes)
{
    for (size_t i = 0; i < notes->count; i++) {
        free(notes->item[i].symbol);
        free(notes->item[i].words);
    }
    free(notes->item);
    *notes = (struct list_notes){0};
}

/* --- selecting -------------------------------------------------------------------------------- */

static struct selection_input input_of(const struct list_work *w)
{
    return (struct selection_input){w->config, w->known, w->today};
}

static enum reply_class read_body(struct list_work *w, const struct buf *body)
{
    const struct selection_input input = input_of(w);
    struct reply reply = list_cache_reply(body);
    struct json_parser *parser = json_parser_create();
    enum reply_class class = REPLY_OTHER;
    if (parser)
        class = selection_read(&w->selection, &input, parser, &reply, &w->why);
    else
        err_set(&w->why, -1, "out of memory");
    json_parser_destroy(parser);
    return class;
}

static bool use_received(struct list_work *w)
{
    if (!w->received)
        return false;
    w->class = read_body(w, &w->body);
    return w->class == REPLY_OK;
}

static bool use_copy(struct list_work *w, bool today_only)
{
    struct buf body;
    buf_init(&body, REFERENCE_LIST_BYTES);
    bool good = list_cache_load(w->config, &body, &w->day) == 0;
    if (good && w->saved_day)
        w->day = w->saved_day;
    good = good && (w->day == w->today || !today_only) && read_body(w, &body) == REPLY_OK;
    buf_finish(&body);
    return good;
}

static bool use_known(struct list_work *w)
{
    const struct selection_input input = input_of(w);
    return w->known_usable && selection_known(&w->selection, &input) == 0;
}

static bool use_names(struct list_work *w)
{
    const struct selection_input input = input_of(w);
    return w->named && selection_named(&w->selection, &input) == 0;
}

/* When the reference data have changed they are newer than an old copy. */
static enum list_source select_from(struct list_work *w)
{
    if (w->received)
        return use_received(w) ? LIST_RECEIVED : LIST_NONE;
    if (use_copy(w, w->today_only || w->again))
        return LIST_COPY;
    if (use_known(w))
        return LIST_KNOWN;
    if (w->again && !w->today_only && use_copy(w, false))
        return LIST_COPY;
    return use_names(w) ? LIST_NAMED : LIST_NONE;
}

/* --- comparing -------------------------------------------------------------------------------- */

/*
 * The broker may return a list without one of its markets. The missing instruments are recorded
 * until a second list, within the hour, lacks them too.
 */
static void doubt(struct list_work *w)
{
    struct selection *s = &w->selection;
    w->before = w->told->count;
    w->gone = selection_gone(s, w->told);
    w->cut = selection_is_cut(w->gone, w->before);
    w->kept = w->cut && !w->doubted && selection_keep(s, w->told) == 0;
}

static void compare(struct list_work *w)
{
    struct selection *s = &w->selection;
    if (w->source != LIST_NAMED)
        selection_unfound(s, note, &w->unfound);
    if (w->told && w->received)
        doubt(w);
    if (w->told)
        selection_matured(s, w->told, note, &w->matured);
    w->differs =
        !w->told || s->symbols.count != w->told->count || selection_lost(w->told, &s->symbols);
    selection_forget_list(s);
}

/* --- on the thread ---------------------------------------------------------------------------- */

static void save(struct list_work *w)
{
    if (list_cache_save(w->config, buf_text(&w->body), w->body.len_bytes, &w->why) == 0)
        w->why.code = 0;
}

void list_work_run(void *work)
{
    struct list_work *w = work;
    if (w->save) {
        save(w);
        return;
    }
    w->source = select_from(w);
    if (w->source != LIST_NONE)
        compare(w);
}

void list_work_dispose(void *work)
{
    struct list_work *w = work;
    buf_finish(&w->body);
    instrument_list_release(w->known);
    selection_finish(&w->selection);
    notes_finish(&w->unfound);
    notes_finish(&w->matured);
    free(w);
}
