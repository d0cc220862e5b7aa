#include "config/config_keys.h"

#include "base/clock.h"
#include "base/near.h"
#include "config/config_check.h"
#include "config/nats_check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

// clang-format off
#define TEXT(section, name, fallback, check)       {section, name, KEY_TEXT, fallback, 0, 0, check, false, false}
#define PATH(section, name, fallback, check)       {section, name, KEY_TEXT, fallback, 0, 0, check, false, true}
#define TEXTS(section, name, fallback, check)      {section, name, KEY_TEXTS, fallback, 0, 0, check, false, false}
#define INTEGER(section, name, fallback, min, max) {section, name, KEY_INTEGER, fallback, min, max, NULL, false, false}
#define NUMBER(section, name, fallback, min, max)  {section, name, KEY_NUMBER, fallback, min, max, NULL, false, false}
#define YES_NO(section, name, fallback)            {section, name, KEY_YES_NO, fallback, 0, 0, NULL, false, false}

const struct config_key config_keys[] = {
    TEXT   ("broker", "url", "", check_url),
    TEXT   ("broker", "stream_url", "", check_stream_url),
    TEXT   ("broker", "user", "", check_not_empty),
    PATH   ("broker", "password_file", "", NULL),
    PATH   ("broker", "ca_file", "", NULL),
    NUMBER ("broker", "timeout", "10", 1, 120),
    YES_NO ("broker", "allow_insecure", "false"),
    TEXT   ("broker", "matriz_url", "", check_terminal_url),
    NUMBER ("poll", "interval", "1", 0.05, S_PER_DAY),
    NUMBER ("poll", "rate", "1", 0.01, 100000),
    INTEGER("poll", "in_flight", "4", 1, 1024),
    INTEGER("poll", "depth", "5", 1, 5),
    NUMBER ("poll", "trades_every", "30", 0, S_PER_HOUR),
    TEXTS  ("poll", "entries", "{BI, OF, LA, OP, CL, SE, HI, LO, TV, OI, EV, NV, IV, ACP}", check_entry),
    YES_NO ("stream", "enable", "true"),
    TEXTS  ("stream", "dialects", "{primary}", check_dialect),
    INTEGER("stream", "depth", "5", 1, 5),
    INTEGER("stream", "level", "1", 1, 5),
    INTEGER("stream", "batch", "50", 1, 1000),
    NUMBER ("stream", "ping", "20", 1, 300),
    NUMBER ("stream", "stale", "90", 1, S_PER_DAY),
    TEXTS  ("instruments", "symbols", "{}", check_symbol),
    TEXTS  ("instruments", "match", "{}", check_symbol),
    TEXTS  ("instruments", "exclude", "{}", check_symbol),
    TEXTS  ("instruments", "segments", "{}", check_not_empty),
    TEXTS  ("instruments", "cfi", "{}", check_not_empty),
    TEXTS  ("instruments", "products", "{}", check_not_empty),
    INTEGER("instruments", "maturities", "0", 0, 1000),
    TEXT   ("instruments", "currency", "", NULL),
    TEXT   ("session", "days", "Mon-Fri", check_days),
    TEXT   ("session", "hours", "10:00-17:05", check_hours),
    TEXTS  ("session", "holidays", "{argentina}", check_holiday),
    TEXTS  ("session", "special", "{}", check_special),
    TEXT   ("session", "pre_open", "", check_pre_open),
    TEXT   ("session", "closing_auction", "", check_closing_auction),
    YES_NO ("session", "always", "false"),
    TEXT   ("segment", "days", "", check_days),
    TEXT   ("segment", "hours", "", check_hours),
    TEXTS  ("segment", "holidays", "{}", check_holiday),
    TEXTS  ("segment", "special", "{}", check_special),
    TEXT   ("segment", "pre_open", "", check_pre_open),
    TEXT   ("segment", "closing_auction", "", check_closing_auction),
    YES_NO ("segment", "always", "false"),
    PATH   ("store", "path", "/var/lib/cinta/cinta.db", check_not_empty),
    TEXT   ("store", "durability", "normal", check_durability),
    NUMBER ("store", "commit_every", "0.25", 0.01, 60),
    INTEGER("store", "keep_days", "0", 0, 36500),
    INTEGER("store", "wal_limit", "2048", 0, 1000000),
    TEXT   ("serve", "listen", "127.0.0.1:8787", check_listen),
    {"serve", "token", KEY_TEXT, "", 0, 0, check_token, true, false},
    TEXTS  ("serve", "origins", "{}", check_origin),
    TEXTS  ("serve", "hosts", "{}", check_host),
    INTEGER("serve", "on_demand", "0", 0, 100000),
    TEXT   ("export", "at", "", check_time),
    PATH   ("export", "out", "/var/lib/cinta/export", check_not_empty),
    TEXTS  ("export", "tables", "{snapshots, trades}", check_table),
    TEXT   ("export", "format", "csv", check_format),
    TEXT   ("export", "compress", "zstd", check_compress),
    TEXT   ("sink", "nats", "", check_nats),
    TEXT   ("sink", "subject", "md", check_subject),
    TEXT   ("sink", "stream", "CINTA", check_stream),
    TEXT   ("sink", "user", "", NULL),
    PATH   ("sink", "password_file", "", NULL),
    PATH   ("sink", "token_file", "", NULL),
    PATH   ("sink", "credentials_file", "", NULL),
    PATH   ("sink", "ca_file", "", NULL),
    PATH   ("sink", "certificate_file", "", NULL),
    PATH   ("sink", "key_file", "", NULL),
    YES_NO ("sink", "allow_insecure", "false"),
    INTEGER("sink", "replicas", "1", 1, 5),
    NUMBER ("sink", "max_age", "0", 0, 36500),
    INTEGER("sink", "max_size", "0", 0, 1000000000),
    NUMBER ("sink", "duplicates", "120", 1, S_PER_DAY),
    NUMBER ("sink", "rate", "5000", 1, 1000000),
    TEXT   ("sink", "from", "now", check_from),
    TEXT   ("lease", "name", "", check_lease_name),
    TEXT   ("lease", "bucket", "CINTA_LEASE", check_bucket),
    NUMBER ("lease", "duration", "10", 3, 300),
    TEXT   ("lease", "isolated", "record", check_isolated),
    TEXT   ("source", "nats", "", check_nats),
    TEXT   ("source", "subject", "md", check_subject),
    TEXT   ("source", "stream", "CINTA", check_stream),
    TEXT   ("source", "start", "beginning", check_start),
    TEXT   ("source", "user", "", NULL),
    PATH   ("source", "password_file", "", NULL),
    PATH   ("source", "token_file", "", NULL),
    PATH   ("source", "credentials_file", "", NULL),
    PATH   ("source", "ca_file", "", NULL),
    PATH   ("source", "certificate_file", "", NULL),
    PATH   ("source", "key_file", "", NULL),
    YES_NO ("source", "allow_insecure", "false"),
    PATH   ("alert", "command", "", NULL),
    TEXTS  ("alert", "kinds", "{stale, divergence, login_refused, dropped, store_delayed, export_failed}", check_alert_kind),
    NUMBER ("alert", "after", "30", 0, S_PER_DAY),
    NUMBER ("alert", "quiet", "600", 0, S_PER_DAY),
    NUMBER ("alert", "limit", "20", 1, 600),
    PATH   ("", "state_dir", "/var/lib/cinta", check_not_empty),
};
// clang-format on

const size_t config_keys_count = sizeof(config_keys) / sizeof(config_keys[0]);

const struct config_key *config_key_find(const char *section, const char *name)
{
    for (size_t i = 0; i < config_keys_count; i++) {
        if (strcmp(config_keys[i].section, section) == 0 && strcmp(config_keys[i].name, name) == 0)
            return &config_keys[i];
    }
    return NULL;
}

int config_key_check(const struct config_key *key, const char *text, struct err *err)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c < 0x20 || *c == 0x7f)
            return err_set(err, -EINVAL, "contains a control character: remove it");
    }
    size_t len = strlen(text);
    if (len && (text[0] == ' ' || text[len - 1] == ' '))
        return err_set(err, -EINVAL, "%s%s%s begins or ends with a blank: remove it",
                       key->secret ? "" : "'", key->secret ? "the value" : text,
                       key->secret ? "" : "'");
    return key->check ? key->check(text, err) : 0;
}

/* --- similar names ---------------------------------------------------------------------------- */

/* Lower is more similar. A key of the same name in another section ranks after one wrong letter in
 * this section, and before two. */
static int rank(const struct config_key *key, const char *section, const char *name)
{
    bool here = strcmp(key->section, section) == 0;
    int d = near_distance(name, key->name) * 2;
    return here ? d : d + 3;
}

const char *config_key_near(const char *section, const char *name, char *out, size_t out_bytes)
{
    int best = 2 * near_limit(name) + 2;
    const char *found = NULL;
    for (size_t i = 0; i < config_keys_count; i++) {
        const struct config_key *key = &config_keys[i];
        const char *dot = *key->section ? "." : "";
        int d = rank(key, section, name);
        if (d < best) {
            best = d;
            snprintf(out, out_bytes, "%s%s%s", key->section, dot, key->name);
            found = out;
        }
        if (!*section && *key->section && near_distance(name, key->section) * 2 < best) {
            best = near_distance(name, key->section) * 2;
            snprintf(out, out_bytes, "%s", key->section);
            found = out;
        }
    }
    return found;
}
