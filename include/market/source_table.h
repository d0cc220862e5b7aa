/*
 * source_table: for each instrument, where its market data comes from at present: polling, one of
 * the streams, or nothing; since when, and when the recorded values were last known to be current.
 *
 * Pure: the time is an argument. Rows are indexed by the instrument's index in the market, and
 * there is one table for the whole service: the feed and its parts (planner, prober, subscriptions)
 * and the coverage use it instead of lists of their own. Only source_table_step() changes a row,
 * and no step takes longer with more instruments.
 */
#ifndef MARKET_SOURCE_TABLE_H
#define MARKET_SOURCE_TABLE_H

#include "base/clock.h"
#include "market/quote.h"
#include "market/session_clock.h"

#include <stdbool.h>
#include <stdint.h>

#define SOURCE_COUNT (SOURCE_MATRIZ + 1) /* arrays indexed by enum source; 0 is no source */

enum source_state {
    SOURCE_UNLISTED, /* not to be recorded now */
    SOURCE_POLLED,   /* by REST */
    SOURCE_DROPPED,  /* REST refuses it today and no stream delivers it: no source at all */
    SOURCE_STREAMED, /* not polled, only probed */
};
#define SOURCE_STATES 4

/* All times are monotonic; 0 = never, unless another meaning is given. */
struct source_row {
    enum source_state state;
    enum source stream; /* which one delivers it; 0 unless STREAMED */
    uint32_t entries;   /* that stream has delivered these of its entries; 0 unless STREAMED */
    int64_t since_ms;   /* start of this state, or of another stream as the source */

    int64_t heard_ms;     /* last message of the stream that was its source then */
    int64_t confirmed_ms; /* last answer of REST; while STREAMED, only one that agrees with it */
    int64_t probe_ms;     /* when it was probed, while the answer is pending; only while STREAMED */

    /* Its stream was lost at the last proof that the stream was alive, and neither REST nor a
     * stream has sent its data since; 0 = it is not lost, and always so while STREAMED or UNLISTED.
     */
    int64_t lost_ms;

    /* REST refuses it: when it was dropped, and until when it is not polled. Both are 0 if it is
     * not dropped, never while POLLED, always while DROPPED; kept while STREAMED. */
    int64_t dropped_ms, dropped_until_ms;

    /* Nobody has confirmed yet that the broker has it, so that its refusal says nothing about the
     * others; and REST must answer before a stream is asked. Both end with its first data, and are
     * false while UNLISTED. */
    bool on_trial, rest_first;

    uint8_t calendar; /* of its segment, in the calendar_set; 0 while UNLISTED */
};

enum source_event_kind {
    SOURCE_EV_LISTED,
    SOURCE_EV_UNLISTED,
    SOURCE_EV_DELIVERED, /* `stream`, to which it is subscribed, sent its data */
    SOURCE_EV_OBSERVED,  /* other data: an answer of REST, or a message of a stream that is not live
                          */
    SOURCE_EV_PROBED,    /* a request to compare REST with its stream was sent */
    SOURCE_EV_AGREED,    /* its answer: REST has the last values of the stream */
    SOURCE_EV_UNPROVED,  /* its end without such an answer */
    SOURCE_EV_LOST,      /* `stream` no longer delivers it; `at_ms`: its last proof */
    SOURCE_EV_RELEASED,  /* its stream was closed on purpose: polled again, and not lost */
    SOURCE_EV_DROPPED,   /* REST refuses it; `at_ms`: not polled before */
    SOURCE_EV_RESTORED,  /* REST does not refuse it any more */
    SOURCE_EV_DOUBTED,   /* on trial from now on, until its data arrive; `rest_first` */
    SOURCE_EV_TRUSTED,   /* it is not on trial any more */
    SOURCE_EV_SEGMENT,   /* `calendar`: the one of its segment */
};
#define SOURCE_EVENTS 14

struct source_event {
    enum source_event_kind kind;
    int64_t now_ms;
    enum source stream; /* DELIVERED, LOST */
    uint32_t entries;   /* DELIVERED: those of the message */
    int64_t at_ms;      /* LOST, DROPPED */
    bool rest_first;    /* DOUBTED */
    uint8_t calendar;   /* SEGMENT */
};

struct source_move {
    bool moved;      /* it has another state, or another stream */
    int64_t lost_ms; /* it was lost then, and is observed again; 0 = it was not lost */
    bool proved;     /* its first data have ended its trial */
};

/* How many instruments are in each state, and so on. Always up to date. */
struct source_counts {
    int32_t listed; /* in any state but UNLISTED */
    int32_t state[SOURCE_STATES];
    int32_t streamed_by[SOURCE_COUNT];
    int32_t probed, lost;
    int32_t unobserved; /* lost or DROPPED */
    /* By calendar: in any state but UNLISTED, and of which a stream is the source. */
    int32_t listed_in[CALENDARS_MAX];
    int32_t streamed_in[SOURCE_COUNT][CALENDARS_MAX];
};

/* When a stream as a whole was last known to be alive. */
struct source_proof {
    struct now at;  /* zeros: never */
    int64_t due_ms; /* the next proof is expected until then; monotonic */
};

struct source_table;

struct source_table *source_table_create(void); /* NULL: no memory */
void source_table_destroy(struct source_table *table);

/*
 * From now on exactly these instruments are recorded, in this order; one that is named twice counts
 * once. Those already listed keep their rows. `out` (may be NULL): how many were added and removed.
 * -ENOMEM: nothing has changed.
 */
struct source_listing {
    int32_t added, removed;
};
int source_table_list(struct source_table *table, const int32_t *instruments, int32_t count,
                      int64_t now_ms, struct source_listing *out);

/* The listed instruments; borrowed until the next source_table_list(). */
struct source_list {
    const int32_t *item;
    int32_t count;
};
struct source_list source_table_listed(const struct source_table *table);
/* All listed instruments are below it: the length of an array indexed by instrument. It changes
 * only in source_table_list(), and never decreases. */
int32_t source_table_size(const struct source_table *table);

/* Applies an event; the only function that changes a row. `instrument` is below the size. */
struct source_move source_table_step(struct source_table *table, int32_t instrument,
                                     const struct source_event *event);

/* Any instrument: one the table does not know is UNLISTED. Borrowed until source_table_list(). */
const struct source_row *source_table_row(const struct source_table *table, int32_t instrument);
const struct source_counts *source_table_counts(const struct source_table *table);

/* What may be expected of the instruments of a calendar; SESSION_OPEN at first. */
void source_table_set_level(struct source_table *table, int calendar, enum session_level level);
enum session_level source_table_level(const struct source_table *table, int32_t instrument);
/* Of the instruments of which this stream is the source, or any stream if it is 0: the highest
 * level. If there are none, of all listed ones. */
enum session_level source_table_stream_level(const struct source_table *table, enum source stream);
/* The calendars of the listed instruments, as bits; the general one if there are none. */
uint32_t source_table_calendars(const struct source_table *table);

/*
 * An instrument that several streams deliver has one source, the first of them, until that loses
 * it. Only the preferred stream takes the place of another one. 0, as at the start: none does.
 */
void source_table_prefer(struct source_table *table, enum source stream);
/* Whether data of this instrument from this stream would be, or are, those of its source. */
bool source_table_takes(const struct source_table *table, int32_t instrument, enum source stream);

/* The stream is alive: a proof for every instrument of which it is the source. */
void source_table_alive(struct source_table *table, enum source stream, struct source_proof proof);
struct source_proof source_table_proof(const struct source_table *table, enum source stream);
/* The wall clock has jumped: the last proofs get its present time, so that none is in the future.
 */
void source_table_clock_jumped(struct source_table *table, struct now now);
/* No stream is open: all streamed instruments are polled again, and none counts as lost. */
void source_table_release(struct source_table *table, int64_t now_ms);

/* When the recorded values of this instrument were last confirmed by its own data; 0 = never. */
int64_t source_row_known_ms(const struct source_row *row);
/* The same, or by a proof that its stream is alive. */
int64_t source_table_proof_ms(const struct source_table *table, int32_t instrument);

#endif
