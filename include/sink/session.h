/*
 * session: publishing over one connection, from where the stream ends.
 *
 * Blocks, therefore it is for a thread of its own. After an error it is closed, and another one is
 * opened later, which looks again how far the stream has got.
 */
#ifndef SINK_SESSION_H
#define SINK_SESSION_H

#include "sink/limit.h"
#include "sink/memory.h"
#include "sink/settings.h"

struct sink_session;

struct sink_session_parts {
    const struct sink_settings *settings; /* borrowed */
    struct sink_memory *memory;           /* borrowed, and kept up to date */
    int64_t started_ms;                   /* of the service, monotonic */
    int attempt;                          /* of the ids: see sink_author */
};

/* Connects, creates the streams if they are missing, and finds the position. *renamed: as
 * sink_resume(). Errors of these. */
int sink_session_open(struct sink_session **out, const struct sink_session_parts *parts,
                      bool *renamed, struct err *err);
void sink_session_close(struct sink_session *session);

struct sink_progress {
    int stored;      /* messages that the stream has taken since the last step */
    bool waiting;    /* messages are on their way */
    bool ready;      /* nothing is to be sent at present, and nothing is on its way */
    int64_t wait_ms; /* nothing can be done before; INT64_MAX: until something is committed */
    int64_t behind;  /* changes that are committed and not published */
    int64_t lost;    /* changes that were deleted before they could be published */
    bool remade;     /* the stream with the last values was created again (sink/mirror) */
};
/*
 * Publishes what has been committed, as much as the rate allows, and takes the acknowledgements
 * that have come; waits for one for a short time if messages are on their way.
 */
int sink_session_step(struct sink_session *session, const struct sink_limit *limit,
                      struct sink_progress *out, struct err *err);

const char *sink_session_server(const struct sink_session *session);
/* What the stream has that differs from the configuration; "" = nothing. */
const char *sink_session_differs(const struct sink_session *session);

#endif
