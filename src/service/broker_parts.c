#include "service/broker_parts.h"

#include "base/log.h"
#include "broker/catalog.h"
#include "broker/credentials.h"
#include "broker/reference_data.h"
#include "broker/tape_requests.h"
#include "broker/terminal_session.h"
#include "broker/token_keeper.h"
#include "market/source_table.h"
#include "record/coverage_log.h"
#include "service/lease_part.h"
#include "service/recording.h"
#include "service/reference_parts.h"
#include "service/running.h"

#include <errno.h>
#include <string.h>

/* --- the token -------------------------------------------------------------------------------- */

int password_digest(const struct service *s, const struct config *config, struct digest *out,
                    struct err *err)
{
    struct secret password;
    int rc = credentials_password(s->credentials, config, &password, err);
    if (rc)
        return rc;
    const char *doubt = credentials_doubt(&password);
    if (doubt)
        log_warn("the password may be mistyped", LOG_TEXT("why", doubt));
    *out = digest_of(password.text, password.len_bytes);
    secret_wipe(&password);
    return 0;
}

static void on_keeper(void *arg, enum token_keeper_news news, const char *words)
{
    struct service *s = arg;
    switch (news) {
    case KEEPER_TOKEN:
        lease_part_token(s);
        if (s->catalog)
            catalog_wake(s->catalog);
        if (s->reference_data)
            reference_data_wake(s->reference_data);
        if (s->tape)
            tape_requests_wake(s->tape);
        if (s->feed)
            feed_wake(s->feed);
        return;
    case KEEPER_HOPELESS:
        err_set(s->err, -EACCES, "%s", words);
        s->end = SERVICE_REFUSED;
        loop_stop(s->loop);
    }
}

int token_start(struct service *s, struct err *err)
{
    int rc = password_digest(s, s->feed_config, &s->password, err);
    if (rc)
        return rc;
    const struct token_keeper_parts parts = {
        .loop = s->loop,
        .config = s->feed_config,
        .credentials = s->credentials,
        .events = s->events,
        .budget = &s->budget,
        .patient = s->patient,
        .fn = on_keeper,
        .arg = s,
    };
    return token_keeper_create(&s->keeper, &parts, err);
}

void token_stop(struct service *s)
{
    token_keeper_destroy(s->keeper);
    s->keeper = NULL;
}

/* --- the session at the browser terminal ------------------------------------------------------ */

static void on_terminal(void *arg)
{
    struct service *s = arg;
    if (s->feed)
        feed_wake(s->feed);
}

static bool streams_from_terminal(const struct config_stream *stream)
{
    bool terminal = false;
    for (size_t i = 0; i < stream->dialects.count; i++)
        terminal |= strcmp(stream->dialects.item[i], "matriz") == 0;
    return stream->enable && terminal;
}

int terminal_start(struct service *s, struct err *err)
{
    const struct terminal_session_parts parts = {
        .loop = s->loop,
        .config = s->feed_config,
        .credentials = s->credentials,
        .events = s->events,
        .budget = &s->budget,
        .arg = s,
        .obtained = on_terminal,
    };
    return streams_from_terminal(&s->feed_config->stream)
               ? terminal_session_create(&s->terminal, &parts, err)
               : 0;
}

void terminal_stop(struct service *s)
{
    terminal_session_destroy(s->terminal);
    s->terminal = NULL;
}

/* --- the list of instruments ------------------------------------------------------------------ */

static void on_selection(void *arg, const struct config_strings *symbols)
{
    recording_selected(arg, symbols);
}

int catalog_start(struct service *s, struct err *err)
{
    const struct catalog_parts parts = {
        .loop = s->loop,
        .config = s->feed_config,
        .keeper = s->keeper,
        .events = s->events,
        .budget = &s->budget,
        .known = s->reference,
        .known_usable = reference_is_of_broker(s),
        .fn = on_selection,
        .arg = s,
    };
    return catalog_create(&s->catalog, &parts, err);
}

void catalog_stop(struct service *s)
{
    recording_forget(s);
    catalog_destroy(s->catalog);
    s->catalog = NULL;
}

/* --- the feed --------------------------------------------------------------------------------- */

int feed_start(struct service *s, struct err *err)
{
    (void)s;
    (void)err;
    return 0;
}

void feed_stop(struct service *s)
{
    if (s->feed)
        s->learned = feed_learned(s->feed);
    feed_destroy(s->feed);
    s->feed = NULL;
    coverage_log_streams_gone(s->coverage, s->leaving);
    source_table_release(s->sources, loop_now(s->loop).mono_ms);
}
