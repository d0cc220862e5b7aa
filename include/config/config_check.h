/*
 * config_check: validation of the text values in the configuration.
 *
 * Pure. Each returns 0, or -EINVAL with a message to be put after the key: "'x' is not ...".
 */
#ifndef CONFIG_CONFIG_CHECK_H
#define CONFIG_CONFIG_CHECK_H

#include "base/err.h"

#include <stdbool.h>

int check_url(const char *text, struct err *err);          /* http(s)://host/, no user, no query */
int check_terminal_url(const char *text, struct err *err); /* "" or a URL without a path */
int check_stream_url(const char *text, struct err *err);   /* "" or ws(s)://host/ */
int check_not_empty(const char *text, struct err *err);
int check_symbol(const char *text, struct err *err);
int check_entry(const char *text, struct err *err);           /* "BI" */
int check_dialect(const char *text, struct err *err);         /* primary, matriz */
int check_days(const char *text, struct err *err);            /* "Mon-Fri", "Mon,Wed,Fri" */
int check_hours(const char *text, struct err *err);           /* "10:00-17:05" */
int check_holiday(const char *text, struct err *err);         /* "2026-12-25", "argentina" */
int check_special(const char *text, struct err *err);         /* "2026-12-24 10:00-13:00" */
int check_pre_open(const char *text, struct err *err);        /* "" or "10:30" */
int check_closing_auction(const char *text, struct err *err); /* "" or "17:05" */
int check_time(const char *text, struct err *err);            /* "" or "17:30" */
int check_durability(const char *text, struct err *err);      /* normal, full */
int check_listen(const char *text, struct err *err);          /* "", host:port, unix:/path */
int check_token(const char *text, struct err *err);           /* serve.token; "" too */
int check_origin(const char *text, struct err *err);          /* https://host[:port], null */
int check_host(const char *text, struct err *err);            /* a name, without a port */
int check_table(const char *text, struct err *err);           /* snapshots, trades, ... */
int check_format(const char *text, struct err *err);          /* csv, jsonl, ... */
int check_compress(const char *text, struct err *err);        /* none, gzip, zstd */
int check_start(const char *text, struct err *err);           /* beginning, last */
int check_from(const char *text, struct err *err);            /* now, beginning */
int check_isolated(const char *text, struct err *err);        /* record, stop */

int check_alert_kind(const char *text, struct err *err); /* a kind of event that is a fault */

/* Whether a URL's host is this machine: 127.0.0.0/8, ::1 or localhost. */
bool url_is_loopback(const char *url);
/* Whether the connection is not encrypted: http:// or ws://. */
bool url_is_plain(const char *url);

#endif
