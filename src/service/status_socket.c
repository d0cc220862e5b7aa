#include "service/status_socket.h"

#include "base/log.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#define LOOK_MS 3000

struct status_socket {
    struct loop *loop;
    responder_fn *fn;
    void *arg;
    struct loop_timer *timer;
    struct responder *responder; /* NULL: it could not be created */
    bool told;                   /* that was logged */
    char path[PATH_MAX];
};

static void make(struct status_socket *s)
{
    struct err err;
    if (responder_create(&s->responder, &(struct responder_parts){s->loop, s->path, s->fn, s->arg},
                         &err) == 0) {
        if (s->told)
            log_info("socket available again", LOG_TEXT("path", s->path));
        s->told = false;
        return;
    }
    s->responder = NULL;
    if (!s->told)
        log_warn("socket unavailable: commands get no answer there", LOG_TEXT("path", s->path),
                 LOG_TEXT("why", err.text));
    s->told = true;
}

static void on_timer(void *arg)
{
    struct status_socket *s = arg;
    if (!s->responder || !responder_reachable(s->responder)) {
        responder_destroy(s->responder);
        make(s);
    }
    loop_timer_set(s->timer, LOOK_MS);
}

struct status_socket *status_socket_create(struct loop *loop, const char *path, responder_fn *fn,
                                           void *arg)
{
    struct status_socket *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    *s = (struct status_socket){.loop = loop, .fn = fn, .arg = arg};
    snprintf(s->path, sizeof(s->path), "%s", path);
    s->timer = loop_timer_create(loop, on_timer, s);
    if (!s->timer) {
        free(s);
        return NULL;
    }
    make(s);
    loop_timer_set(s->timer, LOOK_MS);
    return s;
}

void status_socket_destroy(struct status_socket *s)
{
    if (!s)
        return;
    responder_destroy(s->responder);
    loop_timer_destroy(s->timer);
    free(s);
}
