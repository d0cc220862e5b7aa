/*
 * virtual_stream: the broker's WebSocket, and that of its browser terminal. Replaces net/ws.
 *
 * Sends the market data of subscribed instruments, as far as the script lets it.
 */
#ifndef SCENARIO_VIRTUAL_STREAM_H
#define SCENARIO_VIRTUAL_STREAM_H

#include <stdbool.h>
#include <stdint.h>

enum spoilt { SPOILT_NONE, SPOILT_CHANGES, SPOILT_ALL };

void stream_push(int instrument); /* its price has changed */

enum stream_kind { STREAM_API, STREAM_TERMINAL, STREAM_KINDS };

void stream_set_silent(enum stream_kind kind, bool silent); /* pings are answered */
void stream_set_silent_of(int instrument, bool silent);
/* Silent, and pings are not answered. */
void stream_set_dead(enum stream_kind kind, bool dead);
void stream_set_spoilt(enum spoilt spoilt); /* messages that cannot be read */
void stream_set_refused(int instrument,
                        bool refused);     /* its subscription is answered with an error */
void stream_set_denied(const char *words); /* all are; NULL = no longer */
void stream_set_back(int64_t ms);          /* stamps are so much older */

/* On each open connection of the API; the text is copied. */
void stream_send(const char *text);
void stream_repeat(int instrument); /* an old message: a lower price, stamped a minute ago */

void stream_reset(enum stream_kind kind); /* TCP RST */
void stream_violate(void);                /* a frame against the protocol: the client closes */
void stream_close(enum stream_kind kind, int code); /* a close frame */
void stream_check_closed(void); /* call at the end: no connection was left open */

#endif
