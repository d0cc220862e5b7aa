/*
 * url_subject: a pasted URL while its faults are collected; for the modules url_*.
 *
 * Pure. The rules are by host (url_hosts), by the ids of the terminal (url_ids) and by the form of
 * the URL (url_form); url_explain runs them.
 */
#ifndef DOCTOR_URL_SUBJECT_H
#define DOCTOR_URL_SUBJECT_H

#include "doctor/url_explain.h"
#include "doctor/url_host.h"
#include "doctor/url_parts.h"
#include "doctor/url_text.h"
#include "doctor/url_value.h"

#include <stdbool.h>

#define URL_OF_CINTA "ws://127.0.0.1:8787/" /* the default of serve.listen */

/* A parameter that counts, by whatever name. */
struct url_credential {
    const struct url_parameter *parameter; /* NULL: absent */
    struct url_value value;                /* of an absent one EMPTY */
    bool misnamed;                         /* not "session_id", "conn_id" */
};

struct url_subject {
    struct url_text text;
    struct url_parts parts; /* of `text` */
    struct url_host host;
    struct url_credential session, connection;
    struct url_credential token; /* "token", "X-Auth-Token", or a value with the form of one */
    struct url_finding spare;    /* for findings that do not fit */
};

void url_subject_read(struct url_subject *s, const char *pasted);

/* "/", also an empty path. */
bool url_subject_at_root(const struct url_subject *s);
/* "/ws", also "/ws/". */
bool url_subject_at_ws(const struct url_subject *s);

/*
 * Adds a finding in its place by importance, and returns it; its `meaning` and `todo` are empty. If
 * there are too many, the least important one is dropped.
 */
struct url_finding *url_found(struct url_subject *s, struct url_findings *out, enum url_fault fault,
                              const char *what, ...) __attribute__((format(printf, 4, 5)));
void url_means(struct url_finding *finding, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void url_todo(struct url_finding *finding, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The rules, each of one module. */
void url_hosts_check(struct url_subject *s, struct url_findings *out);
void url_ids_check(struct url_subject *s, struct url_findings *out);
void url_form_check(struct url_subject *s, struct url_findings *out);

/* The URL with descriptions in the place of its values. */
void url_show(const struct url_subject *s, char out[URL_FINDING_TEXT]);

#endif
