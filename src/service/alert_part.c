#include "service/alert_part.h"

#include "service/alerter.h"
#include "service/running.h"

int alert_start(struct service *s, struct err *err)
{
    int rc = alerter_create(&s->alerter, s->loop, s->observers, s->events, err);
    if (rc == 0)
        alerter_configure(s->alerter, &s->config->alert);
    return rc;
}

/* The parts below have stopped, and with them everything else that the loop does. */
void alert_stop(struct service *s)
{
    alerter_finish(s->alerter, s->end != SERVICE_DONE);
    alerter_destroy(s->alerter);
}

void alert_change(struct service *s)
{
    alerter_configure(s->alerter, &s->config->alert);
}
