/*
 * parts: starts the parts of the service in the order of a table, and stops them in the reverse
 * order.
 *
 * A part uses only parts above it in the table. What a reload does is in the table too: a part is
 * told of changed sections of the configuration, or it is replaced, which means that it is stopped
 * and started again together with all other replaced parts. These are the last ones of the table,
 * because whatever uses a replaced part must be replaced with it.
 */
#ifndef SERVICE_PARTS_H
#define SERVICE_PARTS_H

#include "base/err.h"
#include "service/service.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct service;

struct part {
    const char *name;
    /* 0, or an error; then everything that it made is released, and stop() is not called. */
    int (*start)(struct service *service, struct err *err);
    void (*stop)(struct service *service);   /* NULL: there is nothing to stop */
    enum service_end failed;                 /* how the service ends when start() fails */
    uint32_t reads;                          /* sections of the configuration (config_changes) */
    void (*change)(struct service *service); /* uses the present configuration; may be NULL */
    bool replaced;                           /* stopped and started again instead */
};

/* SERVICE_DONE: all were started. Else those that were started are stopped, and `err` has the
 * reason. */
enum service_end parts_start(const struct part *parts, size_t count, struct service *service,
                             struct err *err);
void parts_stop(const struct part *parts, size_t count, struct service *service);

/* The number of parts before the replaced ones. */
size_t parts_kept(const struct part *parts, size_t count);
uint32_t parts_reads(const struct part *parts,
                     size_t count); /* the sections that any of them reads */
/* Calls change() of the parts that read one of these sections. */
void parts_change(const struct part *parts, size_t count, uint32_t sections,
                  struct service *service);

#endif
