/*
 * Arbitrary text in the place of a URL to be explained. No value of a parameter may be in a text of
 * the result, and the texts may not have control characters.
 */
#include "base/utf8.h"
#include "doctor/url_explain.h"
#include "doctor/url_parts.h"
#include "support/fuzz.h"

#include <stdbool.h>
#include <string.h>

static void check_text(const char *text, size_t max)
{
    size_t len = strnlen(text, max);
    CHECK(len > 0 && len < max);
    for (size_t i = 0; i < len; i++)
        CHECK(text[i] >= ' ' && text[i] <= '~');
}

/* A secret has digits; words without digits may be in the explanation too. */
static bool is_secret(struct url_part part)
{
    size_t digits = 0;
    for (size_t i = 0; i < part.len_bytes; i++)
        digits += part.text[i] >= '0' && part.text[i] <= '9';
    return part.len_bytes >= 8 && digits >= 2;
}

static bool holds(const char *text, struct url_part part)
{
    return memmem(text, strlen(text), part.text, part.len_bytes) != NULL;
}

/* A host that is the same as a value is shown as a host. */
static void check_no_value(const struct url_findings *found, struct url_part value,
                           const struct url_parts *parts)
{
    if (!is_secret(value) ||
        memmem(parts->host.text, parts->host.len_bytes, value.text, value.len_bytes))
        return;
    CHECK(!holds(found->sentence, value) && !holds(found->shown, value));
    for (int i = 0; i < found->count; i++) {
        const struct url_finding *f = &found->finding[i];
        CHECK(!holds(f->what, value) && !holds(f->meaning, value) && !holds(f->todo, value));
    }
}

static void check_findings(const struct url_findings *found)
{
    CHECK(found->count >= 1 && found->count <= URL_FINDINGS_MAX);
    CHECK(found->class == url_fault_class(found->finding[0].fault));
    check_text(found->sentence, sizeof(found->sentence));
    check_text(found->shown, sizeof(found->shown));
    for (int i = 0; i < found->count; i++) {
        const struct url_finding *f = &found->finding[i];
        CHECK(i == 0 || found->finding[i - 1].fault <= f->fault);
        check_text(f->what, sizeof(f->what));
        check_text(f->meaning, sizeof(f->meaning));
        check_text(f->todo, sizeof(f->todo));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct url_findings found;
    struct url_parts parts;
    char *text = strndup((const char *)data, size);
    if (!text)
        abort();
    url_explain(text, &found);
    check_findings(&found);
    url_parts_read(&parts, text);
    for (int i = 0; i < parts.parameters; i++)
        check_no_value(&found, parts.parameter[i].value, &parts);
    check_no_value(&found, parts.user, &parts);
    check_no_value(&found, parts.fragment, &parts);
    free(text);
    return 0;
}
