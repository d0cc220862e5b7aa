/*
 * tunnel: a connected, verified byte stream on the loop: libcurl's connection without HTTP.
 *
 * Owns the connection and its watcher. Names, TLS, proxies and time-outs are those of REST
 * (net/link). The callback always runs from the loop and may destroy the tunnel.
 */
#ifndef NET_TUNNEL_H
#define NET_TUNNEL_H

#include "base/err.h"
#include "net/link.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct tunnel;

enum tunnel_news {
    TUNNEL_OPEN,   /* once, before any TUNNEL_READY */
    TUNNEL_FAILED, /* instead of TUNNEL_OPEN; see tunnel_words() */
    TUNNEL_READY,  /* it may be possible to receive or send bytes */
};
typedef void tunnel_fn(void *arg, enum tunnel_news news);

/* `url` (http:// or https://) is copied, `link` borrowed. NULL: no memory. */
struct tunnel *tunnel_create(struct loop *loop, const struct link *link, const char *url,
                             tunnel_fn *fn, void *arg);
void tunnel_destroy(struct tunnel *tunnel);

/* Bytes, 0 at the end of the stream (recv), -EAGAIN, or -EIO with tunnel_words(). */
ssize_t tunnel_recv(struct tunnel *tunnel, void *data, size_t len_bytes);
ssize_t tunnel_send(struct tunnel *tunnel, const void *data, size_t len_bytes);

void tunnel_want_room(struct tunnel *tunnel, bool want); /* TUNNEL_READY also for sending */
void tunnel_pause(struct tunnel *tunnel, bool pause);    /* no TUNNEL_READY for received bytes */
void tunnel_again(struct tunnel *tunnel); /* TUNNEL_READY in the loop's next turn, in any case */

const char *tunnel_words(const struct tunnel *tunnel);
/* For a caller whose own time-out expired before TUNNEL_OPEN: what it was waiting for. */
const char *tunnel_late(struct tunnel *tunnel);

#endif
