#include "service/asking.h"

#include "service/running.h"

enum service_end asking_start(struct service *s, struct err *err)
{
    size_t kept = parts_kept(s->parts, s->parts_count);
    if (s->asking)
        return SERVICE_DONE;
    enum service_end end = parts_start(s->parts + kept, s->parts_count - kept, s, err);
    s->asking = end == SERVICE_DONE;
    return end;
}

void asking_stop(struct service *s, enum event_kind why)
{
    size_t kept = parts_kept(s->parts, s->parts_count);
    if (!s->asking)
        return;
    s->asking = false;
    s->leaving = why;
    parts_stop(s->parts + kept, s->parts_count - kept, s);
}
