#include "cli/doctor_view.h"

#include "base/json_write.h"
#include "base/table.h"

#include <stdio.h>
#include <string.h>

#define INDENT     23 /* of the texts: after state and title */
#define LINE_BYTES 4096

/* --- for people ------------------------------------------------------------------------------- */

static const char *colour_of(enum step_state state)
{
    switch (state) {
    case STEP_OK:
        return "\033[32m";
    case STEP_WARNING:
        return "\033[33m";
    case STEP_FAILED:
        return "\033[31m";
    case STEP_SKIPPED:
        return "\033[2m";
    }
    return "";
}

void doctor_view_head(struct buf *out, enum step_state state, const char *title, bool colour)
{
    buf_printf(out, "%s%-8s%s %-*s", colour ? colour_of(state) : "", step_state_name(state),
               colour ? "\033[0m" : "", INDENT - 9, title);
}

void doctor_view_first(struct buf *out, const char *before, const char *text, size_t width)
{
    struct buf line;
    if (!*text)
        return;
    buf_init(&line, LINE_BYTES);
    buf_printf(&line, "%s%s", before, text);
    table_wrap(out, buf_text(&line), width, INDENT, "\n");
    buf_puts(out, "\n");
    buf_finish(&line);
}

void doctor_view_below(struct buf *out, const char *before, const char *text, size_t width)
{
    if (!*text)
        return;
    buf_printf(out, "%*s", INDENT, "");
    doctor_view_first(out, before, text, width);
}

/* What came back and what it means, in one: there is nothing to do. */
static void put_good(struct buf *out, const struct step *step, size_t width)
{
    char text[2 * STEP_TEXT + 2];
    snprintf(text, sizeof(text), "%s; %s", step->came_back, step->meaning);
    doctor_view_below(out, "-> ", text, width);
}

void doctor_view_step(struct buf *out, const struct step *step, size_t width, bool colour)
{
    char tried[STEP_TEXT + 32];
    snprintf(tried, sizeof(tried), "%s", step->state == STEP_SKIPPED ? step->meaning : step->tried);
    if (step->ms >= 0)
        snprintf(tried + strlen(tried), sizeof(tried) - strlen(tried), " (%lld ms)",
                 (long long)step->ms);
    doctor_view_head(out, step->state, step_title(step->id), colour);
    doctor_view_first(out, "", tried, width);
    if (step->state == STEP_SKIPPED)
        return;
    if (step->state == STEP_OK) {
        put_good(out, step, width);
        return;
    }
    doctor_view_below(out, "-> ", step->came_back, width);
    doctor_view_below(out, "means: ", step->meaning, width);
    doctor_view_below(out, "do: ", step->todo, width);
}

/* --- as JSON ---------------------------------------------------------------------------------- */

static void put_member(struct buf *out, const char *key, const char *text)
{
    buf_printf(out, ",\"%s\":", key);
    json_put_string(out, text);
}

void doctor_view_step_json(struct buf *out, const struct step *step)
{
    buf_puts(out, "{\"name\":");
    json_put_string(out, step_name(step->id));
    put_member(out, "state", step_state_name(step->state));
    put_member(out, "cause", finding_key(step->finding));
    put_member(out, "tried", step->tried);
    put_member(out, "came_back", step->came_back);
    put_member(out, "meaning", step->meaning);
    put_member(out, "todo", step->todo);
    if (step->ms >= 0)
        buf_printf(out, ",\"ms\":%lld}", (long long)step->ms);
    else
        buf_puts(out, ",\"ms\":null}");
}

void doctor_view_json(struct buf *out, const struct conclusion *conclusion, const char *steps)
{
    buf_puts(out, "{\"cause\":");
    json_put_string(out, finding_key(conclusion->finding));
    put_member(out, "class", doctor_class_name(conclusion->class));
    put_member(out, "sentence", conclusion->sentence);
    buf_printf(out, ",\"steps\":[%s]}\n", steps);
}
