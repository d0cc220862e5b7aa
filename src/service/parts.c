#include "service/parts.h"

#include "base/log.h"

enum service_end parts_start(const struct part *parts, size_t count, struct service *service,
                             struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (parts[i].start(service, err) == 0)
            continue;
        log_debug("a part of the service cannot start", LOG_TEXT("part", parts[i].name));
        parts_stop(parts, i, service);
        return parts[i].failed;
    }
    return SERVICE_DONE;
}

void parts_stop(const struct part *parts, size_t count, struct service *service)
{
    while (count > 0) {
        const struct part *part = &parts[--count];
        if (part->stop)
            part->stop(service);
    }
}

size_t parts_kept(const struct part *parts, size_t count)
{
    while (count > 0 && parts[count - 1].replaced)
        count--;
    return count;
}

uint32_t parts_reads(const struct part *parts, size_t count)
{
    uint32_t reads = 0;
    for (size_t i = 0; i < count; i++)
        reads |= parts[i].reads;
    return reads;
}

void parts_change(const struct part *parts, size_t count, uint32_t sections,
                  struct service *service)
{
    for (size_t i = 0; i < count; i++) {
        if (parts[i].change && (parts[i].reads & sections))
            parts[i].change(service);
    }
}
