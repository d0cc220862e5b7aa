/*
 * prober: which streamed instrument to poll, to find out whether its stream still delivers changes,
 * and what the answers prove.
 *
 * Pure. Reads in the source table which instruments are streamed and when each was last heard or
 * confirmed, and records the probes there. If the stream is silent, the most active instrument is
 * polled, because only its answer distinguishes a quiet market from a mute stream; otherwise the
 * one that is unconfirmed for longest; those of closed segments only if all are. An answer that
 * differs makes the instrument a suspect: the stream may be about to deliver the same values. Only
 * if a second answer, some time later, still differs and the stream has delivered nothing for the
 * instrument since, REST is proven to be newer.
 */
#ifndef MARKET_PROBER_H
#define MARKET_PROBER_H

#include <stdbool.h>
#include <stdint.h>

struct prober;
struct source_table;

struct prober_limits {
    int64_t quiet_ms;   /* an instrument received or confirmed so recently is not polled */
    int64_t confirm_ms; /* from the first answer that differs to the second request */
};

/* `sources` is borrowed. NULL: no memory. */
struct prober *prober_create(const struct prober_limits *limits, struct source_table *sources);
void prober_destroy(struct prober *prober);

/* The stream delivered its data, as the table says already; `changed`: and a value changed. */
void prober_heard(struct prober *prober, int32_t instrument, bool changed, int64_t now_ms);
/* Memory for instruments below `size`, before they are listed. 0, or -ENOMEM: nothing has changed.
 */
int prober_reserve(struct prober *prober, int32_t size);
void prober_relisted(struct prober *prober); /* the list of the source table has changed */

void prober_lost(struct prober *prober, int32_t instrument); /* it is no longer streamed */

/* The instrument to poll now; -1: none. The caller reports the request with prober_asked(). */
int32_t prober_pick(const struct prober *prober, int64_t now_ms);
int32_t prober_awaited(const struct prober *prober); /* asked and not answered yet; -1: none */
int32_t prober_suspect(const struct prober *prober); /* -1: none */
void prober_asked(struct prober *prober, int32_t instrument, int64_t now_ms);
/* No answer, or one that arrived too late: it is not polled again for 2 s, or for up to 5 min when
 * that happens again and again. */
void prober_failed(struct prober *prober, int32_t instrument, int64_t now_ms);

enum probe_finding {
    PROBE_NOTHING,  /* no conclusion: the stream delivered its data since the request */
    PROBE_AGREED,   /* REST has the last values of the stream */
    PROBE_QUIET,    /* the same, of an active instrument while the stream is silent */
    PROBE_DIFFERED, /* REST differs for the first time */
    PROBE_DIVERGED, /* REST differs twice: the stream is mute for this instrument */
};
/* `differs`: the answer differs from the last values of the stream. */
enum probe_finding prober_answer(struct prober *prober, int32_t instrument, bool differs,
                                 int64_t now_ms);

#endif
