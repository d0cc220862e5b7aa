#include "config/config.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/num.h"
#include "config/conf_quote.h"
#include "config/config_check.h"
#include "config/config_keys.h"
#include "config/config_session.h"
#include "config/listen_address.h"
#include "config/nats_check.h"
#include "config/source_check.h"
#include "files/file.h"
#include "files/owner.h"
#include "market/entry.h"
#include "matriz/address.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- parsed values into struct config --------------------------------------------------------- */

static struct config_value *value_of(const struct config *c, const char *section, const char *name)
{
    return config_value_of(c->parsed.values, section, name);
}

static char *text_of(const struct config *c, const char *section, const char *name)
{
    return value_of(c, section, name)->texts[0];
}

static struct config_strings texts_of(const struct config *c, const char *section, const char *name)
{
    struct config_value *value = value_of(c, section, name);
    return (struct config_strings){value->texts, value->texts_count};
}

static int64_t ms_of(const struct config *c, const char *section, const char *name)
{
    return (int64_t)(value_of(c, section, name)->number * 1000 + 0.5);
}

static uint32_t entries_of(const struct config *c)
{
    const struct config_value *value = value_of(c, "poll", "entries");
    uint32_t entries = 0;
    for (size_t i = 0; i < value->texts_count; i++)
        entries |= ENTRY_BIT(entry_from_name(value->texts[i], strlen(value->texts[i])));
    return entries;
}

/* The URL must end in '/', because request paths are appended to it. */
static int end_in_slash(char **url)
{
    size_t len = strlen(*url);
    if (len && (*url)[len - 1] == '/')
        return 0;
    char *longer = realloc(*url, len + 2);
    if (!longer)
        return -ENOMEM;
    memcpy(longer + len, "/", 2);
    *url = longer;
    return 0;
}

/* Of a broker of which the address of the terminal follows from that of the API. */
static int derive_terminal(struct config *c)
{
    struct config_value *value = value_of(c, "broker", "matriz_url");
    struct buf url;
    char *derived = NULL;
    buf_init(&url, CONFIG_BYTES_MAX);
    if (!*value->texts[0] && matriz_base_of(&url, text_of(c, "broker", "url"))) {
        derived = buf_failed(&url) ? NULL : strdup(buf_text(&url));
        value->derived = derived != NULL;
    }
    buf_finish(&url);
    if (derived) {
        free(value->texts[0]);
        value->texts[0] = derived;
    }
    return *value->texts[0] ? end_in_slash(&value->texts[0]) : 0;
}

static int int_of(const struct config *c, const char *section, const char *name)
{
    return (int)value_of(c, section, name)->number;
}

static void take_stream(struct config *c)
{
    c->stream.enable = value_of(c, "stream", "enable")->yes;
    c->stream.dialects = texts_of(c, "stream", "dialects");
    c->stream.depth = int_of(c, "stream", "depth");
    c->stream.level = int_of(c, "stream", "level");
    c->stream.batch = int_of(c, "stream", "batch");
    c->stream.ping_ms = ms_of(c, "stream", "ping");
    c->stream.stale_ms = ms_of(c, "stream", "stale");
}

static void take_rules(struct config *c)
{
    for (int kind = 0; kind < RULE_KINDS; kind++) {
        struct config_strings texts =
            texts_of(c, "instruments", rule_kind_key((enum rule_kind)kind));
        c->rules.texts[kind] = (struct rule_texts){texts.item, texts.count};
    }
    c->rules.maturities = int_of(c, "instruments", "maturities");
    c->rules.currency = text_of(c, "instruments", "currency");
}

static void take_serve(struct config *c)
{
    c->serve.listen = text_of(c, "serve", "listen");
    c->serve.token = text_of(c, "serve", "token");
    c->serve.origins = texts_of(c, "serve", "origins");
    c->serve.hosts = texts_of(c, "serve", "hosts");
    c->serve.on_demand = int_of(c, "serve", "on_demand");
}

static void take_export(struct config *c)
{
    c->export.at = text_of(c, "export", "at");
    c->export.out = text_of(c, "export", "out");
    c->export.tables = texts_of(c, "export", "tables");
    c->export.format = text_of(c, "export", "format");
    c->export.compress = text_of(c, "export", "compress");
}

static void take_sink(struct config *c)
{
    struct config_sink *sink = &c->sink;
    sink->nats = text_of(c, "sink", "nats");
    sink->subject = text_of(c, "sink", "subject");
    sink->stream = text_of(c, "sink", "stream");
    sink->user = text_of(c, "sink", "user");
    sink->password_file = text_of(c, "sink", "password_file");
    sink->token_file = text_of(c, "sink", "token_file");
    sink->credentials_file = text_of(c, "sink", "credentials_file");
    sink->ca_file = text_of(c, "sink", "ca_file");
    sink->certificate_file = text_of(c, "sink", "certificate_file");
    sink->key_file = text_of(c, "sink", "key_file");
    sink->replicas = int_of(c, "sink", "replicas");
    sink->max_age_ns = (int64_t)(value_of(c, "sink", "max_age")->number * (double)NS_PER_DAY);
    sink->max_bytes = (int64_t)int_of(c, "sink", "max_size") * 1000000;
    sink->duplicates_ns = ms_of(c, "sink", "duplicates") * NS_PER_MS;
    sink->rate = value_of(c, "sink", "rate")->number;
    sink->from_beginning = strcmp(text_of(c, "sink", "from"), "beginning") == 0;
}

static void take_lease(struct config *c)
{
    struct config_lease *lease = &c->lease;
    lease->name = text_of(c, "lease", "name");
    lease->bucket = text_of(c, "lease", "bucket");
    lease->duration_ms = ms_of(c, "lease", "duration");
    lease->isolated_records = strcmp(text_of(c, "lease", "isolated"), "record") == 0;
}

static void take_source(struct config *c)
{
    struct config_source *source = &c->source;
    source->nats = text_of(c, "source", "nats");
    source->subject = text_of(c, "source", "subject");
    source->stream = text_of(c, "source", "stream");
    source->start_last = strcmp(text_of(c, "source", "start"), "last") == 0;
    source->user = text_of(c, "source", "user");
    source->password_file = text_of(c, "source", "password_file");
    source->token_file = text_of(c, "source", "token_file");
    source->credentials_file = text_of(c, "source", "credentials_file");
    source->ca_file = text_of(c, "source", "ca_file");
    source->certificate_file = text_of(c, "source", "certificate_file");
    source->key_file = text_of(c, "source", "key_file");
}

static void take_alert(struct config *c)
{
    struct config_strings kinds = texts_of(c, "alert", "kinds");
    c->alert.command = text_of(c, "alert", "command");
    for (size_t i = 0; i < kinds.count; i++)
        c->alert.rules.wanted[event_kind_find(kinds.item[i])] = true;
    c->alert.rules.after_ms = ms_of(c, "alert", "after");
    c->alert.rules.quiet_ms = ms_of(c, "alert", "quiet");
    c->alert.limit_ms = ms_of(c, "alert", "limit");
}

static void take_values(struct config *c)
{
    c->broker.url = text_of(c, "broker", "url");
    c->broker.stream_url = text_of(c, "broker", "stream_url");
    c->broker.matriz_url = text_of(c, "broker", "matriz_url");
    c->broker.user = text_of(c, "broker", "user");
    c->broker.password_file = text_of(c, "broker", "password_file");
    c->broker.ca_file = text_of(c, "broker", "ca_file");
    c->broker.timeout_ms = ms_of(c, "broker", "timeout");
    c->broker.allow_insecure = value_of(c, "broker", "allow_insecure")->yes;
    c->poll.interval_ms = ms_of(c, "poll", "interval");
    c->poll.rate = value_of(c, "poll", "rate")->number;
    c->poll.in_flight = int_of(c, "poll", "in_flight");
    c->poll.depth = int_of(c, "poll", "depth");
    c->poll.trades_ms = ms_of(c, "poll", "trades_every");
    c->poll.entries = entries_of(c);
    take_stream(c);
    take_rules(c);
    c->store.path = text_of(c, "store", "path");
    c->store.full_sync = strcmp(text_of(c, "store", "durability"), "full") == 0;
    c->store.commit_every_ms = ms_of(c, "store", "commit_every");
    c->store.keep_days = int_of(c, "store", "keep_days");
    c->store.wal_limit_mb = int_of(c, "store", "wal_limit");
    take_serve(c);
    take_export(c);
    take_sink(c);
    take_lease(c);
    take_source(c);
    take_alert(c);
    c->state_dir = text_of(c, "", "state_dir");
}

/* --- checks of several keys together ---------------------------------------------------------- */

static int line_of(const struct config *c, const char *section, const char *name)
{
    return value_of(c, section, name)->line;
}

static bool is_exposed(const struct config *c, const char *url)
{
    return url_is_plain(url) && !url_is_loopback(url) && !c->broker.allow_insecure;
}

static int check_terminal(const struct config *c, struct err *err)
{
    if (!*c->broker.matriz_url)
        return err_set(err, -EINVAL,
                       "%s:%d: stream.dialects: matriz needs the address of the browser terminal, "
                       "which cannot be derived from broker.url '%s': set broker.matriz_url, such "
                       "as https://matriz.broker.xoms.com.ar/",
                       c->file, line_of(c, "stream", "dialects"), c->broker.url);
    if (is_exposed(c, c->broker.matriz_url))
        return err_set(err, -EINVAL,
                       "%s:%d: broker.matriz_url: '%s' would send the password unencrypted: use "
                       "https://, or set broker.allow_insecure = true if that is what you want",
                       c->file, line_of(c, "broker", "matriz_url"), c->broker.matriz_url);
    return 0;
}

static int check_dialects(const struct config *c, struct err *err)
{
    const struct config_strings *dialects = &c->stream.dialects;
    for (size_t i = 0; i < dialects->count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(dialects->item[i], dialects->item[k]) == 0)
                return err_set(err, -EINVAL, "%s:%d: stream.dialects: %s is given twice", c->file,
                               line_of(c, "stream", "dialects"), dialects->item[i]);
        }
        if (strcmp(dialects->item[i], "matriz") == 0 && check_terminal(c, err))
            return err->code;
    }
    return 0;
}

/* Whoever reaches another address than a local one could read everything. */
static int check_serve(const struct config *c, struct err *err)
{
    struct listen_address address;
    if (*c->serve.token || !listen_address_parse(c->serve.listen, &address) ||
        listen_address_is_local(&address))
        return 0;
    return err_set(
        err, -EINVAL,
        "%s:%d: serve.listen: other machines can connect to '%s', so serve.token must be "
        "set: choose a token, or listen at 127.0.0.1",
        c->file, line_of(c, "serve", "listen"), c->serve.listen);
}

static int fail_sink(const struct config *c, const char *key, const char *words, struct err *err)
{
    return err_set(err, -EINVAL, "%s:%d: sink.%s: %s", c->file, line_of(c, "sink", key), key,
                   words);
}

static int check_sink(const struct config *c, struct err *err)
{
    const struct config_sink *s = &c->sink;
    /* A credentials file only signs; the lease contains the broker's token. */
    bool secret = *s->user || *s->token_file || *c->lease.name;
    if ((*s->user != 0) + (*s->token_file != 0) + (*s->credentials_file != 0) > 1)
        return fail_sink(c, "nats",
                         "of sink.user, sink.token_file and sink.credentials_file only one can be "
                         "used: remove the others",
                         err);
    if (*s->password_file && !*s->user)
        return fail_sink(c, "password_file", "needs sink.user: set it too", err);
    if (!*s->certificate_file != !*s->key_file)
        return fail_sink(c, "certificate_file", "needs sink.key_file, and the reverse: set both",
                         err);
    if (s->max_age_ns && s->duplicates_ns > s->max_age_ns)
        return fail_sink(c, "duplicates", "is longer than sink.max_age: make it shorter", err);
    if (secret && *s->nats && nats_is_plain(s->nats) && !nats_is_loopback(s->nats) &&
        !value_of(c, "sink", "allow_insecure")->yes)
        return fail_sink(c, "nats",
                         "would send the password or token unencrypted (with a lease: the token of "
                         "the broker): use tls://, or set sink.allow_insecure = true if that is "
                         "what you want",
                         err);
    return 0;
}

static int check_lease(const struct config *c, struct err *err)
{
    if (!*c->lease.name || *c->sink.nats)
        return 0;
    return err_set(err, -EINVAL,
                   "%s:%d: lease.name: a lease is kept by the servers of sink.nats, which is not "
                   "set: set it too, or remove lease.name",
                   c->file, line_of(c, "lease", "name"));
}

static int check_whole(const struct config *c, struct err *err)
{
    if (*c->source.nats)
        return check_serve(c, err) ? err->code : source_check(c, err);
    if (strcmp(c->broker.url, "/") == 0)
        return err_set(err, -EINVAL,
                       "%s: broker.url is missing: set it to the broker's address, such as "
                       "https://api.remarkets.primary.com.ar/",
                       c->file);
    if (!*c->broker.user)
        return err_set(err, -EINVAL, "%s: broker.user is missing: set it to your user name",
                       c->file);
    if (is_exposed(c, c->broker.url))
        return err_set(err, -EINVAL,
                       "%s:%d: broker.url: '%s' would send the password unencrypted: use https://, "
                       "or set broker.allow_insecure = true if that is what you want",
                       c->file, line_of(c, "broker", "url"), c->broker.url);
    if (is_exposed(c, c->broker.stream_url))
        return err_set(err, -EINVAL,
                       "%s:%d: broker.stream_url: '%s' would send the token unencrypted: use "
                       "wss://, or set broker.allow_insecure = true if that is what you want",
                       c->file, line_of(c, "broker", "stream_url"), c->broker.stream_url);
    if (check_dialects(c, err) || check_serve(c, err) || check_sink(c, err) || check_lease(c, err))
        return err->code;
    if (c->rules.texts[RULE_SYMBOL].count == 0 && !instrument_rules_need_list(&c->rules))
        return err_set(err, -EINVAL,
                       "%s: nothing to record: add instruments { symbols = {\"DLR/DIC26\"} } or "
                       "match = {\"DLR/*\"}",
                       c->file);
    if (c->poll.entries == 0)
        return err_set(err, -EINVAL, "%s:%d: poll.entries is empty: add at least one", c->file,
                       line_of(c, "poll", "entries"));
    return 0;
}

/* --- loading ---------------------------------------------------------------------------------- */

static int fill(struct config *c, const char *text, size_t len_bytes, struct err *err)
{
    int rc = config_parser_read(text, len_bytes, c->file, &c->parsed, err);
    if (rc)
        return rc;
    if (end_in_slash(&value_of(c, "broker", "url")->texts[0]) || derive_terminal(c))
        return err_set(err, -ENOMEM, "out of memory");
    take_values(c);
    rc = config_session_read(&c->sessions, &c->parsed, c->file, err);
    return rc ? rc : check_whole(c, err);
}

int config_parse(const char *text, size_t len_bytes, const char *name, struct config **out,
                 struct err *err)
{
    struct config *c = calloc(1, sizeof(*c));
    if (!c)
        return err_set(err, -ENOMEM, "out of memory");
    c->file = strdup(name);
    int rc = c->file ? fill(c, text, len_bytes, err) : err_set(err, -ENOMEM, "out of memory");
    if (rc)
        config_free(c);
    else
        *out = c;
    return rc;
}

int config_load(const char *path, struct config **out, struct err *err)
{
    struct buf text;
    buf_init(&text, CONFIG_BYTES_MAX);
    int rc = file_read(path, &text);
    if (rc == -EMSGSIZE)
        rc = err_set(err, -EFBIG, "%s: larger than the %d bytes allowed", path, CONFIG_BYTES_MAX);
    else if (rc == -EACCES)
        rc = owner_denied(err, path);
    else if (rc == -ENOENT)
        rc = err_set(err, rc,
                     "cannot read the configuration '%s': %s: write it with 'cinta init', or name "
                     "another one with -c FILE",
                     path, strerror(-rc));
    else if (rc)
        rc = err_set(err, rc, "cannot read the configuration '%s': %s", path, strerror(-rc));
    else
        rc = config_parse(buf_text(&text), text.len_bytes, path, out, err);
    buf_finish(&text);
    return rc;
}

void config_free(struct config *config)
{
    if (!config)
        return;
    config_parsed_finish(&config->parsed);
    free(config->file);
    free(config);
}

int config_common_depth(const struct config *c)
{
    return c->poll.depth < c->stream.depth ? c->poll.depth : c->stream.depth;
}

char *config_stream_url(const struct config_broker *broker)
{
    char *text = NULL;
    bool plain = url_is_plain(broker->url);
    if (*broker->stream_url)
        return strdup(broker->stream_url);
    if (asprintf(&text, "%s%s", plain ? "ws" : "wss", broker->url + (plain ? 4 : 5)) < 0)
        return NULL;
    return text;
}

const char *config_default_path(void)
{
    const char *path = getenv("CINTA_CONF");
    return path && *path ? path : CONFIG_PACKAGED;
}

/* --- printing --------------------------------------------------------------------------------- */

static void put_list(struct buf *out, const struct config_value *value)
{
    buf_puts(out, "{");
    for (size_t i = 0; i < value->texts_count; i++) {
        buf_puts(out, i ? ", " : "");
        conf_quote(out, value->texts[i]);
    }
    buf_puts(out, "}");
}

static void put_value(struct buf *out, const struct config_key *key,
                      const struct config_value *value)
{
    char number[NUM_TEXT];
    switch (key->kind) {
    case KEY_TEXT:
        conf_quote(out, key->secret && *value->texts[0] ? "***" : value->texts[0]);
        return;
    case KEY_TEXTS:
        put_list(out, value);
        return;
    case KEY_INTEGER:
    case KEY_NUMBER:
        buf_puts(out, num_text(number, value->number));
        return;
    case KEY_YES_NO:
        buf_puts(out, value->yes ? "true" : "false");
        return;
    }
}

static void put_origin(FILE *out, const struct config_value *value)
{
    if (value->derived)
        fputs("derived from broker.url", out);
    else if (value->line)
        fprintf(out, "line %d", value->line);
    else
        fputs("default", out);
    if (value->written)
        fprintf(out, ", written as %s", value->written);
    fputc('\n', out);
}

static void print_key(const struct config_key *key, const char *where,
                      const struct config_value *value, FILE *out)
{
    struct buf text;
    char name[96];
    buf_init(&text, 2 * CONFIG_BYTES_MAX);
    put_value(&text, key, value);
    snprintf(name, sizeof(name), "%s%s", where, key->name);
    fprintf(out, "%-23s = %-30s  # ", name, buf_text(&text));
    put_origin(out, value);
    buf_finish(&text);
}

/* Only what a segment sets itself: the rest is that of section session. */
static void print_segment(const struct config_segment *segment, FILE *out)
{
    char where[SEGMENT_BYTES + 16];
    snprintf(where, sizeof(where), CONFIG_SEGMENT " %s.", segment->name);
    fprintf(out, "# " CONFIG_SEGMENT " \"%s\": other keys as in section session\n", segment->name);
    for (size_t i = 0; i < config_keys_count; i++) {
        if (segment->values[i].line)
            print_key(&config_keys[i], where, &segment->values[i], out);
    }
}

void config_print(const struct config *config, FILE *out)
{
    const struct config_parsed *parsed = &config->parsed;
    for (size_t i = 0; i < config_keys_count; i++) {
        const struct config_key *key = &config_keys[i];
        char where[64];
        snprintf(where, sizeof(where), "%s%s", key->section, *key->section ? "." : "");
        if (strcmp(key->section, CONFIG_SEGMENT) != 0)
            print_key(key, where, &parsed->values[i], out);
    }
    for (size_t i = 0; i < parsed->segments_count; i++)
        print_segment(&parsed->segments[i], out);
}
