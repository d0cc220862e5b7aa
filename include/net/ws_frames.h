/*
 * ws_frames: a client's side of the frames of RFC 6455, over a stream of bytes.
 *
 * wslay reads and writes the frames; the rules about them are kept here: messages are put together
 * in one buffer that is used again, text must be UTF-8, pings are answered, and whatever breaks a
 * rule ends it with the code the RFC has for that. Knows no sockets: the two functions of the owner
 * do, and it never calls anybody from inside a queue call.
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
    /* A whole message, a pong; borrowed. False: read no further, the owner has lost interest. */
    bool (*text)(void *arg, const char *text, size_t len_bytes);
    void (*pong)(void *arg, const void *data, size_t len_bytes);
};

enum ws_frames_state {
    WS_FRAMES_OPEN,
    WS_FRAMES_CLOSED,    /* they said goodbye, and so have we */
    WS_FRAMES_LOST,      /* the stream ended without a goodbye */
    WS_FRAMES_VIOLATION, /* they broke a rule; we have said goodbye */
};

/* NULL: no memory. */
struct ws_frames *ws_frames_create(const struct ws_frames_owner *owner, size_t message_max_bytes);
void ws_frames_destroy(struct ws_frames *f);

/* Takes what is there and sends what can be sent. */
enum ws_frames_state ws_frames_pump(struct ws_frames *f);
/* Of their goodbye, or of ours after a violation; 1005: theirs had none. */
int ws_frames_code(const struct ws_frames *f);
bool ws_frames_wants_room(const struct ws_frames *f); /* something waits to be sent */

/* Queued until the next pump. -ENOBUFS: too much waits already; -ENOMEM. */
#define WS_FRAMES_QUEUE_MAX (1024 * 1024)
int ws_frames_text(struct ws_frames *f, const char *text, size_t len_bytes);
int ws_frames_ping(struct ws_frames *f, const void *data, size_t len_bytes);
void ws_frames_goodbye(struct ws_frames *f, int code); /* the last thing it sends */

#endif
