#include "broker/list_selector.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>

struct list_selector {
    struct list_selector_parts parts; /* `known` is a share */
    struct background *background;
    struct config_strings selected; /* in effect; owned */
    bool accepted;                  /* there is one */
    bool working;                   /* a selection is being made */
    struct list_work *waiting;      /* the next one, of the broker's answer; NULL = none */
    bool again;                     /* and then one of what is there */
    int64_t saved_day;              /* in Argentina, of the last list that was saved; 0 = none */
};

/* --- work ------------------------------------------------------------------------------------- */

static struct list_work *new_work(const struct list_selector *s)
{
    struct list_work *work = calloc(1, sizeof(*work));
    if (!work)
        return NULL;
    work->config = s->parts.config;
    work->today = art_day(loop_now(s->parts.loop).wall_ns);
    return work;
}

static struct list_work *with_body(const struct list_selector *s, struct buf *body)
{
    struct list_work *work = new_work(s);
    if (!work)
        return NULL;
    work->body = *body;
    buf_init(body, body->max_bytes);
    return work;
}

/* One at a time, because it reads `selected`, which its result replaces. */
static void start(struct list_selector *s, struct list_work *work)
{
    work->told = s->accepted ? &s->selected : NULL;
    work->known = s->parts.known ? instrument_list_share(s->parts.known) : NULL;
    s->working = true;
    background_give(s->background, work);
}

int list_selector_select(struct list_selector *s, bool again)
{
    const struct instrument_rules *rules = &s->parts.config->rules;
    bool need_list = instrument_rules_need_list(rules);
    if (s->working) {
        s->again = true;
        return 0;
    }
    struct list_work *work = new_work(s);
    if (!work)
        return -ENOMEM;
    work->again = again;
    work->today_only = !need_list; /* an old list would only report new symbols as unknown */
    work->known_usable = s->parts.known_usable && need_list;
    work->saved_day = s->saved_day;
    work->named = !need_list || (!s->accepted && rules->texts[RULE_SYMBOL].count);
    start(s, work);
    return 0;
}

int list_selector_received(struct list_selector *s, struct buf *body, bool doubted)
{
    struct list_work *work = with_body(s, body);
    if (!work)
        return -ENOMEM;
    work->received = true;
    work->doubted = doubted;
    if (s->working)
        s->waiting = work;
    else
        start(s, work);
    return 0;
}

int list_selector_save(struct list_selector *s, struct buf *body)
{
    struct list_work *work = with_body(s, body);
    if (!work)
        return -ENOMEM;
    work->save = true;
    s->saved_day = work->today;
    background_give(s->background, work);
    return 0;
}

static void start_next(struct list_selector *s)
{
    struct list_work *waiting = s->waiting;
    bool again = s->again;
    s->waiting = NULL;
    s->again = false;
    if (waiting)
        start(s, waiting); /* with the reference data of now */
    else if (again)
        list_selector_select(s, true);
}

static void on_done(void *arg, void *item)
{
    struct list_selector *s = arg;
    struct list_work *work = item;
    s->working &= work->save;
    s->parts.fn(s->parts.arg, work);
    list_work_dispose(work);
    if (!s->working)
        start_next(s);
}

/* --- what is in effect ------------------------------------------------------------------------ */

void list_selector_accept(struct list_selector *s, struct list_work *work)
{
    struct config_strings before = s->selected;
    s->selected = work->selection.symbols;
    work->selection.symbols = before;
    s->accepted = true;
}

const struct config_strings *list_selector_selected(const struct list_selector *s)
{
    return s->accepted ? &s->selected : NULL;
}

void list_selector_known(struct list_selector *s, struct instrument_list *known)
{
    instrument_list_release(s->parts.known);
    s->parts.known = instrument_list_share(known);
    s->parts.known_usable = true;
}

bool list_selector_knows(const struct list_selector *s)
{
    return s->parts.known_usable;
}

/* --- life ------------------------------------------------------------------------------------- */

struct list_selector *list_selector_create(const struct list_selector_parts *parts)
{
    struct list_selector *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->parts = *parts;
    if (s->parts.known)
        instrument_list_share(s->parts.known);
    s->background = background_create(&(struct background_parts){.loop = parts->loop,
                                                                 .work = list_work_run,
                                                                 .done = on_done,
                                                                 .dispose = list_work_dispose,
                                                                 .arg = s});
    if (s->background)
        return s;
    list_selector_destroy(s);
    return NULL;
}

void list_selector_destroy(struct list_selector *s)
{
    if (!s)
        return;
    background_destroy(s->background);
    if (s->waiting)
        list_work_dispose(s->waiting);
    selection_finish(&(struct selection){.symbols = s->selected});
    instrument_list_release(s->parts.known);
    free(s);
}
