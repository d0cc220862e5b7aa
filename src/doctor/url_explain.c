#include "doctor/url_explain.h"

#include "doctor/url_subject.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *key;
    enum doctor_class class;
} faults[URL_FAULT_COUNT] = {
#define URL_FAULT_ROW(name, key, class) [name] = {key, class},
    URL_FAULTS(URL_FAULT_ROW)
#undef URL_FAULT_ROW
};

const char *url_fault_key(enum url_fault fault)
{
    return faults[fault].key;
}

enum doctor_class url_fault_class(enum url_fault fault)
{
    return faults[fault].class;
}

/* --- text that is not a URL ------------------------------------------------------------------- */

static bool is_known(enum url_host_kind kind)
{
    return kind != URL_HOST_NONE && kind != URL_HOST_UNKNOWN && kind != URL_HOST_INVALID;
}

/* Without a scheme, a known host or something after a host makes a URL of a text. */
static bool is_url(const struct url_subject *s)
{
    const struct url_parts *parts = &s->parts;
    if (parts->scheme != URL_SCHEME_NONE || is_known(s->host.kind))
        return true;
    return s->host.kind == URL_HOST_UNKNOWN && (parts->path.len_bytes || parts->parameters);
}

static const char *guess(const char *text, enum url_shape shape)
{
    if (strcasestr(text, "%3a%2f%2f"))
        return "it may be one that is percent-encoded as a whole, as inside another URL: decode it";
    switch (shape) {
    case URL_VALUE_TOKEN:
        return "it has the form of a token of the REST API; if it is one, treat it as disclosed";
    case URL_VALUE_SESSION:
        return "it has the form of an id of the browser terminal; if it is one, treat it as "
               "disclosed";
    case URL_VALUE_COOKIE:
        return "it has the form of the terminal's cookie; if it is one, treat it as disclosed";
    default:
        return "it has neither a scheme nor the name of a known host";
    }
}

static void say_no_url(struct url_subject *s, struct url_findings *out)
{
    const struct url_part whole = {s->text.url, s->text.len_bytes};
    const struct url_value value = url_value_of(whole);
    struct url_finding *f;
    if (!whole.len_bytes) {
        f = url_found(s, out, URL_EMPTY, "There is no URL");
        url_means(f, "the text is empty or has blanks only");
    } else {
        f = url_found(s, out, URL_NOT_A_URL, "The text is not a URL (%zu bytes)",
                      s->text.pasted_bytes);
        url_means(f, "%s", guess(s->text.url, value.shape));
    }
    url_todo(f, "paste the whole URL, as in wss://api.remarkets.primary.com.ar/");
    snprintf(out->shown, sizeof(out->shown), "(%zu bytes)", s->text.pasted_bytes);
}

static void say_too_long(struct url_subject *s, struct url_findings *out)
{
    struct url_finding *f =
        url_found(s, out, URL_TOO_LONG, "The text has %zu bytes", s->text.pasted_bytes);
    url_means(f, "the URL of a stream has under 500; the first %d were read", URL_BYTES_MAX);
    url_todo(f, "paste the URL alone");
}

/* --- the sentence ----------------------------------------------------------------------------- */

static int faults_after_the_first(const struct url_findings *out)
{
    int more = 0;
    for (int i = 1; i < out->count; i++)
        more += url_fault_class(out->finding[i].fault) != DOCTOR_OK;
    return more;
}

static void conclude_findings(struct url_findings *out)
{
    const struct url_finding *cause = &out->finding[0];
    int more = faults_after_the_first(out);
    char others[64] = "";
    if (more)
        snprintf(others, sizeof(others), "; see the %s above too",
                 more == 1 ? "other fault" : "other faults");
    out->class = url_fault_class(cause->fault);
    snprintf(out->sentence, sizeof(out->sentence), "%.500s: %.400s; %.500s%s.", cause->what,
             cause->meaning, cause->todo, others);
}

void url_explain(const char *url, struct url_findings *out)
{
    struct url_subject s;
    memset(out, 0, sizeof(*out));
    url_subject_read(&s, url);
    if (s.text.too_long)
        say_too_long(&s, out);
    if (!is_url(&s)) {
        say_no_url(&s, out);
    } else {
        url_show(&s, out->shown);
        url_hosts_check(&s, out);
        url_form_check(&s, out);
    }
    conclude_findings(out);
    explicit_bzero(&s, sizeof(s));
}
