#include "app/config.h"

#include "app/config_check.h"
#include "app/config_keys.h"
#include "base/buf.h"
#include "base/num.h"
#include "market/entry.h"

#include <confuse.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES   (1024 * 1024)
#define SECTIONS_MAX 16
#define TEXTS_MAX    20000

/* Every key's value as text and the line it came from, for config_print(). */
struct config_shown {
    char *value;
    int line; /* 0 = default */
};

/* One configuration on its way in. */
struct loading {
    const char *name;
    struct config_shown *shown; /* config_keys_count of them */
    struct err *err;
    cfg_opt_t sections[SECTIONS_MAX]; /* the root's options */
};

/*
 * libConfuse hands its callbacks no argument of ours, so the one at work on this thread is named
 * here; it is set for the time of cfg_parse_buf() alone.
 */
static _Thread_local struct loading *current;

/* --- errors, with their place -------------------------------------------------------------------
 */

static const char *section_of(cfg_t *cfg)
{
    const char *name = cfg_name(cfg);
    return name && strcmp(name, "root") != 0 ? name : "";
}

static int refuse(int line, const struct config_key *key, const char *words)
{
    return err_set(current->err, -EINVAL, "%s:%d: %s%s%s: %s", current->name, line, key->section,
                   *key->section ? "." : "", key->name, words);
}

static void refuse_unknown(cfg_t *cfg, const char *name)
{
    char near[64];
    const char *section = section_of(cfg);
    const char *meant = config_key_near(section, name, near, sizeof(near));
    err_set(current->err, -EINVAL, "%s:%d: %s%s%.40s: no such key%s%s%s", current->name, cfg->line,
            section, *section ? "." : "", name, meant ? "; did you mean '" : "", meant ? meant : "",
            meant ? "'?" : "");
}

/* The first error is the one that counts: what follows it is mostly its echo. */
static void on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
    char words[256];
    if (current->err->code)
        return;
    if (strstr(fmt, "no such option")) {
        refuse_unknown(cfg, va_arg(ap, const char *));
        return;
    }
    vsnprintf(words, sizeof(words), fmt, ap);
    const char *section = section_of(cfg);
    err_set(current->err, -EINVAL, "%s:%d: %s%s%s", current->name, cfg->line, section,
            *section ? ": " : "", words);
}

/* --- checking each value as it is read, while the line is known ----------------------------------
 */

static int check_number(const struct config_key *key, double value, int line)
{
    char words[128], min[NUM_TEXT], max[NUM_TEXT], is[NUM_TEXT];
    if (value >= key->min && value <= key->max)
        return 0;
    snprintf(words, sizeof(words), "%s is outside %s to %s", num_text(is, value),
             num_text(min, key->min), num_text(max, key->max));
    return refuse(line, key, words);
}

static int check_text(const struct config_key *key, const char *text, int line)
{
    struct err why;
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c < 0x20 || *c == 0x7f)
            return refuse(line, key, "has a control character in it");
    }
    if (key->check && key->check(text, &why))
        return refuse(line, key, why.text);
    return 0;
}

static int check_option(const struct config_key *key, cfg_opt_t *opt, int line)
{
    int rc = 0;
    switch (key->kind) {
    case KEY_TEXT:
    case KEY_TEXTS:
        if (cfg_opt_size(opt) > TEXTS_MAX)
            return refuse(line, key, "too many items");
        for (unsigned i = 0; rc == 0 && i < cfg_opt_size(opt); i++)
            rc = check_text(key, cfg_opt_getnstr(opt, i), line);
        return rc;
    case KEY_INTEGER:
        return check_number(key, (double)cfg_opt_getnint(opt, 0), line);
    case KEY_NUMBER:
        return check_number(key, cfg_opt_getnfloat(opt, 0), line);
    case KEY_YES_NO:
        return 0;
    }
    return 0;
}

static void put_list(struct buf *out, cfg_opt_t *opt)
{
    buf_puts(out, "{");
    for (unsigned i = 0; i < cfg_opt_size(opt); i++)
        buf_printf(out, "%s\"%s\"", i ? ", " : "", cfg_opt_getnstr(opt, i));
    buf_puts(out, "}");
}

static char *show(const struct config_key *key, cfg_opt_t *opt)
{
    char number[NUM_TEXT];
    struct buf out;
    buf_init(&out, FILE_BYTES);
    switch (key->kind) {
    case KEY_TEXT:
        if (key->secret && *cfg_opt_getnstr(opt, 0))
            buf_puts(&out, "\"***\"");
        else
            buf_printf(&out, "\"%s\"", cfg_opt_getnstr(opt, 0));
        break;
    case KEY_TEXTS:
        put_list(&out, opt);
        break;
    case KEY_INTEGER:
        buf_printf(&out, "%ld", cfg_opt_getnint(opt, 0));
        break;
    case KEY_NUMBER:
        buf_puts(&out, num_text(number, cfg_opt_getnfloat(opt, 0)));
        break;
    case KEY_YES_NO:
        buf_puts(&out, cfg_opt_getnbool(opt, 0) ? "true" : "false");
        break;
    }
    return out.data ? out.data : strdup("");
}

static int on_option(cfg_t *cfg, cfg_opt_t *opt)
{
    const struct config_key *key = config_key_find(section_of(cfg), cfg_opt_name(opt));
    if (!key)
        return 0;
    if (check_option(key, opt, cfg->line))
        return -1;
    current->shown[key - config_keys].line = cfg->line;
    return 0;
}

/* --- libConfuse's tables, made from ours
 * ---------------------------------------------------------- */

static cfg_opt_t make_option(const struct config_key *key)
{
    switch (key->kind) {
    case KEY_TEXT:
        break;
    case KEY_TEXTS:
        return (cfg_opt_t)CFG_STR_LIST(key->name, (char *)key->fallback, CFGF_NONE);
    case KEY_INTEGER:
        return (cfg_opt_t)CFG_INT(key->name, strtol(key->fallback, NULL, 10), CFGF_NONE);
    case KEY_NUMBER:
        return (cfg_opt_t)CFG_FLOAT(key->name, strtod(key->fallback, NULL), CFGF_NONE);
    case KEY_YES_NO:
        return (cfg_opt_t)CFG_BOOL(key->name, key->fallback[0] == 't' ? cfg_true : cfg_false,
                                   CFGF_NONE);
    }
    return (cfg_opt_t)CFG_STR(key->name, key->fallback, CFGF_NONE);
}

/* The table keeps a section's keys together, so that one walk is enough. `out` is zeroed. */
static size_t make_section(size_t first, cfg_opt_t *out)
{
    const char *section = config_keys[first].section;
    size_t i = first;
    for (; i < config_keys_count && strcmp(config_keys[i].section, section) == 0; i++)
        *out++ = make_option(&config_keys[i]);
    *out = (cfg_opt_t)CFG_END();
    return i - first;
}

/* libConfuse copies the tables, so they may live on the stack of this call. */
static cfg_t *make_parser(struct loading *l)
{
    cfg_opt_t options[2 * 64] = {0};
    size_t used = 0, sections = 0;

    for (size_t i = 0; i < config_keys_count;) {
        size_t count = make_section(i, options + used);
        if (*config_keys[i].section)
            l->sections[sections++] =
                (cfg_opt_t)CFG_SEC(config_keys[i].section, options + used, CFGF_NONE);
        else
            l->sections[sections++] = options[used];
        used += count + 1;
        i += count;
    }
    l->sections[sections] = (cfg_opt_t)CFG_END();
    cfg_t *cfg = cfg_init(l->sections, CFGF_NONE);
    if (!cfg)
        return NULL;
    cfg_set_error_function(cfg, on_error);
    for (size_t i = 0; i < config_keys_count; i++) {
        char path[80];
        const char *section = config_keys[i].section;
        snprintf(path, sizeof(path), "%s%s%s", section, *section ? "|" : "", config_keys[i].name);
        cfg_set_validate_func(cfg, path, on_option);
    }
    return cfg;
}

/* --- values into our struct
 * ------------------------------------------------------------------------ */

static int take_text(cfg_t *cfg, const char *path, char **out)
{
    *out = strdup(cfg_getstr(cfg, path));
    return *out ? 0 : -ENOMEM;
}

static int take_texts(cfg_t *cfg, const char *path, struct config_strings *out)
{
    unsigned size = cfg_size(cfg, path);
    out->item = calloc(size + 1, sizeof(*out->item));
    if (!out->item)
        return -ENOMEM;
    for (unsigned i = 0; i < size; i++) {
        out->item[out->count] = strdup(cfg_getnstr(cfg, path, i));
        if (!out->item[out->count++])
            return -ENOMEM;
    }
    return 0;
}

static int64_t take_ms(cfg_t *cfg, const char *path)
{
    return (int64_t)(cfg_getfloat(cfg, path) * 1000 + 0.5);
}

static uint32_t take_entries(cfg_t *cfg)
{
    uint32_t entries = 0;
    for (unsigned i = 0; i < cfg_size(cfg, "poll|entries"); i++) {
        const char *name = cfg_getnstr(cfg, "poll|entries", i);
        entries |= ENTRY_BIT(entry_from_name(name, strlen(name)));
    }
    return entries;
}

/* The paths of requests are put behind it. */
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

static int take_values(struct config *c, cfg_t *cfg)
{
    c->broker.timeout_ms = take_ms(cfg, "broker|timeout");
    c->broker.allow_insecure = cfg_getbool(cfg, "broker|allow_insecure");
    c->poll.interval_ms = take_ms(cfg, "poll|interval");
    c->poll.rate = cfg_getfloat(cfg, "poll|rate");
    c->poll.in_flight = (int)cfg_getint(cfg, "poll|in_flight");
    c->poll.depth = (int)cfg_getint(cfg, "poll|depth");
    c->poll.entries = take_entries(cfg);
    c->store.full_sync = strcmp(cfg_getstr(cfg, "store|durability"), "full") == 0;
    c->store.commit_every_ms = take_ms(cfg, "store|commit_every");
    if (take_text(cfg, "broker|url", &c->broker.url) ||
        take_text(cfg, "broker|stream_url", &c->broker.stream_url) ||
        take_text(cfg, "broker|user", &c->broker.user) ||
        take_text(cfg, "broker|password_file", &c->broker.password_file) ||
        take_text(cfg, "broker|ca_file", &c->broker.ca_file) ||
        take_texts(cfg, "instruments|symbols", &c->symbols) ||
        take_texts(cfg, "instruments|match", &c->match) ||
        take_text(cfg, "store|path", &c->store.path) ||
        take_text(cfg, "state_dir", &c->state_dir) || end_in_slash(&c->broker.url))
        return -ENOMEM;
    return 0;
}

static int take_shown(struct config_shown *shown, cfg_t *cfg)
{
    for (size_t i = 0; i < config_keys_count; i++) {
        const struct config_key *key = &config_keys[i];
        cfg_t *section = *key->section ? cfg_getsec(cfg, key->section) : cfg;
        shown[i].value = show(key, cfg_getopt(section, key->name));
        if (!shown[i].value)
            return -ENOMEM;
    }
    return 0;
}

/* --- what only the whole can tell
 * -------------------------------------------------------------------- */

static int check_whole(const struct config *c, struct err *err)
{
    if (strcmp(c->broker.url, "/") == 0)
        return err_set(err, -EINVAL,
                       "%s: broker.url is missing: the broker's address, such as "
                       "https://api.remarkets.primary.com.ar/",
                       c->file);
    if (!*c->broker.user)
        return err_set(err, -EINVAL, "%s: broker.user is missing", c->file);
    if (url_is_plain(c->broker.url) && !url_is_loopback(c->broker.url) && !c->broker.allow_insecure)
        return err_set(err, -EINVAL,
                       "%s: broker.url: '%s' would send the password unencrypted: use https://, or "
                       "set broker.allow_insecure = true if that is what you want",
                       c->file, c->broker.url);
    if (c->symbols.count == 0 && c->match.count == 0)
        return err_set(err, -EINVAL,
                       "%s: nothing to record: add instruments { symbols = {\"DLR/DIC26\"} } or "
                       "match = {\"DLR/*\"}",
                       c->file);
    if (c->poll.entries == 0)
        return err_set(err, -EINVAL, "%s: poll.entries is empty: nothing to ask for", c->file);
    return 0;
}

/* --- loading
 * ----------------------------------------------------------------------------------------- */

static int parse_with(struct loading *l, cfg_t *cfg, const char *text, struct config *c)
{
    current = l;
    int parsed = cfg_parse_buf(cfg, text);
    current = NULL;
    if (parsed != CFG_SUCCESS)
        return l->err->code ? l->err->code
                            : err_set(l->err, -EINVAL, "%s: cannot be read", l->name);
    if (take_values(c, cfg) || take_shown(c->shown, cfg))
        return err_set(l->err, -ENOMEM, "out of memory");
    return check_whole(c, l->err);
}

/* What libConfuse's lexer must not see: it stops at a NUL without a word. */
static int check_bytes(const char *text, size_t len_bytes, const char *name, struct err *err)
{
    if (len_bytes > FILE_BYTES)
        return err_set(err, -EFBIG, "%s: larger than a configuration can be", name);
    if (memchr(text, '\0', len_bytes))
        return err_set(err, -EINVAL, "%s: not a text file", name);
    return 0;
}

int config_parse(const char *text, size_t len_bytes, const char *name, struct config **out,
                 struct err *err)
{
    struct err ignored;
    struct loading l = {.name = name, .err = err ? err : &ignored};
    struct config *c = calloc(1, sizeof(*c));

    l.err->code = 0;
    int rc = check_bytes(text, len_bytes, name, l.err);
    char *copy = strndup(text, len_bytes);
    if (c) {
        c->file = strdup(name);
        l.shown = c->shown = calloc(config_keys_count, sizeof(*c->shown));
    }
    cfg_t *cfg = make_parser(&l);
    if (rc == 0 && (!c || !copy || !c->file || !c->shown || !cfg))
        rc = err_set(l.err, -ENOMEM, "out of memory");
    if (rc == 0)
        rc = parse_with(&l, cfg, copy, c);
    cfg_free(cfg);
    free(copy);
    if (rc)
        config_free(c);
    else
        *out = c;
    return rc;
}

static int read_file(const char *path, struct buf *out, struct err *err)
{
    char piece[16384];
    ssize_t n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, -errno, "cannot read the configuration '%s': %s", path,
                       strerror(errno));
    while ((n = read(fd, piece, sizeof(piece))) > 0 && buf_append(out, piece, (size_t)n) == 0)
        ;
    int rc = n < 0 ? -errno : 0;
    close(fd);
    if (rc)
        return err_set(err, rc, "cannot read the configuration '%s': %s", path, strerror(-rc));
    return 0;
}

int config_load(const char *path, struct config **out, struct err *err)
{
    struct buf text;
    buf_init(&text, FILE_BYTES + 1);
    int rc = read_file(path, &text, err);
    if (rc == 0 && buf_failed(&text))
        rc = err_set(err, -EFBIG, "%s: larger than a configuration can be", path);
    if (rc == 0)
        rc = config_parse(buf_text(&text), text.len_bytes, path, out, err);
    buf_finish(&text);
    return rc;
}

static void free_strings(struct config_strings *strings)
{
    for (size_t i = 0; i < strings->count; i++)
        free(strings->item[i]);
    free(strings->item);
}

void config_free(struct config *config)
{
    if (!config)
        return;
    for (size_t i = 0; config->shown && i < config_keys_count; i++)
        free(config->shown[i].value);
    free(config->shown);
    free(config->file);
    free(config->broker.url);
    free(config->broker.stream_url);
    free(config->broker.user);
    free(config->broker.password_file);
    free(config->broker.ca_file);
    free_strings(&config->symbols);
    free_strings(&config->match);
    free(config->store.path);
    free(config->state_dir);
    free(config);
}

const char *config_default_path(void)
{
    const char *path = getenv("CINTA_CONF");
    return path && *path ? path : "/etc/cinta/cinta.conf";
}

void config_print(const struct config *config, FILE *out)
{
    for (size_t i = 0; i < config_keys_count; i++) {
        const struct config_key *key = &config_keys[i];
        const struct config_shown *shown = &config->shown[i];
        char name[64], origin[32] = "default";
        snprintf(name, sizeof(name), "%s%s%s", key->section, *key->section ? "." : "", key->name);
        if (shown->line)
            snprintf(origin, sizeof(origin), "line %d", shown->line);
        fprintf(out, "%-21s = %-30s  # %s%s\n", name, shown->value, origin,
                key->built ? "" : " (no effect yet)");
    }
}
