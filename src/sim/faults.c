#include "sim/faults.h"

#include "base/buf.h"
#include "base/num.h"
#include "config/conf_strip.h"
#include "files/file.h"

#include <confuse.h>
#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES (256 * 1024)
#define TEXT_KEYS  6

#define REQUEST FAULT_AT_REQUEST
#define UPGRADE FAULT_AT_UPGRADE
#define SMD     FAULT_AT_SMD
#define MD      FAULT_AT_MD
#define TOPICS  FAULT_AT_TOPICS
#define LINES   FAULT_AT_LINES
#define OPEN    FAULT_AT_OPEN

static const struct {
    const char *name;
    enum fault_kind kind;
    unsigned places; /* where it applies */
} kinds[] = {
    // clang-format off
    {"status",     FAULT_STATUS,     REQUEST | UPGRADE},
    {"slow",       FAULT_SLOW,       REQUEST},
    {"hang",       FAULT_HANG,       REQUEST | SMD | MD | TOPICS | LINES},
    {"reset",      FAULT_RESET,      REQUEST | UPGRADE | SMD | MD | TOPICS | LINES | OPEN},
    {"close",      FAULT_CLOSE,      REQUEST | UPGRADE | SMD | MD | TOPICS | LINES | OPEN},
    {"truncated",  FAULT_TRUNCATED,  REQUEST | LINES},
    {"type",       FAULT_TYPE,       REQUEST},
    {"shape",      FAULT_SHAPE,      REQUEST | MD | LINES},
    {"garbage",    FAULT_GARBAGE,    REQUEST | MD | LINES},
    {"html",       FAULT_HTML,       REQUEST | UPGRADE},
    {"redirect",   FAULT_REDIRECT,   REQUEST | UPGRADE},
    {"empty",      FAULT_EMPTY,      REQUEST | LINES},
    {"page",       FAULT_PAGE,       REQUEST | UPGRADE},
    {"blank",      FAULT_BLANK,      REQUEST | UPGRADE},
    {"huge",       FAULT_HUGE,       REQUEST},
    {"no_token",   FAULT_NO_TOKEN,   REQUEST},
    {"refuse",     FAULT_REFUSE,     REQUEST | UPGRADE},
    {"expire",     FAULT_EXPIRE,     REQUEST | UPGRADE},
    {"body",       FAULT_BODY,       REQUEST | UPGRADE | MD | LINES},
    {"error",      FAULT_ERROR,      REQUEST | SMD},
    {"mute",       FAULT_MUTE,       SMD | MD | TOPICS | LINES | OPEN},
    {"deaf",       FAULT_DEAF,       SMD | MD | TOPICS | LINES | OPEN},
    {"half_open",  FAULT_HALF_OPEN,  SMD | MD | TOPICS | LINES | OPEN},
    {"goodbye",    FAULT_GOODBYE,    SMD | MD | TOPICS | LINES | OPEN},
    {"fragmented", FAULT_FRAGMENTED, MD | LINES},
    {"oversized",  FAULT_OVERSIZED,  MD | LINES},
    {"utf8",       FAULT_UTF8,       MD | LINES},
    {"masked",     FAULT_MASKED,     MD | LINES},
    {"rsv",        FAULT_RSV,        MD | LINES},
    {"drip",       FAULT_DRIP,       MD | LINES},
    {"duplicate",  FAULT_DUPLICATE,  MD | LINES},
    {"old",        FAULT_OLD,        MD | LINES},
    {"binary",     FAULT_BINARY,     MD | LINES},
    {"unknown",    FAULT_UNKNOWN,    MD | LINES},
    {"short",      FAULT_SHORT,      LINES},
    {"nan",        FAULT_NAN,        LINES},
    // clang-format on
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* The file being parsed by this thread; libConfuse passes no user data to its callbacks. */
struct loading {
    const char *name;
    struct err *err;
};
static _Thread_local struct loading *current;

enum fault_kind fault_kind_of(const char *name)
{
    for (size_t i = 0; i < KINDS; i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return kinds[i].kind;
    }
    return FAULT_NONE;
}

static unsigned places_of(enum fault_kind kind)
{
    for (size_t i = 0; i < KINDS; i++) {
        if (kinds[i].kind == kind)
            return kinds[i].places;
    }
    return 0;
}

/* --- errors ----------------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 0))) static void on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
    char words[256];
    if (current->err->code)
        return; /* errors after the first are caused by it */
    vsnprintf(words, sizeof(words), fmt, ap);
    err_set(current->err, -EINVAL, "%s:%d: %s", current->name, cfg->line, words);
}

static int refuse(cfg_t *cfg, const char *key, const char *words)
{
    return err_set(current->err, -EINVAL, "%s:%d: fault.%s: %s", current->name, cfg->line, key,
                   words);
}

static int on_kind(cfg_t *cfg, cfg_opt_t *opt)
{
    char words[512] = "is not valid; allowed:";
    if (fault_kind_of(cfg_opt_getnstr(opt, 0)) != FAULT_NONE)
        return 0;
    for (size_t i = 0; i < KINDS; i++) {
        size_t used = strlen(words);
        snprintf(words + used, sizeof(words) - used, " %s", kinds[i].name);
    }
    return refuse(cfg, "kind", words);
}

/* Read as strings and parsed here, because libConfuse reads 010 as 8 and "" as 0. */
static const struct number_key {
    const char *name, *fallback;
    double min, max;
    bool whole;
} number_keys[] = {
    {"status", "500", 200, 599, true},  {"retry_after", "0", 0, 86400, true},
    {"code", "1000", 1000, 4999, true}, {"delay", "1", 0, 86400, false},
    {"after", "0", 0, 1e15, true},      {"count", "0", 0, 1e15, true},
    {"probability", "1", 0, 1, false},  {"from", "0", 0, 86400, false},
    {"until", "0", 0, 86400, false},
};
#define NUMBER_KEYS (sizeof(number_keys) / sizeof(number_keys[0]))

static int check_number(cfg_t *cfg, const struct number_key *key, const char *text)
{
    char words[128];
    double value;
    if (!num_parse(text, strlen(text), &value))
        return refuse(cfg, key->name, "is not a number");
    if (key->whole && value != floor(value))
        return refuse(cfg, key->name, "is not a whole number");
    if (value >= key->min && value <= key->max)
        return 0;
    snprintf(words, sizeof(words), "is outside %.15g to %.15g", key->min, key->max);
    return refuse(cfg, key->name, words);
}

static int on_number(cfg_t *cfg, cfg_opt_t *opt)
{
    for (size_t i = 0; i < NUMBER_KEYS; i++) {
        if (strcmp(number_keys[i].name, cfg_opt_name(opt)) == 0)
            return check_number(cfg, &number_keys[i], cfg_opt_getnstr(opt, 0));
    }
    return refuse(cfg, cfg_opt_name(opt), "no such key");
}

/* --- loading ---------------------------------------------------------------------------------- */

static double number_of(cfg_t *section, const char *key)
{
    double value = 0; /* checked by on_number() before */
    const char *text = cfg_getstr(section, key);
    num_parse(text, strlen(text), &value);
    return value;
}

static int64_t ms_of(cfg_t *section, const char *key)
{
    return (int64_t)(number_of(section, key) * 1000);
}

static int take_fault(cfg_t *section, struct fault *out)
{
    *out = (struct fault){
        .kind = fault_kind_of(cfg_getstr(section, "kind")),
        .path = strdup(cfg_getstr(section, "path")),
        .symbol = strdup(cfg_getstr(section, "symbol")),
        .body = strdup(cfg_getstr(section, "body")),
        .title = strdup(cfg_getstr(section, "title")),
        .location = strdup(cfg_getstr(section, "location")),
        .status = (int)number_of(section, "status"),
        .retry_after_s = (int)number_of(section, "retry_after"),
        .code = (int)number_of(section, "code"),
        .delay_ms = ms_of(section, "delay"),
        .after = (int64_t)number_of(section, "after"),
        .count = (int64_t)number_of(section, "count"),
        .probability = number_of(section, "probability"),
        .from_ms = ms_of(section, "from"),
        .until_ms = ms_of(section, "until"),
    };
    return out->path && out->symbol && out->body && out->title && out->location ? 0 : -ENOMEM;
}

static int take_all(cfg_t *cfg, struct faults *out)
{
    unsigned count = cfg_size(cfg, "fault");
    out->list = calloc(count + 1, sizeof(*out->list));
    if (!out->list)
        return -ENOMEM;
    for (unsigned i = 0; i < count; i++) {
        int rc = take_fault(cfg_getnsec(cfg, "fault", i), &out->list[out->count++]);
        if (rc)
            return rc;
    }
    return 0;
}

static cfg_t *make_parser(void)
{
    char path[32];
    cfg_opt_t fault[TEXT_KEYS + NUMBER_KEYS + 1] = {
        CFG_STR("path", "*", CFGF_NONE),
        CFG_STR("symbol", "*", CFGF_NONE),
        CFG_STR("kind", "status", CFGF_NONE),
        CFG_STR("body", "", CFGF_NONE),
        CFG_STR("title", "Just a moment...", CFGF_NONE),
        CFG_STR("location", "/login?error", CFGF_NONE),
    };
    for (size_t i = 0; i < NUMBER_KEYS; i++)
        fault[TEXT_KEYS + i] =
            (cfg_opt_t)CFG_STR(number_keys[i].name, (char *)number_keys[i].fallback, CFGF_NONE);
    fault[TEXT_KEYS + NUMBER_KEYS] = (cfg_opt_t)CFG_END();
    cfg_opt_t root[] = {CFG_SEC("fault", fault, CFGF_MULTI), CFG_END()};
    cfg_t *cfg = cfg_init(root, CFGF_NONE);
    if (!cfg)
        return NULL;
    cfg_set_error_function(cfg, on_error);
    cfg_set_validate_func(cfg, "fault|kind", on_kind);
    for (size_t i = 0; i < NUMBER_KEYS; i++) {
        snprintf(path, sizeof(path), "fault|%s", number_keys[i].name);
        cfg_set_validate_func(cfg, path, on_number);
    }
    return cfg;
}

static int parse(struct loading *loading, cfg_t *cfg, const char *text, struct faults *out)
{
    current = loading;
    int parsed = cfg_parse_buf(cfg, text);
    current = NULL;
    if (parsed != CFG_SUCCESS)
        return loading->err->code ? -EINVAL
                                  : err_set(loading->err, -EINVAL, "%s:%d: cannot be read",
                                            loading->name, cfg->line);
    return take_all(cfg, out) ? err_set(loading->err, -ENOMEM, "out of memory") : 0;
}

int faults_parse(const char *text, size_t len_bytes, const char *name, struct faults *out,
                 struct err *err)
{
    struct err ignored;
    struct loading loading = {.name = name, .err = err ? err : &ignored};
    struct faults faults = {0};

    loading.err->code = 0;
    if (len_bytes > FILE_BYTES || memchr(text, '\0', len_bytes))
        return err_set(err, -EINVAL,
                       "%s: not a fault file: larger than 256 KiB or contains a NUL byte", name);
    char *copy = strndup(text, len_bytes);
    cfg_t *cfg = make_parser();
    int rc = -ENOMEM;
    if (!copy || !cfg)
        err_set(loading.err, rc, "out of memory");
    else if ((rc = conf_strip(copy, name, loading.err)) == 0)
        rc = parse(&loading, cfg, copy, &faults);
    cfg_free(cfg);
    free(copy);
    if (rc)
        faults_finish(&faults);
    else
        *out = faults;
    return rc;
}

int faults_load(const char *path, struct faults *out, struct err *err)
{
    struct buf text;
    buf_init(&text, FILE_BYTES);
    int rc = file_read(path, &text);
    if (rc)
        err_set(err, rc, "cannot read the fault file '%s': %s", path, strerror(-rc));
    else
        rc = faults_parse(buf_text(&text), text.len_bytes, path, out, err);
    buf_finish(&text);
    return rc;
}

void faults_finish(struct faults *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        free(faults->list[i].path);
        free(faults->list[i].symbol);
        free(faults->list[i].body);
        free(faults->list[i].title);
        free(faults->list[i].location);
    }
    free(faults->list);
    *faults = (struct faults){0};
}

bool faults_have(const struct faults *faults, enum fault_kind kind)
{
    for (size_t i = 0; i < faults->count; i++) {
        if (faults->list[i].kind == kind)
            return true;
    }
    return false;
}

/* --- lookup ----------------------------------------------------------------------------------- */

static bool acts(struct fault *fault, int64_t since_start_ms, struct rng *rng)
{
    if (since_start_ms < fault->from_ms || (fault->until_ms && since_start_ms >= fault->until_ms))
        return false;
    if (fault->seen++ < fault->after || (fault->count && fault->acted >= fault->count))
        return false;
    if (fault->probability < 1 && rng_unit(rng) >= fault->probability)
        return false;
    fault->acted++;
    return true;
}

static bool matches(const struct fault *fault, const struct fault_target *target)
{
    if (!(places_of(fault->kind) & target->place) ||
        fnmatch(fault->path, target->path, FNM_CASEFOLD) != 0)
        return false;
    for (size_t i = 0; i < target->count; i++) {
        if (fnmatch(fault->symbol, target->symbols[i], FNM_CASEFOLD) == 0)
            return true;
    }
    return false;
}

const struct fault *faults_find(struct faults *faults, const struct fault_target *target,
                                int64_t since_start_ms, struct rng *rng)
{
    for (size_t i = 0; i < faults->count; i++) {
        struct fault *fault = &faults->list[i];
        if (matches(fault, target) && acts(fault, since_start_ms, rng))
            return fault;
    }
    return NULL;
}
