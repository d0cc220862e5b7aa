/*
 * ws_frames: the client side of RFC 6455 frames, over a byte stream.
 *
 * wslay reads and writes the frames; this module enforces the rules: fragments are joined in one
 * reused buffer, text must be UTF-8, pings are answered, and a violation closes with the code that
 * the RFC defines. It does no I/O of its own: it calls recv and send of its owner, and no callback
 * from inside ws_frames_text, _ping and _goodbye.
 */
#ifndef NET_WS_FRAMES_H
#define NET_WS_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct ws_frames;

struct ws_frames_owner {
    void *arg;
    /* Bytes, 0 at the end of the stream (recv), -EAGAIN, or -EIO. */
    ssize_t (*recv)(void *arg, void *data, size_t len_bytes);
    ssize_t (*send)(void *arg, const void *data, size_t len_bytes);
    /* A whole message, a pong; borrowed. False: stop reading. */
    bool (*text)(void *arg, const char *text, size_t len_bytes);
    void (*pong)(void *arg, const void *data, size_t len_bytes);
};

enum ws_frames_state {
    WS_FRAMES_OPEN,
    WS_FRAMES_CLOSED,    /* close frames received and sent */
    WS_FRAMES_LOST,      /* the stream ended without a close frame */
    WS_FRAMES_VIOLATION, /* of the server; our close frame is sent */
};

/* NULL: no memory. */
struct ws_frames *ws_frames_create(const struct ws_frames_owner *owner, size_t message_max_bytes);
void ws_frames_destroy(struct ws_frames *f);

/* Receives and sends as much as possible without blocking. */
enum ws_frames_state ws_frames_pump(struct ws_frames *f);
/* Code of the server's close frame (1005: it had none), or of ours after a violation. */
int ws_frames_code(const struct ws_frames *f);
const char *ws_frames_words(int code);                /* of VIOLATION: what the server sent */
bool ws_frames_wants_room(const struct ws_frames *f); /* bytes are waiting to be sent */

/* Queued until the next pump. -ENOBUFS: too much is queued already; -ENOMEM. */
#define WS_FRAMES_QUEUE_MAX (1024 * 1024)
int ws_frames_text(struct ws_frames *f, const char *text, size_t len_bytes);
int ws_frames_ping(struct ws_frames *f, const void *data, size_t len_bytes);
/* Sends a close frame; nothing can be sent after it. */
void ws_frames_goodbye(struct ws_frames *f, int code);

#endif
