#include "serve/metrics_text.h"

#include "base/num.h"

#include <math.h>
#include <stdbool.h>

/* A line break would end the line; a quotation mark ends the value of a label. */
static void put_escaped(struct buf *out, const char *text, bool is_label)
{
    for (const char *at = text; *at; at++) {
        if (*at == '\n')
            buf_puts(out, "\\n");
        else if (*at == '\\' || (is_label && *at == '"'))
            buf_append(out, (const char[]){'\\', *at}, 2);
        else
            buf_append(out, at, 1);
    }
}

static void put_value(struct buf *out, double value)
{
    char text[NUM_TEXT];
    if (isnan(value))
        buf_puts(out, " NaN\n");
    else if (isinf(value))
        buf_puts(out, value > 0 ? " +Inf\n" : " -Inf\n");
    else
        buf_printf(out, " %s\n", num_text(text, value));
}

static void put_family(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP %s ", name);
    put_escaped(out, help, false);
    buf_printf(out, "\n# TYPE %s %s\n", name, type);
}

void metrics_family(struct buf *out, const char *name, enum metric_type type, const char *help)
{
    put_family(out, name, type == METRIC_COUNTER ? "counter" : "gauge", help);
}

void metrics_sample(struct buf *out, const char *name, double value)
{
    metrics_labelled(out, name, NULL, 0, value);
}

void metrics_labelled(struct buf *out, const char *name, const struct metric_label *labels,
                      int count, double value)
{
    buf_puts(out, name);
    for (int i = 0; i < count; i++) {
        buf_printf(out, "%s%s=\"", i == 0 ? "{" : ",", labels[i].name);
        put_escaped(out, labels[i].value, true);
        buf_puts(out, "\"");
    }
    if (count > 0)
        buf_puts(out, "}");
    put_value(out, value);
}

static void put_bucket(struct buf *out, const char *name, const char *bound, int64_t count)
{
    buf_printf(out, "%s_bucket{le=\"%s\"} %lld\n", name, bound, (long long)count);
}

void metrics_histogram(struct buf *out, const char *name, const char *help,
                       const struct histogram *h)
{
    char text[NUM_TEXT];
    int64_t all = histogram_up_to(h, h->bounds_count);
    put_family(out, name, "histogram", help);
    for (int i = 0; i < h->bounds_count; i++)
        put_bucket(out, name, num_text(text, h->bounds[i]), histogram_up_to(h, i));
    put_bucket(out, name, "+Inf", all);
    buf_printf(out, "%s_sum", name);
    put_value(out, h->sum);
    buf_printf(out, "%s_count %lld\n", name, (long long)all);
}
