#include "feed/stream_set.h"

#include "base/log.h"
#include "feed/dialect_matriz.h"
#include "feed/dialect_memory.h"
#include "feed/dialect_primary.h"
#include "feed/probes.h"
#include "market/source_table.h"
#include "record/events.h"
#include "record/observers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct stream_set {
    struct stream_set_parts parts;
    struct stream_source *each[DIALECTS_MAX];
    int count;
    int usable; /* of them; 0: streaming is not enabled */
    struct dialect_choice choice;
    struct loop_timer *timer; /* the next look at the choice */
    struct state_saver *saver;
    const char *why; /* of the choice */
    enum feed_mode announced;
    char remembered[DIALECT_NAME_BYTES]; /* in the file; "" = none */
};

static struct stream_source *main_of(const struct stream_set *set)
{
    return set->each[set->choice.main];
}

/* --- the choice ------------------------------------------------------------------------------- */

static unsigned delivering(const struct stream_set *set)
{
    unsigned streaming = 0;
    for (int i = 0; i < set->count; i++)
        streaming |= (unsigned)stream_source_delivers(set->each[i]) << i;
    return streaming;
}

static void on_remembered(void *arg, const char *failed)
{
    (void)arg;
    if (failed)
        log_warn("the stream in use cannot be remembered", LOG_TEXT("why", failed));
}

static void remember(struct stream_set *set)
{
    struct state_file file;
    const char *name = stream_source_state(main_of(set)).dialect;
    if (set->count < 2 || strcmp(set->remembered, name) == 0)
        return;
    snprintf(set->remembered, sizeof(set->remembered), "%s", name);
    dialect_memory_file(&file, set->parts.config->state_dir, name,
                        loop_now(set->parts.loop).wall_ns);
    if (state_saver_give(set->saver, &file))
        on_remembered(set, "out of memory");
}

static void tell(const struct stream_set *set, int before, const char *why)
{
    const struct stream_source_state was = stream_source_state(set->each[before]);
    const struct stream_source_state is = stream_source_state(main_of(set));
    bool better = set->choice.main < before;
    events_report(set->parts.events, better ? LOG_LEVEL_INFO : LOG_LEVEL_WARN,
                  EVENT_DIALECT_CHANGED, NULL, "stream %s is used instead of %s: %s%s%s%s%s",
                  is.dialect, was.dialect, why, better ? "" : "; ", better ? "" : was.dialect,
                  better ? "" : ": ", better ? "" : was.why);
}

/* From now on its data take the place of the other's; the present state of each is sent again. */
static void use_main(struct stream_set *set)
{
    enum source source = stream_source_state(main_of(set)).source;
    const struct source_counts *counts = source_table_counts(set->parts.sources);
    source_table_prefer(set->parts.sources, source);
    if (counts->state[SOURCE_STREAMED] > counts->streamed_by[source])
        stream_source_subscribe(main_of(set));
}

static void announce(struct stream_set *set)
{
    const struct stream_source_state main = stream_source_state(main_of(set));
    const struct observed_mode mode = {main.mode, set->announced, main.why};
    probes_run(set->parts.probes, main.mode == FEED_STREAMING);
    if (main.mode == set->announced)
        return;
    set->announced = main.mode;
    observers_mode(set->parts.observers, &mode);
}

static void decide(void *arg)
{
    struct stream_set *set = arg;
    int64_t now_ms = loop_now(set->parts.loop).mono_ms;
    int before = set->choice.main;
    bool open = source_table_stream_level(set->parts.sources, 0) == SESSION_OPEN;
    struct dialect_step step = dialect_choice_step(set->choice, delivering(set), open, now_ms);
    set->choice = step.next;
    if (step.wake_ms < INT64_MAX)
        loop_timer_set(set->timer, step.wake_ms - now_ms);
    if (step.changed) {
        set->why = step.why;
        tell(set, before, step.why);
        use_main(set);
        announce(set);
    }
    if (set->choice.streaming)
        remember(set);
    for (int i = 0; i < set->count; i++)
        stream_source_want(set->each[i], set->choice.wanted >> i & 1);
}

/* Called from inside a step of a stream, so the choice is looked at later. */
static void on_changed(void *arg)
{
    struct stream_set *set = arg;
    if (!main_of(set))
        return; /* while they are created */
    announce(set);
    loop_timer_set(set->timer, 0);
}

/* --- what the feed reports -------------------------------------------------------------------- */

int stream_set_reserve(struct stream_set *set, int32_t size)
{
    int rc = 0;
    for (int i = 0; i < set->count && rc == 0; i++)
        rc = stream_source_reserve(set->each[i], size);
    return rc;
}

void stream_set_relisted(struct stream_set *set)
{
    for (int i = 0; i < set->count; i++)
        stream_source_relisted(set->each[i]);
}

void stream_set_login(struct stream_set *set)
{
    for (int i = 0; i < set->count; i++)
        stream_source_login(set->each[i]);
}

void stream_set_session(struct stream_set *set)
{
    for (int i = 0; i < set->count; i++)
        stream_source_session(set->each[i]);
    announce(set);
    decide(set);
}

void stream_set_new_day(struct stream_set *set)
{
    for (int i = 0; i < set->count; i++)
        stream_source_new_day(set->each[i]);
}

void stream_set_agreed(struct stream_set *set)
{
    stream_source_agreed(main_of(set));
}

void stream_set_diverged(struct stream_set *set, int32_t instrument)
{
    enum source source = source_table_row(set->parts.sources, instrument)->stream;
    for (int i = 0; i < set->count; i++) {
        if (stream_source_state(set->each[i]).source == source)
            stream_source_diverged(set->each[i], instrument);
    }
}

/* --- life ------------------------------------------------------------------------------------- */

static int make_dialect(struct dialect *out, const struct stream_set_parts *p, const char *name)
{
    if (strcmp(name, "matriz") == 0)
        return dialect_matriz_create(out, p->loop, p->config, p->terminal);
    return dialect_primary_create(out, p->config, p->keeper);
}

static int add_stream(struct stream_set *set, const char *name, struct err *err)
{
    const struct stream_set_parts *p = &set->parts;
    struct dialect dialect;
    const struct stream_source_parts parts = {
        .loop = p->loop,
        .config = p->config,
        .dialect = &dialect,
        .recorder = p->recorder,
        .events = p->events,
        .sources = p->sources,
        .budget = p->budget,
        .coverage = p->coverage,
        .store = p->store,
        .handover = p->handover,
        .probes = p->probes,
        .arg = set,
        .changed = on_changed,
    };
    if (make_dialect(&dialect, p, name))
        return err_set(err, -ENOMEM, "out of memory");
    int rc = stream_source_create(&set->each[set->count], &parts, err);
    if (rc == 0)
        set->count++;
    return rc;
}

/* Without streaming there is still the state of a stream to report: one that never connects. */
static int add_streams(struct stream_set *set, struct err *err)
{
    const struct config_strings *names = &set->parts.config->stream.dialects;
    size_t count = set->parts.config->stream.enable ? names->count : 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < count && i < DIALECTS_MAX; i++)
        rc = add_stream(set, names->item[i], err);
    set->usable = set->count;
    return rc || set->count ? rc : add_stream(set, "primary", err);
}

/* The dialect to begin with: the remembered one, else the preferred. */
static int first_of(const struct stream_set *set)
{
    for (int i = 0; i < set->count; i++) {
        if (strcmp(stream_source_state(set->each[i]).dialect, set->remembered) == 0)
            return i;
    }
    return 0;
}

static const char *why_first(const struct stream_set *set)
{
    return set->choice.main == 0 ? "it is preferred" : "it delivered data before the restart";
}

static int open_set(struct stream_set *set, struct err *err)
{
    struct now now = loop_now(set->parts.loop);
    set->timer = loop_timer_create(set->parts.loop, decide, set);
    set->saver = state_saver_create(set->parts.loop, on_remembered, set);
    if (!set->timer || !set->saver)
        return err_set(err, -ENOMEM, "out of memory");
    int rc = add_streams(set, err);
    if (rc)
        return rc;
    if (set->count > 1)
        dialect_memory_load(set->parts.config->state_dir, now.wall_ns, set->remembered);
    set->choice =
        dialect_choice_init(set->usable, first_of(set), now.mono_ms, (uint64_t)now.wall_ns);
    set->why = why_first(set);
    source_table_prefer(set->parts.sources, stream_source_state(main_of(set)).source);
    return 0;
}

int stream_set_create(struct stream_set **out, const struct stream_set_parts *parts,
                      struct err *err)
{
    struct stream_set *set = calloc(1, sizeof(*set));
    if (!set)
        return err_set(err, -ENOMEM, "out of memory");
    set->parts = *parts;
    int rc = open_set(set, err);
    if (rc) {
        stream_set_destroy(set);
        return rc;
    }
    const struct stream_source_state main = stream_source_state(main_of(set));
    set->announced = main.mode;
    observers_mode(parts->observers, &(struct observed_mode){main.mode, main.mode, main.why});
    *out = set;
    return 0;
}

void stream_set_destroy(struct stream_set *set)
{
    if (!set)
        return;
    for (int i = 0; i < set->count; i++)
        stream_source_destroy(set->each[i]);
    loop_timer_destroy(set->timer);
    state_saver_destroy(set->saver);
    free(set);
}

struct stream_set_state stream_set_state(const struct stream_set *set)
{
    struct stream_set_state state = {
        .main = stream_source_state(main_of(set)),
        .main_why = set->why,
        .enabled = set->usable > 0,
        .count = set->count,
    };
    for (int i = 0; i < set->count; i++) {
        state.each[i] = stream_source_state(set->each[i]);
        state.connections += state.each[i].connections;
        state.losses += state.each[i].losses;
        state.refusals += state.each[i].refusals;
        state.silences += state.each[i].silences;
    }
    return state;
}
