#include "service/refresh.h"

#include "base/mask.h"
#include "broker/credentials.h"
#include "broker/reference_data.h"
#include "broker/token_keeper.h"
#include "files/run_lock.h"
#include "files/state_folder.h"
#include "market/instrument_merge.h"
#include "market/request_budget.h"
#include "record/events.h"
#include "record/observers.h"
#include "store/read/instrument_rows.h"
#include "store/write/store.h"

#include <errno.h>
#include <unistd.h>

#define LOOK_MS         100
#define COMMIT_EVERY_MS 50
#define BACKLOG_ROWS    64
#define DRAIN_MS        30000

struct refresh {
    const struct config *config;
    struct err *err;
    enum refresh_end end;
    int64_t give_up_ms;
    bool refused; /* the credentials */

    int lock_fd;
    struct credentials *credentials;
    struct loop *loop;
    struct loop_timer *look;
    struct observers *observers;
    struct events *events;
    struct store *store;
    struct instrument_list *known;
    struct request_budget budget;
    struct token_keeper *keeper;
    struct reference_data *data;
};

/* --- while it waits --------------------------------------------------------------------------- */

/* The loop ends after this turn, in which the timer may be due too. */
static void stop(struct refresh *r, enum refresh_end end)
{
    r->end = end;
    loop_timer_stop(r->look);
    loop_stop(r->loop);
}

static void on_list(void *arg, struct instrument_list *list, int64_t ts_read)
{
    struct refresh *r = arg;
    char broker[MASK_URL_BYTES];
    mask_url(broker, sizeof(broker), r->config->broker.url);
    store_list(r->store, list, ts_read, broker);
    if (ts_read)
        stop(r, REFRESH_DONE);
}

static const char *no_symbol(void *arg, int32_t index)
{
    (void)arg;
    (void)index;
    return NULL;
}

static void on_keeper(void *arg, enum token_keeper_news news, const char *words)
{
    struct refresh *r = arg;
    if (news == KEEPER_TOKEN && r->data)
        reference_data_wake(r->data);
    if (news != KEEPER_HOPELESS)
        return;
    err_set(r->err, -EACCES, "%s", words);
    stop(r, REFRESH_REFUSED);
}

/* Every event is stored; the last one tells why nothing else happens. */
static void on_event(void *arg, const struct observed_event *event)
{
    struct refresh *r = arg;
    store_event(r->store, event->ts, event->kind, event->symbol, event->detail);
    if (event->level <= LOG_LEVEL_WARN)
        err_set(r->err, -EAGAIN, "%s", event->detail);
}

static void on_look(void *arg)
{
    struct refresh *r = arg;
    const struct reference_data_state state = reference_data_state(r->data);
    if (*state.failed) {
        err_set(r->err, -EAGAIN, "%s", state.failed);
        stop(r, REFRESH_UNREACHABLE);
    } else if (state.attempts) {
        err_set(r->err, -EBADMSG,
                "the list lacks more than a tenth of the known instruments: what "
                "it has was stored, and the others stay listed");
        stop(r, REFRESH_FAILED);
    } else if (loop_now(r->loop).mono_ms >= r->give_up_ms) {
        if (!r->err->code)
            err_set(r->err, -ETIMEDOUT, "no answer");
        stop(r, REFRESH_UNREACHABLE);
    } else {
        loop_timer_set(r->look, LOOK_MS);
    }
}

/* --- parts ------------------------------------------------------------------------------------ */

static int read_known(struct refresh *r, struct err *err)
{
    struct reader *reader;
    int64_t from_ns = clock_now().wall_ns - INSTRUMENT_KEEP_DAYS * NS_PER_DAY;
    r->known = instrument_list_create();
    if (!r->known)
        return err_set(err, -ENOMEM, "out of memory");
    int rc = reader_open(&reader, r->config->store.path, err);
    if (rc)
        return rc;
    rc = instrument_rows_read(reader, from_ns, r->known, err);
    reader_close(reader);
    return rc;
}

static int open_local(struct refresh *r, struct err *err)
{
    const struct config *config = r->config;
    const struct store_config store = {.path = config->store.path,
                                       .full_sync = config->store.full_sync,
                                       .commit_every_ms = COMMIT_EVERY_MS,
                                       .backlog_rows = BACKLOG_ROWS};
    int rc = state_folder_check(config->state_dir, err);
    if (rc == 0)
        r->lock_fd = rc = run_lock_take(config->state_dir, err);
    if (rc < 0)
        return rc;
    r->credentials = credentials_create();
    r->loop = loop_create();
    r->observers = observers_create();
    r->events = r->observers ? events_create(r->observers) : NULL;
    r->look = r->loop ? loop_timer_create(r->loop, on_look, r) : NULL;
    if (!r->credentials || !r->events || !r->look)
        return err_set(err, -ENOMEM, "out of memory");
    rc = store_create(&r->store, &store, NULL, NULL, err);
    if (rc)
        return rc;
    const struct observer observer = {.arg = r, .on_event = on_event};
    rc = observers_add(r->observers, &observer);
    return rc < 0 ? err_set(err, rc, "out of memory") : read_known(r, err);
}

static int open_broker(struct refresh *r, struct err *err)
{
    const struct token_keeper_parts keeper = {.loop = r->loop,
                                              .config = r->config,
                                              .credentials = r->credentials,
                                              .events = r->events,
                                              .budget = &r->budget,
                                              .fn = on_keeper,
                                              .arg = r};
    const struct reference_data_parts data = {.loop = r->loop,
                                              .config = r->config,
                                              .events = r->events,
                                              .budget = &r->budget,
                                              .known = r->known,
                                              .fn = on_list,
                                              .symbol = no_symbol,
                                              .arg = r};
    int rc = token_keeper_create(&r->keeper, &keeper, err);
    if (rc)
        return rc;
    struct reference_data_parts with_token = data;
    with_token.keeper = r->keeper;
    return reference_data_create(&r->data, &with_token, err);
}

/* -errno: what was recorded could not be written. */
static int close_parts(struct refresh *r, struct err *err)
{
    int rc = 0;
    reference_data_destroy(r->data);
    token_keeper_destroy(r->keeper);
    instrument_list_release(r->known);
    events_destroy(r->events);
    if (r->store)
        rc = store_close(r->store, DRAIN_MS, err);
    observers_destroy(r->observers);
    loop_timer_destroy(r->look);
    loop_destroy(r->loop);
    credentials_destroy(r->credentials);
    if (r->lock_fd >= 0)
        close(r->lock_fd);
    return rc;
}

/* --- the run ---------------------------------------------------------------------------------- */

static enum refresh_end run(struct refresh *r, int64_t limit_ms, struct err *err)
{
    struct secret password;
    if (open_local(r, err))
        return REFRESH_FAILED;
    if (credentials_password(r->credentials, r->config, &password, err))
        return REFRESH_CONFIG;
    secret_wipe(&password);
    if (open_broker(r, err))
        return REFRESH_FAILED;
    r->give_up_ms = loop_now(r->loop).mono_ms + limit_ms;
    reference_data_refresh(r->data);
    loop_timer_set(r->look, LOOK_MS);
    loop_run(r->loop);
    return r->end;
}

enum refresh_end refresh_once(const struct config *config, int64_t limit_ms, struct err *err)
{
    struct refresh r = {
        .config = config, .err = err, .lock_fd = -1, .budget = budget_init(config->poll.rate)};
    struct err not_written;
    *err = (struct err){0};
    enum refresh_end end = run(&r, limit_ms, err);
    if (close_parts(&r, &not_written) && end == REFRESH_DONE) {
        *err = not_written;
        end = REFRESH_FAILED;
    }
    return end;
}
