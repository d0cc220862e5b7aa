#include "doctor/url_subject.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* --- parameters ------------------------------------------------------------------------------- */

static bool is_named(const struct url_parameter *p, const char *const *names)
{
    for (; *names; names++) {
        if (url_part_is(p->name, *names))
            return true;
    }
    return false;
}

static struct url_credential credential(const struct url_parameter *parameter, bool misnamed)
{
    return (struct url_credential){parameter, url_value_of(parameter->value), misnamed};
}

/* The one with the right name, else the first with a similar one. */
static struct url_credential find(const struct url_parts *parts, const char *name,
                                  const char *const *similar)
{
    for (int i = 0; i < parts->parameters; i++) {
        const struct url_parameter *p = &parts->parameter[i];
        if (p->name.len_bytes == strlen(name) && memcmp(p->name.text, name, strlen(name)) == 0)
            return credential(p, false);
    }
    for (int i = 0; i < parts->parameters; i++) {
        if (is_named(&parts->parameter[i], similar))
            return credential(&parts->parameter[i], true);
    }
    return (struct url_credential){.value = {.shape = URL_VALUE_EMPTY}};
}

/* A parameter that names a token, else one that looks like a token without being an id. */
static struct url_credential find_token(const struct url_parts *parts,
                                        const struct url_parameter *session,
                                        const struct url_parameter *connection)
{
    static const char *const names[] = {
        "token", "auth_token", "access_token", "authtoken", "x-auth-token", "xauthtoken", "auth",
        "jwt",   "key",        "apikey",       NULL};
    for (int i = 0; i < parts->parameters; i++) {
        if (is_named(&parts->parameter[i], names))
            return credential(&parts->parameter[i], false);
    }
    for (int i = 0; i < parts->parameters; i++) {
        const struct url_parameter *p = &parts->parameter[i];
        struct url_credential c = credential(p, true);
        if (p != session && p != connection && c.value.shape == URL_VALUE_TOKEN)
            return c;
    }
    return (struct url_credential){.value = {.shape = URL_VALUE_EMPTY}};
}

void url_subject_read(struct url_subject *s, const char *pasted)
{
    static const char *const session_names[] = {
        "session_id", "sessionid", "session-id", "session", "sid", "amp;session_id", NULL};
    static const char *const connection_names[] = {
        "conn_id",       "connid",     "conn-id", "connection_id", "connectionid",
        "connection-id", "connection", "conn",    "amp;conn_id",   NULL};
    memset(s, 0, sizeof(*s));
    url_text_read(&s->text, pasted);
    url_parts_read(&s->parts, s->text.url);
    s->host = url_host_of(s->parts.host);
    s->session = find(&s->parts, "session_id", session_names);
    s->connection = find(&s->parts, "conn_id", connection_names);
    s->token = find_token(&s->parts, s->session.parameter, s->connection.parameter);
}

bool url_subject_at_root(const struct url_subject *s)
{
    return s->parts.path.len_bytes == 0 || url_part_is(s->parts.path, "/");
}

/* A path is compared with case. */
bool url_subject_at_ws(const struct url_subject *s)
{
    struct url_part path = s->parts.path;
    return (path.len_bytes == 3 && memcmp(path.text, "/ws", 3) == 0) ||
           (path.len_bytes == 4 && memcmp(path.text, "/ws/", 4) == 0);
}

/* --- findings --------------------------------------------------------------------------------- */

static struct url_finding *insert(struct url_subject *s, struct url_findings *out,
                                  enum url_fault fault)
{
    int at = out->count;
    while (at > 0 && out->finding[at - 1].fault > fault)
        at--;
    if (at == URL_FINDINGS_MAX)
        return &s->spare;
    if (out->count < URL_FINDINGS_MAX)
        out->count++;
    memmove(&out->finding[at + 1], &out->finding[at],
            (size_t)(out->count - 1 - at) * sizeof(out->finding[0]));
    return &out->finding[at];
}

struct url_finding *url_found(struct url_subject *s, struct url_findings *out, enum url_fault fault,
                              const char *what, ...)
{
    va_list args;
    struct url_finding *finding = insert(s, out, fault);
    *finding = (struct url_finding){.fault = fault};
    va_start(args, what);
    vsnprintf(finding->what, sizeof(finding->what), what, args);
    va_end(args);
    return finding;
}

void url_means(struct url_finding *finding, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(finding->meaning, sizeof(finding->meaning), fmt, args);
    va_end(args);
}

void url_todo(struct url_finding *finding, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(finding->todo, sizeof(finding->todo), fmt, args);
    va_end(args);
}
