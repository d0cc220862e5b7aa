/*
 * virtual_stream: the broker's WebSocket. Replaces net/ws.
 *
 * Sends the market data of subscribed instruments, as far as the script lets it.
 */
#ifndef SCENARIO_VIRTUAL_STREAM_H
#define SCENARIO_VIRTUAL_STREAM_H

#include <stdbool.h>
#include <stdint.h>

enum spoilt { SPOILT_NONE, SPOILT_CHANGES, SPOILT_ALL };

void stream_push(int instrument); /* its price has changed */

void stream_set_silent(bool silent); /* pings are answered */
void stream_set_silent_of(int instrument, bool silent);
void stream_set_dead(bool dead);            /* silent, and pings are not answered */
void stream_set_spoilt(enum spoilt spoilt); /* messages that cannot be read */
void stream_set_refused(int instrument,
                        bool refused);     /* its subscription is answered with an error */
void stream_set_denied(const char *words); /* all are; NULL = no longer */
void stream_set_back(int64_t ms);          /* stamps are so much older */

/* On each open connection; the text is copied. */
void stream_send(const char *text);
void stream_repeat(int instrument); /* an old message: a lower price, stamped a minute ago */

void stream_reset(void);        /* TCP RST */
void stream_violate(void);      /* a frame against the protocol: the client closes */
void stream_close(int code);    /* a close frame */
void stream_check_closed(void); /* call at the end: no connection was left open */

#endif
