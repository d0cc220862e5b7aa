#include "cli/url_view.h"

#include "base/json_write.h"
#include "cli/doctor_view.h"

static enum step_state state_of(const struct url_finding *finding)
{
    return url_fault_class(finding->fault) == DOCTOR_OK ? STEP_OK : STEP_FAILED;
}

void url_view(struct buf *out, const struct url_findings *found, size_t width, bool colour)
{
    doctor_view_head(out, STEP_OK, "URL", colour);
    doctor_view_first(out, "read ", found->shown, width);
    for (int i = 0; i < found->count; i++) {
        const struct url_finding *f = &found->finding[i];
        doctor_view_head(out, state_of(f), i == 0 ? "cause" : "also", colour);
        doctor_view_first(out, "", f->what, width);
        doctor_view_below(out, "means: ", f->meaning, width);
        doctor_view_below(out, "do: ", f->todo, width);
    }
    buf_printf(out, "\n%s\n", found->sentence);
}

static void put_member(struct buf *out, const char *key, const char *text)
{
    buf_printf(out, ",\"%s\":", key);
    json_put_string(out, text);
}

static void put_step(struct buf *out, const struct url_findings *found, int i)
{
    const struct url_finding *f = &found->finding[i];
    buf_puts(out, i ? ",{\"name\":\"url\"" : "{\"name\":\"url\"");
    put_member(out, "state", step_state_name(state_of(f)));
    put_member(out, "cause", url_fault_key(f->fault));
    put_member(out, "tried", found->shown);
    put_member(out, "came_back", f->what);
    put_member(out, "meaning", f->meaning);
    put_member(out, "todo", f->todo);
    buf_puts(out, ",\"ms\":null}");
}

void url_view_json(struct buf *out, const struct url_findings *found)
{
    buf_puts(out, "{\"cause\":");
    json_put_string(out, url_fault_key(found->finding[0].fault));
    put_member(out, "class", doctor_class_name(found->class));
    put_member(out, "sentence", found->sentence);
    buf_puts(out, ",\"steps\":[");
    for (int i = 0; i < found->count; i++)
        put_step(out, found, i);
    buf_puts(out, "]}\n");
}
