#include "cli/export_view.h"

#include "base/clock.h"
#include "base/json_write.h"
#include "cli/status_values.h"

#include <stdio.h>

#define DRAW_MS     200
#define BAR_CELLS   20
#define WRITTEN_MAX ((size_t)64 * 1024 * 1024)

void export_view_init(struct export_view *view, bool bar)
{
    *view = (struct export_view){.bar = bar, .began_ms = clock_now().mono_ms};
    buf_init(&view->written, WRITTEN_MAX);
}

void export_view_finish(struct export_view *view)
{
    buf_finish(&view->written);
}

/* --- the bar ---------------------------------------------------------------------------------- */

static void draw(const struct job_progress *p, double seconds)
{
    static const char full[] = "####################";
    int cells = (int)(p->done * BAR_CELLS);
    double left = p->done > 0.01 ? seconds / p->done - seconds : 0;
    fprintf(stderr, "\r[%.*s%*s] %3.0f %% %s, %lld rows, %.0f a second", cells, full,
            BAR_CELLS - cells, "", p->done * 100, p->table, (long long)p->rows,
            seconds > 0 ? (double)p->rows / seconds : 0);
    if (left >= 1)
        fprintf(stderr, ", %.0f s left", left);
    fputs("\033[K", stderr);
}

void export_view_progress(struct export_view *view, const struct job_progress *progress)
{
    int64_t now_ms = clock_now().mono_ms;
    if (!view->bar || now_ms - view->drawn_ms < DRAW_MS)
        return;
    view->drawn_ms = now_ms;
    draw(progress, (double)(now_ms - view->began_ms) / 1000);
}

void export_view_end(struct export_view *view)
{
    if (view->drawn_ms)
        fputs("\r\033[K", stderr);
    view->drawn_ms = 0;
}

/* --- summary and JSON ------------------------------------------------------------------------- */

void export_view_file(struct export_view *view, const struct manifest_entry *entry)
{
    if (view->written.len_bytes)
        buf_puts(&view->written, ",");
    manifest_entry_put(&view->written, entry);
}

static void put_grouped(struct buf *out, int64_t value)
{
    if (value >= 1000) {
        put_grouped(out, value / 1000);
        buf_printf(out, ",%03d", (int)(value % 1000));
    } else {
        buf_printf(out, "%d", (int)value);
    }
}

void export_view_summary(struct buf *out, const struct job_summary *summary, double seconds)
{
    char size[32];
    put_grouped(out, summary->all.rows);
    buf_puts(out, summary->all.rows == 1 ? " row in " : " rows in ");
    put_grouped(out, summary->all.files);
    buf_printf(out, "%s, %s, %.1f s", summary->all.files == 1 ? " file" : " files",
               status_size_text(size, (double)summary->all.bytes), seconds);
}

static void put_count(struct buf *out, const struct job_count *count)
{
    buf_printf(out, "\"rows\":%lld,\"files\":%lld,\"bytes\":%lld", (long long)count->rows,
               (long long)count->files, (long long)count->bytes);
}

void export_view_json(struct buf *out, const struct export_view *view,
                      const struct job_options *options, const struct job_summary *summary,
                      double seconds)
{
    const char *comma = "";
    buf_puts(out, "{");
    put_count(out, &summary->all);
    buf_printf(out, ",\"seconds\":%.3f,\"instruments\":%lld,\"out\":", seconds,
               (long long)summary->instruments);
    json_put_string(out, options->out);
    buf_puts(out, ",\"series\":");
    json_put_string(out, options->series);
    buf_puts(out, ",\"tables\":{");
    for (int t = 0; t < EXTRACT_TABLES; t++) {
        if (!options->tables[t])
            continue;
        buf_printf(out, "%s\"%s\":{", comma, extract_table_name((enum extract_table)t));
        put_count(out, &summary->table[t]);
        buf_puts(out, "}");
        comma = ",";
    }
    buf_printf(out, "},\"written\":[%s]}\n", buf_text(&view->written));
}
