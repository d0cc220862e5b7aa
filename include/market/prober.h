/*
 * prober: whom to ask over REST while a stream speaks, and what the answers prove.
 *
 * Pure. In silence the liveliest instrument is asked, for only its word tells a quiet market from a
 * mute stream; else the one that nobody has confirmed for longest. An answer that differs makes a
 * suspect: the stream may be about to say the same. Only when a second answer, somewhat later,
 * still differs and the stream has said nothing of it, REST is proven newer.
 */
#ifndef MARKET_PROBER_H
#define MARKET_PROBER_H

#include <stdbool.h>
#include <stdint.h>

struct prober;

struct prober_limits {
    int64_t quiet_ms;   /* what was heard or confirmed so recently is not asked */
    int64_t confirm_ms; /* from the first answer that differs to the second question */
};

struct prober *prober_create(const struct prober_limits *limits, int32_t count); /* NULL: memory */
void prober_destroy(struct prober *prober);

/* The stream spoke of it; `changed`: and it was news. */
void prober_heard(struct prober *prober, int32_t which, bool changed, int64_t now_ms);
void prober_lost(struct prober *prober, int32_t which); /* it is not streamed any more */

/* Whom to ask now; -1: nobody. Nothing is under way until prober_asked(). */
int32_t prober_pick(const struct prober *prober, int64_t now_ms);
int32_t prober_suspect(const struct prober *prober); /* -1: nobody */
void prober_asked(struct prober *prober, int32_t which, int64_t now_ms);
void prober_failed(struct prober *prober, int32_t which); /* no answer, or one that came too late */

/* When the stream, or a probe that agreed, last spoke of it. */
int64_t prober_known_ms(const struct prober *prober, int32_t which);

enum probe_verdict {
    PROBE_NOTHING,  /* the stream spoke of it meanwhile */
    PROBE_AGREED,   /* REST says what the stream said last */
    PROBE_VOUCHED,  /* the same of a lively instrument, in silence: the market is quiet */
    PROBE_DIFFERED, /* for the first time */
    PROBE_DIVERGED, /* twice: the stream is mute about it */
};
/* `differs`: the answer is not what the stream said last. */
enum probe_verdict prober_answer(struct prober *prober, int32_t which, bool differs,
                                 int64_t now_ms);

#endif
