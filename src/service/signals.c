#include "service/signals.h"

#include "base/log.h"
#include "service/reload.h"
#include "service/report.h"
#include "service/running.h"

#include <errno.h>
#include <signal.h>

static void on_terminate(void *arg)
{
    struct service *s = arg;
    log_line(LOG_LEVEL_INFO, "stop signal received: writing pending data", NULL);
    loop_stop(s->loop);
}

static void on_reload(void *arg)
{
    struct service *s = arg;
    notify_reloading(s->notify);
    reload(s);
    notify_reloaded(s->notify);
}

static void on_dump(void *arg)
{
    report_log(arg);
}

static const struct {
    int signum;
    loop_fn *fn;
} wanted[SIGNALS_COUNT] = {
    {SIGTERM, on_terminate}, {SIGINT, on_terminate}, {SIGHUP, on_reload}, {SIGUSR1, on_dump}};

void signals_stop(struct service *s)
{
    for (int i = 0; i < SIGNALS_COUNT; i++)
        loop_signal_destroy(s->signals[i]);
}

int signals_start(struct service *s, struct err *err)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is handled like a full disk */
    for (int i = 0; i < SIGNALS_COUNT; i++) {
        s->signals[i] = loop_signal_create(s->loop, wanted[i].signum, wanted[i].fn, s);
        if (!s->signals[i]) {
            signals_stop(s);
            return err_set(err, -ENOMEM, "cannot install signal handlers: out of memory");
        }
    }
    return 0;
}
