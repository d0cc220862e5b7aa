/*
 * stream_set: the streams of a feed, one for each of stream.dialects, and the choice between them.
 *
 * Owns the streams (feed/stream_source). One of them is the main one, whose data are recorded; the
 * choice is market/dialect_choice's. Instruments that it does not deliver are polled. While another
 * one is tried, its data are not recorded; when it becomes the main one, each instrument moves with
 * its first message there. Remembers the main one for the next start. Reports to observers when the
 * mode of the main one changes.
 */
#ifndef FEED_STREAM_SET_H
#define FEED_STREAM_SET_H

#include "feed/stream_source.h"
#include "market/dialect_choice.h"

struct stream_set;
struct observers;
struct terminal_session;
struct token_keeper;

/* All are borrowed. */
struct stream_set_parts {
    struct loop *loop;
    const struct config *config;
    struct token_keeper *keeper;
    struct terminal_session *terminal; /* NULL: no dialect needs it */
    struct recorder *recorder;
    struct events *events;
    struct source_table *sources;
    struct request_budget *budget;
    struct coverage_log *coverage;
    struct store *store;
    struct observers *observers;
    struct handover *handover;
    struct probes *probes; /* they run while the main one is trusted */
};

int stream_set_create(struct stream_set **out, const struct stream_set_parts *parts,
                      struct err *err);
void stream_set_destroy(struct stream_set *set); /* closes the connections */

/* As the functions of stream_source. */
int stream_set_reserve(struct stream_set *set, int32_t size);
void stream_set_relisted(struct stream_set *set);
void stream_set_login(struct stream_set *set);
void stream_set_session(struct stream_set *set);
void stream_set_new_day(struct stream_set *set);
void stream_set_agreed(struct stream_set *set);
void stream_set_diverged(struct stream_set *set, int32_t instrument);

struct stream_set_state {
    struct stream_source_state main;
    const char *main_why;                            /* why it is the main one; a constant */
    bool enabled;                                    /* streaming is, by the configuration */
    int64_t connections, losses, refusals, silences; /* of all; as stream_source_state */
    int count;
    struct stream_source_state each[DIALECTS_MAX]; /* in order of preference */
};
struct stream_set_state stream_set_state(const struct stream_set *set);

#endif
