#include "config/config_keys.h"

#include "base/clock.h"
#include "base/near.h"
#include "config/config_check.h"
#include "config/nats_check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

// clang-format off
#define TEXT(section, name, fallback, check, built)       {section, name, KEY_TEXT, fallback, 0, 0, check, built, false, false}
#define PATH(section, name, fallback, check, built)       {section, name, KEY_TEXT, fallback, 0, 0, check, built, false, true}
#define TEXTS(section, name, fallback, check, built)      {section, name, KEY_TEXTS, fallback, 0, 0, check, built, false, false}
#define INTEGER(section, name, fallback, min, max, built) {section, name, KEY_INTEGER, fallback, min, max, NULL, built, false, false}
#define NUMBER(section, name, fallback, min, max, built)  {section, name, KEY_NUMBER, fallback, min, max, NULL, built, false, false}
#define YES_NO(section, name, fallback, built)            {section, name, KEY_YES_NO, fallback, 0, 0, NULL, built, false, false}
#define BUILT true
#define LATER false

const struct config_key config_keys[] = {
    TEXT   ("broker", "url", "", check_url, BUILT),
    TEXT   ("broker", "stream_url", "", check_stream_url, BUILT),
    TEXT   ("broker", "user", "", check_not_empty, BUILT),
    PATH   ("broker", "password_file", "", NULL, BUILT),
    PATH   ("broker", "ca_file", "", NULL, BUILT),
    NUMBER ("broker", "timeout", "10", 1, 120, BUILT),
    YES_NO ("broker", "allow_insecure", "false", BUILT),
    TEXT   ("broker", "matriz_url", "", check_terminal_url, BUILT),
    NUMBER ("poll", "interval", "1", 0.05, S_PER_DAY, BUILT),
    NUMBER ("poll", "rate", "1", 0.01, 100000, BUILT),
    INTEGER("poll", "in_flight", "4", 1, 1024, BUILT),
    INTEGER("poll", "depth", "5", 1, 5, BUILT),
    NUMBER ("poll", "trades_every", "30", 0, S_PER_HOUR, BUILT),
    TEXTS  ("poll", "entries", "{BI, OF, LA, OP, CL, SE, HI, LO, TV, OI, EV, NV, IV, ACP}", check_entry, BUILT),
    YES_NO ("stream", "enable", "true", BUILT),
    TEXTS  ("stream", "dialects", "{primary}", check_dialect, BUILT),
    INTEGER("stream", "depth", "5", 1, 5, BUILT),
    INTEGER("stream", "level", "1", 1, 5, BUILT),
    INTEGER("stream", "batch", "50", 1, 1000, BUILT),
    NUMBER ("stream", "ping", "20", 1, 300, BUILT),
    NUMBER ("stream", "stale", "90", 1, S_PER_DAY, BUILT),
    TEXTS  ("instruments", "symbols", "{}", check_symbol, BUILT),
    TEXTS  ("instruments", "match", "{}", check_symbol, BUILT),
    TEXTS  ("instruments", "exclude", "{}", check_symbol, BUILT),
    TEXTS  ("instruments", "segments", "{}", check_not_empty, BUILT),
    TEXTS  ("instruments", "cfi", "{}", check_not_empty, BUILT),
    TEXTS  ("instruments", "products", "{}", check_not_empty, BUILT),
    INTEGER("instruments", "maturities", "0", 0, 1000, BUILT),
    TEXT   ("instruments", "currency", "", NULL, BUILT),
    TEXT   ("session", "days", "Mon-Fri", check_days, BUILT),
    TEXT   ("session", "hours", "10:00-17:05", check_hours, BUILT),
    TEXTS  ("session", "holidays", "{argentina}", check_holiday, BUILT),
    TEXTS  ("session", "special", "{}", check_special, BUILT),
    TEXT   ("session", "pre_open", "", check_pre_open, BUILT),
    TEXT   ("session", "closing_auction", "", check_closing_auction, BUILT),
    YES_NO ("session", "always", "false", BUILT),
    TEXT   ("segment", "days", "", check_days, BUILT),
    TEXT   ("segment", "hours", "", check_hours, BUILT),
    TEXTS  ("segment", "holidays", "{}", check_holiday, BUILT),
    TEXTS  ("segment", "special", "{}", check_special, BUILT),
    TEXT   ("segment", "pre_open", "", check_pre_open, BUILT),
    TEXT   ("segment", "closing_auction", "", check_closing_auction, BUILT),
    YES_NO ("segment", "always", "false", BUILT),
    PATH   ("store", "path", "/var/lib/cinta/cinta.db", check_not_empty, BUILT),
    TEXT   ("store", "durability", "normal", check_durability, BUILT),
    NUMBER ("store", "commit_every", "0.25", 0.01, 60, BUILT),
    INTEGER("store", "keep_days", "0", 0, 36500, BUILT),
    INTEGER("store", "wal_limit", "2048", 0, 1000000, BUILT),
    TEXT   ("serve", "listen", "127.0.0.1:8787", check_listen, BUILT),
    {"serve", "token", KEY_TEXT, "", 0, 0, check_token, BUILT, true, false},
    TEXTS  ("serve", "origins", "{}", check_origin, BUILT),
    TEXTS  ("serve", "hosts", "{}", check_host, BUILT),
    INTEGER("serve", "on_demand", "0", 0, 100000, BUILT),
    TEXT   ("export", "at", "", check_time, BUILT),
    PATH   ("export", "out", "/var/lib/cinta/export", check_not_empty, BUILT),
    TEXTS  ("export", "tables", "{snapshots, trades}", check_table, BUILT),
    TEXT   ("export", "format", "csv", check_format, BUILT),
    TEXT   ("export", "compress", "zstd", check_compress, BUILT),
    TEXT   ("sink", "nats", "", check_nats, BUILT),
    TEXT   ("sink", "subject", "md", check_subject, BUILT),
    TEXT   ("sink", "stream", "CINTA", check_stream, BUILT),
    TEXT   ("sink", "user", "", NULL, BUILT),
    PATH   ("sink", "password_file", "", NULL, BUILT),
    PATH   ("sink", "token_file", "", NULL, BUILT),
    PATH   ("sink", "credentials_file", "", NULL, BUILT),
    PATH   ("sink", "ca_file", "", NULL, BUILT),
    PATH   ("sink", "certificate_file", "", NULL, BUILT),
    PATH   ("sink", "key_file", "", NULL, BUILT),
    YES_NO ("sink", "allow_insecure", "false", BUILT),
    INTEGER("sink", "replicas", "1", 1, 5, BUILT),
    NUMBER ("sink", "max_age", "0", 0, 36500, BUILT),
    INTEGER("sink", "max_size", "0", 0, 1000000000, BUILT),
    NUMBER ("sink", "duplicates", "120", 1, S_PER_DAY, BUILT),
    NUMBER ("sink", "rate", "5000", 1, 1000000, BUILT),
    TEXT   ("sink", "from", "now", check_from, BUILT),
    PATH   ("alert", "command", "", NULL, BUILT),
    TEXTS  ("alert", "kinds", "{stale, divergence, login_refused, dropped, store_delayed, export_failed}", check_alert_kind, BUILT),
    NUMBER ("alert", "after", "30", 0, S_PER_DAY, BUILT),
    NUMBER ("alert", "quiet", "600", 0, S_PER_DAY, BUILT),
    NUMBER ("alert", "limit", "20", 1, 600, BUILT),
    PATH   ("", "state_dir", "/var/lib/cinta", check_not_empty, BUILT),
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
