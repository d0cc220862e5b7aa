/*
 * config: the configuration file, typed, ranged and defaulted (libConfuse).
 *
 * config_load either gives a whole valid configuration or an error that names file, line and key,
 * and the nearest valid key when one was misspelt. A struct config owns all its strings; nobody
 * changes it after it is loaded. It holds no secret: the password is read by credentials.
 */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "base/err.h"
#include "market/calendar.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct config_strings {
    char **item;
    size_t count;
};

struct config_broker {
    char *url;        /* ends in '/', http:// only to loopback unless allow_insecure */
    char *stream_url; /* "" = derived from url */
    char *user;
    char *password_file; /* "" = $CREDENTIALS_DIRECTORY/cinta-password, else $CINTA_PASSWORD */
    char *ca_file;       /* "" = the system's */
    int64_t timeout_ms;
    bool allow_insecure;
};

struct config_poll {
    int64_t interval_ms; /* target between two polls of one instrument */
    double rate;         /* requests per second over all */
    int in_flight;
    int depth;        /* 1..5 */
    uint32_t entries; /* bits of enum entry */
};

struct config_stream {
    bool enable;
    struct config_strings dialects; /* in the order to try them */
    int depth, level, batch;
    int64_t ping_ms;
    int64_t stale_ms; /* so much silence in session hours is not believed */
};

struct config_store {
    char *path;
    bool full_sync; /* durability = "full" */
    int64_t commit_every_ms;
    int keep_days;    /* 0 = for ever */
    int wal_limit_mb; /* 0 = none */
};

struct config_export {
    char *at;                     /* "17:30" in Argentina; "" = never */
    char *out;                    /* a folder */
    struct config_strings tables; /* "snapshots", ... */
    char *format;                 /* csv, jsonl, excel, parquet */
    char *compress;               /* none, gzip, zstd */
};

struct config {
    char *file; /* where it was read from */
    struct config_broker broker;
    struct config_poll poll;
    struct config_stream stream;
    struct calendar session;
    struct config_strings symbols; /* instruments.symbols */
    struct config_strings match;   /* instruments.match: globs over the broker's list */
    struct config_store store;
    struct config_export export;
    char *state_dir;
    struct config_value *values; /* private: of every key; owns the texts above */
};

/* -ENOENT / -EACCES / -EINVAL with the words. `*out` touched on success only. */
int config_load(const char *path, struct config **out, struct err *err);
/* The same from memory; `name` is what errors call it. */
int config_parse(const char *text, size_t len_bytes, const char *name, struct config **out,
                 struct err *err);
void config_free(struct config *config);

/* The price levels that REST and stream both have. */
int config_common_depth(const struct config *config);

/* $CINTA_CONF, else /etc/cinta/cinta.conf. Borrowed. */
const char *config_default_path(void);

/* All keys with effective value and origin ("default", "line 12"); keys without effect yet say so.
 */
void config_print(const struct config *config, FILE *out);

#endif
