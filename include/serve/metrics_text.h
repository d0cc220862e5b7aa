/*
 * metrics_text: metrics in the text format of Prometheus (exposition format 0.0.4).
 *
 * Pure. The caller writes each family once, its samples directly after it. Errors of the buffer
 * are checked by the caller at the end (buf_failed).
 */
#ifndef SERVE_METRICS_TEXT_H
#define SERVE_METRICS_TEXT_H

#include "base/buf.h"
#include "base/histogram.h"

#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum metric_type {
    METRIC_COUNTER, /* its name must end in _total */
    METRIC_GAUGE,
};

struct metric_label {
    const char *name, *value; /* the value may be any text */
};

/* "# HELP" and "# TYPE". */
void metrics_family(struct buf *out, const char *name, enum metric_type type, const char *help);
/* NAN is written as NaN: the value is not known. */
void metrics_sample(struct buf *out, const char *name, double value);
void metrics_labelled(struct buf *out, const char *name, const struct metric_label *labels,
                      int count, double value);
/* A whole family: its buckets, sum and count. */
void metrics_histogram(struct buf *out, const char *name, const char *help,
                       const struct histogram *h);

#endif
