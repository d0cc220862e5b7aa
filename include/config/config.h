/*
 * config: the configuration file as typed values, with ranges checked and defaults applied
 * (libConfuse).
 *
 * config_load returns either a complete, valid configuration or an error that names file, line and
 * key, and the nearest valid key when one was misspelt. A struct config owns all its strings and is
 * not modified after loading. It holds no secret: the password is read by credentials.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/err.h"
#include "config/config_parser.h"
#include "market/alerts.h"
#include "market/calendar_set.h"
#include "market/instrument_rules.h"

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
    char *matriz_url; /* of the browser terminal, ends in '/'; "" = none is known */
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
    int depth;         /* 1..5 */
    int64_t trades_ms; /* between two requests of rest/data/getTrades; 0 = none is sent */
    uint32_t entries;  /* bits of enum entry */
};

struct config_stream {
    bool enable;
    struct config_strings dialects; /* tried in this order */
    int depth, level, batch;
    int64_t ping_ms;
    int64_t stale_ms; /* without data for so long in session hours, the stream is stale */
};

struct config_store {
    char *path;
    bool full_sync; /* durability = "full" */
    int64_t commit_every_ms;
    int keep_days;    /* 0 = keep everything */
    int wal_limit_mb; /* 0 = none */
};

struct config_serve {
    char *listen; /* as listen_address_parse() reads it; "" = no local API */
    char *token;  /* "" = none is required; then `listen` is local */
    struct config_strings origins, hosts;
    int on_demand; /* instruments, at most; 0 = none */
};

struct config_export {
    char *at;                     /* "17:30" in Argentina; "" = never */
    char *out;                    /* a directory */
    struct config_strings tables; /* "snapshots", ... */
    char *format;                 /* csv, jsonl, excel, parquet */
    char *compress;               /* none, gzip, zstd */
};

struct config_sink {
    char *nats;    /* nats://host:port,...; "" = no sink */
    char *subject; /* all subjects begin with it */
    char *stream;
    char *user, *password_file, *token_file, *credentials_file;
    char *ca_file, *certificate_file, *key_file;
    int replicas;
    int64_t max_age_ns, max_bytes; /* limits of the stream; 0 = none */
    int64_t duplicates_ns;         /* its window of de-duplication */
    double rate;                   /* messages per second, at most */
    bool from_beginning;           /* what was recorded before there was a sink is published too */
};

struct config_lease {
    char *name; /* "" = no lease; else sink.nats is set */
    char *bucket;
    int64_t duration_ms;
    bool isolated_records; /* without the lease it records all the same; else it stops */
};

/* A replica: what recorders have published is read instead of asking a broker. */
struct config_source {
    char *nats;             /* nats://host:port,...; "" = this is no replica */
    char *subject, *stream; /* as in their section sink */
    bool start_last;        /* an empty database begins with the last message of each subject */
    char *user, *password_file, *token_file, *credentials_file;
    char *ca_file, *certificate_file, *key_file;
};

struct config_alert {
    char *command; /* "" = no alerts */
    struct alert_rules rules;
    int64_t limit_ms; /* of one run of the command */
};

struct config {
    char *file; /* path of the configuration file */
    struct config_broker broker;
    struct config_poll poll;
    struct config_stream stream;
    struct calendar_set sessions;  /* of section session, and of each segment */
    struct instrument_rules rules; /* of section instruments */
    struct config_store store;
    struct config_serve serve;
    struct config_export export;
    struct config_sink sink;
    struct config_lease lease;
    struct config_source source;
    struct config_alert alert;
    char *state_dir;
    struct config_parsed parsed; /* private: owns the texts above */
};

/* -ENOENT, -EACCES or -EINVAL with the reason in `err`. `*out` is set on success only. */
int config_load(const char *path, struct config **out, struct err *err);
/* The same from memory; error messages use `name` as the file name. */
int config_parse(const char *text, size_t len_bytes, const char *name, struct config **out,
                 struct err *err);
void config_free(struct config *config);

/* The number of price levels that both REST and the stream have. */
int config_common_depth(const struct config *config);

/* The address of the stream of the Primary API: broker.stream_url, else broker.url with wss instead
 * of https (protocol section 2). malloced; NULL: no memory. */
char *config_stream_url(const struct config_broker *broker);

/* The configuration that the package's unit reads. */
#define CONFIG_PACKAGED "/etc/cinta/cinta.conf"

/* $CINTA_CONF, else /etc/cinta/cinta.conf. Borrowed. */
const char *config_default_path(void);

/* All keys with effective value and origin ("default", "line 12"); keys without effect yet are
 * marked. */
void config_print(const struct config *config, FILE *out);

#endif
