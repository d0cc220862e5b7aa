#include "config/config_parser.h"

#include "base/num.h"
#include "base/utf8.h"
#include "config/conf_lint.h"
#include "config/conf_strip.h"
#include "config/config_keys.h"
#include "config/config_paths.h"

#include <confuse.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SECTIONS_MAX 20
#define OPTIONS_MAX  160
#define TEXTS_MAX    20000
#define NOT_GIVEN    "as in session" /* a list of a segment */

/* A configuration being parsed. */
struct loading {
    const char *name;
    struct config_parsed *out;
    struct err *err;
};

/*
 * libConfuse has no user argument for its callbacks, so this is the configuration that this thread
 * is parsing; it is set only during cfg_parse_buf().
 */
static _Thread_local struct loading *current;

/* --- errors, with file and line --------------------------------------------------------------- */

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

/* A key that users write by mistake, because other programs have the password there. */
static bool is_password(const char *section, const char *name)
{
    return strcmp(section, "broker") == 0 &&
           (strcasecmp(name, "password") == 0 || strcasecmp(name, "pass") == 0);
}

static void refuse_unknown(cfg_t *cfg, const char *name)
{
    char near[64], shown[48];
    const char *section = section_of(cfg);
    const char *meant = config_key_near(section, name, near, sizeof(near));
    utf8_clean(shown, sizeof(shown), name, strlen(name));
    if (is_password(section, name)) {
        err_set(current->err, -EINVAL,
                "%s:%d: broker.%s: the password does not belong in this file: write it into a file "
                "of its own, chmod 600 it, and give its path in broker.password_file",
                current->name, cfg->line, shown);
        return;
    }
    if (strcmp(name, CONFIG_SEGMENT) == 0) {
        err_set(
            current->err, -EINVAL,
            "%s:%d: %s.segment: no such key: section segment \"...\" { } is not inside of another "
            "section",
            current->name, cfg->line, section);
        return;
    }
    err_set(current->err, -EINVAL, "%s:%d: %s%s%s: no such key%s%s%s", current->name, cfg->line,
            section, *section ? "." : "", shown, meant ? "; did you mean '" : "",
            meant ? meant : "", meant ? "'?" : "");
}

/* Only the first error is reported: later ones are usually its consequences. */
__attribute__((format(printf, 2, 0))) static void on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
    char words[256], shown[256];
    if (current->err->code)
        return;
    if (strstr(fmt, "no such option")) {
        refuse_unknown(cfg, va_arg(ap, const char *));
        return;
    }
    if (strstr(fmt, "duplicate title")) {
        err_set(current->err, -EINVAL,
                "%s:%d: segment \"%s\" is given twice: put its keys into one section",
                current->name, cfg->line, va_arg(ap, const char *));
        return;
    }
    vsnprintf(words, sizeof(words), fmt, ap);
    utf8_clean(shown, sizeof(shown), words, strlen(words));
    const char *section = section_of(cfg);
    err_set(current->err, -EINVAL, "%s:%d: %s%s%s", current->name, cfg->line, section,
            *section ? ": " : "", shown);
}

/* --- checking each value as it is read, while its line is known ------------------------------- */

static int check_number(const struct config_key *key, const char *text, int line)
{
    char words[128], shown[48], min[NUM_TEXT], max[NUM_TEXT];
    double value;
    utf8_clean(shown, sizeof(shown), text, strlen(text));
    if (!num_parse(text, strlen(text), &value)) {
        snprintf(words, sizeof(words), "'%s' is not a number%s", shown,
                 strchr(text, ',') ? ": decimals take a point, such as 2.5" : "");
        return refuse(line, key, words);
    }
    if (key->kind == KEY_INTEGER && value != floor(value)) {
        snprintf(words, sizeof(words), "'%s' is not a whole number", shown);
        return refuse(line, key, words);
    }
    if (value >= key->min && value <= key->max)
        return 0;
    snprintf(words, sizeof(words), "%s is out of range: %s to %s are allowed", shown,
             num_text(min, key->min), num_text(max, key->max));
    return refuse(line, key, words);
}

static int check_text(const struct config_key *key, const char *text, int line)
{
    struct err why;
    return config_key_check(key, text, &why) ? refuse(line, key, why.text) : 0;
}

/* The words that libConfuse accepts as booleans. */
static bool read_yes_no(const char *text, bool *yes)
{
    static const char *const words[][2] = {{"true", "false"}, {"yes", "no"}, {"on", "off"}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        *yes = strcasecmp(text, words[i][0]) == 0;
        if (*yes || strcasecmp(text, words[i][1]) == 0)
            return true;
    }
    return false;
}

static int check_yes_no(const struct config_key *key, const char *text, int line)
{
    char words[128], shown[48];
    bool yes;
    if (read_yes_no(text, &yes))
        return 0;
    utf8_clean(shown, sizeof(shown), text, strlen(text));
    snprintf(words, sizeof(words), "'%s' is not valid; allowed: true, false", shown);
    return refuse(line, key, words);
}

/* libConfuse calls this after each item of a list: the last one is the new one. */
static int check_option(const struct config_key *key, cfg_opt_t *opt, int line)
{
    unsigned size = cfg_opt_size(opt);
    const char *text = size ? cfg_opt_getnstr(opt, size - 1) : "";
    switch (key->kind) {
    case KEY_TEXT:
    case KEY_TEXTS:
        if (size > TEXTS_MAX)
            return refuse(line, key, "too many items");
        return size ? check_text(key, text, line) : 0;
    case KEY_INTEGER:
    case KEY_NUMBER:
        return check_number(key, text, line);
    case KEY_YES_NO:
        return check_yes_no(key, text, line);
    }
    return 0;
}

/* --- segments --------------------------------------------------------------------------------- */

static int no_memory(const struct loading *l)
{
    return err_set(l->err, -ENOMEM, "out of memory");
}

/* A section is known from its first key on, because libConfuse does not call back before. NULL: no
 * memory, or a name that is not valid. */
static struct config_segment *segment_of(const struct loading *l, cfg_t *cfg)
{
    const char *name = cfg_title(cfg);
    struct config_segment *segment = config_parsed_segment(l->out, name);
    if (segment)
        return segment;
    if (config_parsed_add_segment(l->out, name, cfg->line, l->err)) {
        if (l->err->code != -ENOMEM)
            err_prefix(l->err, "%s:%d: ", l->name, cfg->line);
        return NULL;
    }
    return config_parsed_segment(l->out, name);
}

static struct config_value *values_of(const struct loading *l, cfg_t *cfg)
{
    struct config_segment *segment = cfg_title(cfg) ? segment_of(l, cfg) : NULL;
    return cfg_title(cfg) ? (segment ? segment->values : NULL) : l->out->values;
}

/* libConfuse does not call back for an empty list, so one that is not given has an item. */
static bool is_not_given(const struct config_key *key, cfg_opt_t *opt)
{
    return key->kind == KEY_TEXTS && cfg_opt_size(opt) == 1 &&
           strcmp(cfg_opt_getnstr(opt, 0), NOT_GIVEN) == 0;
}

static int on_option(cfg_t *cfg, cfg_opt_t *opt)
{
    const struct config_key *key = config_key_find(section_of(cfg), cfg_opt_name(opt));
    if (!key) {
        refuse_unknown(cfg, cfg_opt_name(opt));
        return -1;
    }
    if (is_not_given(key, opt))
        return 0;
    if (check_option(key, opt, cfg->line))
        return -1;
    struct config_value *values = values_of(current, cfg);
    if (!values)
        return -1;
    values[key - config_keys].line = cfg->line;
    return 0;
}

/* --- libConfuse's tables, made from config_keys ----------------------------------------------- */

/*
 * Numbers and booleans are read as texts and then parsed here, because libConfuse reads 010 as 8
 * and "" as 0.
 */
static cfg_opt_t make_option(const struct config_key *key)
{
    if (key->kind == KEY_TEXTS) {
        bool in_segment = strcmp(key->section, CONFIG_SEGMENT) == 0;
        const char *fallback = in_segment ? "{\"" NOT_GIVEN "\"}" : key->fallback;
        return (cfg_opt_t)CFG_STR_LIST(key->name, (char *)fallback, CFGF_NONE);
    }
    return (cfg_opt_t)CFG_STR(key->name, key->fallback, CFGF_NONE);
}

/* A section's keys are consecutive in the table. Returns their number. `out` must be zeroed. */
static size_t make_section(size_t first, cfg_opt_t *out)
{
    const char *section = config_keys[first].section;
    size_t i = first;
    for (; i < config_keys_count && strcmp(config_keys[i].section, section) == 0; i++)
        *out++ = make_option(&config_keys[i]);
    *out = (cfg_opt_t)CFG_END();
    return i - first;
}

static cfg_flag_t flags_of(const char *section)
{
    bool repeated = strcmp(section, CONFIG_SEGMENT) == 0;
    return repeated ? CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES : CFGF_NONE;
}

/* libConfuse copies the tables, so they may be on the stack. */
static cfg_t *make_parser(void)
{
    cfg_opt_t options[OPTIONS_MAX] = {0}, root[SECTIONS_MAX] = {0};
    size_t used = 0, sections = 0;

    for (size_t i = 0; i < config_keys_count;) {
        size_t count = make_section(i, options + used);
        if (*config_keys[i].section)
            root[sections++] = (cfg_opt_t)CFG_SEC(config_keys[i].section, options + used,
                                                  flags_of(config_keys[i].section));
        else
            root[sections++] = options[used];
        used += count + 1;
        i += count;
    }
    root[sections] = (cfg_opt_t)CFG_END();
    cfg_t *cfg = cfg_init(root, CFGF_NONE);
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

/* --- values from libConfuse ------------------------------------------------------------------- */

static int take_texts(cfg_opt_t *opt, struct config_value *out)
{
    unsigned size = cfg_opt_size(opt);
    out->texts = calloc(size + 1, sizeof(*out->texts));
    if (!out->texts)
        return -ENOMEM;
    for (unsigned i = 0; i < size; i++) {
        out->texts[i] = strdup(cfg_opt_getnstr(opt, i));
        if (!out->texts[i])
            return -ENOMEM;
        out->texts_count++;
    }
    return 0;
}

static int resolve_path(const struct loading *l, const struct config_key *key,
                        struct config_value *out)
{
    char *path;
    struct err why;
    int rc = config_path_resolve(out->texts[0], l->name, &path, &why);
    if (rc)
        return err_set(l->err, rc, "%s:%d: %s%s%s: %s", l->name, out->line, key->section,
                       *key->section ? "." : "", key->name, why.text);
    if (!path)
        return 0;
    out->written = out->texts[0];
    out->texts[0] = path;
    return 0;
}

/* `cfg`: the section of the key. */
static int take_value(cfg_t *cfg, const struct config_key *key, struct config_value *out)
{
    const char *text;
    cfg_opt_t *opt = cfg_getopt(cfg, key->name);
    switch (key->kind) {
    case KEY_TEXT:
    case KEY_TEXTS:
        return take_texts(opt, out);
    case KEY_INTEGER:
    case KEY_NUMBER:
        text = cfg_opt_getnstr(opt, 0);
        return num_parse(text, strlen(text), &out->number) ? 0 : -EINVAL;
    case KEY_YES_NO:
        return read_yes_no(cfg_opt_getnstr(opt, 0), &out->yes) ? 0 : -EINVAL;
    }
    return 0;
}

static bool of_segments(const struct config_key *key)
{
    return strcmp(key->section, CONFIG_SEGMENT) == 0;
}

static int take_segment_key(cfg_t *cfg, size_t at, struct config_segment *out)
{
    const struct config_key *key = &config_keys[at];
    struct config_value *value = &out->values[at];
    if (is_not_given(key, cfg_getopt(cfg, key->name)))
        return 0;
    if (key->kind == KEY_TEXTS && !value->line)
        value->line = out->line; /* an empty list */
    return take_value(cfg, key, value);
}

static int take_segment(const struct loading *l, cfg_t *cfg)
{
    struct config_segment *segment = segment_of(l, cfg);
    if (!segment)
        return l->err->code;
    for (size_t i = 0; i < config_keys_count; i++) {
        if (of_segments(&config_keys[i]) && take_segment_key(cfg, i, segment))
            return no_memory(l);
    }
    return 0;
}

/* The names of segments are compared without case. */
static int check_twice(const struct loading *l, cfg_t *cfg, unsigned at)
{
    cfg_t *section = cfg_getnsec(cfg, CONFIG_SEGMENT, at);
    for (unsigned i = 0; i < at; i++) {
        if (strcasecmp(cfg_title(cfg_getnsec(cfg, CONFIG_SEGMENT, i)), cfg_title(section)) == 0)
            return err_set(l->err, -EINVAL,
                           "%s:%d: segment \"%s\" is given twice: put its keys into one section",
                           l->name, section->line, cfg_title(section));
    }
    return 0;
}

static int take_segments(const struct loading *l, cfg_t *cfg)
{
    int rc = 0;
    for (unsigned i = 0; rc == 0 && i < cfg_size(cfg, CONFIG_SEGMENT); i++) {
        rc = check_twice(l, cfg, i);
        if (rc == 0)
            rc = take_segment(l, cfg_getnsec(cfg, CONFIG_SEGMENT, i));
    }
    return rc;
}

static int take_values(const struct loading *l, cfg_t *cfg)
{
    for (size_t i = 0; i < config_keys_count; i++) {
        const struct config_key *key = &config_keys[i];
        struct config_value *value = &l->out->values[i];
        if (of_segments(key))
            continue;
        if (take_value(*key->section ? cfg_getsec(cfg, key->section) : cfg, key, value))
            return no_memory(l);
        int rc = key->path ? resolve_path(l, key, value) : 0;
        if (rc)
            return rc;
    }
    return take_segments(l, cfg);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* libConfuse's lexer stops at a NUL without an error, so that is checked before. */
static int check_bytes(const char *text, size_t len_bytes, const char *name, struct err *err)
{
    if (len_bytes > CONFIG_BYTES_MAX)
        return err_set(err, -EFBIG, "%s: larger than the %d bytes allowed", name, CONFIG_BYTES_MAX);
    if (memchr(text, '\0', len_bytes))
        return err_set(err, -EINVAL, "%s: not a text file", name);
    return 0;
}

static int parse(struct loading *l, cfg_t *cfg, const char *text)
{
    current = l;
    int parsed = cfg_parse_buf(cfg, text);
    current = NULL;
    if (parsed == CFG_SUCCESS)
        return take_values(l, cfg);
    return l->err->code ? l->err->code
                        : err_set(l->err, -EINVAL, "%s:%d: cannot be read", l->name, cfg->line);
}

static int read_text(struct loading *l, const char *text, size_t len_bytes)
{
    char *copy = strndup(text, len_bytes);
    cfg_t *cfg = make_parser();
    int rc = copy && cfg && config_parsed_init(l->out) ? conf_strip(copy, l->name, l->err)
                                                       : no_memory(l);
    if (rc == 0)
        rc = conf_lint(copy, l->name, l->err);
    if (rc == 0)
        rc = parse(l, cfg, copy);
    cfg_free(cfg);
    free(copy);
    return rc;
}

int config_parser_read(const char *text, size_t len_bytes, const char *name,
                       struct config_parsed *out, struct err *err)
{
    struct err ignored;
    struct loading l = {.name = name, .out = out, .err = err ? err : &ignored};

    l.err->code = 0;
    *out = (struct config_parsed){0};
    int rc = check_bytes(text, len_bytes, name, l.err);
    if (rc == 0)
        rc = read_text(&l, text, len_bytes);
    if (rc)
        config_parsed_finish(out);
    return rc;
}
