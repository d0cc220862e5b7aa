#include "setup/setup.h"

#include "config/conf_fill.h"
#include "config/conf_quote.h"
#include "config/conf_sample.h"
#include "config/config_check.h"
#include "config/config_keys.h"
#include "config/config_parser.h"
#include "primary/brokers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_BYTES     80 /* a longer list is written with one item per line */
#define ANSWERS_MAX    10
#define DEFAULT_DIR    "/etc/cinta"
#define DEFAULT_STATE  "/var/lib/cinta"
#define DEFAULT_EXPORT DEFAULT_STATE "/export"

static void strings_free(struct config_strings *strings)
{
    for (size_t i = 0; i < strings->count; i++)
        free(strings->item[i]);
    free(strings->item);
    *strings = (struct config_strings){0};
}

void setup_finish(struct setup *setup)
{
    strings_free(&setup->symbols);
    strings_free(&setup->match);
}

/* --- single answers --------------------------------------------------------------------------- */

/* Checks `text` by the rules of its configuration key. `called` begins the error message. */
static int check(const char *section, const char *name, const char *called, const char *text,
                 struct err *err)
{
    struct err why;
    if (config_key_check(config_key_find(section, name), text, &why))
        return err_set(err, -EINVAL, "%s: %s", called, why.text);
    return 0;
}

static int copy(char *out, size_t out_bytes, const char *called, const char *text, struct err *err)
{
    if (strlen(text) >= out_bytes)
        return err_set(err, -EINVAL, "%s: longer than %zu bytes", called, out_bytes - 1);
    snprintf(out, out_bytes, "%s", text);
    return 0;
}

/* Adds "https://" if there is no scheme, and the '/' to which request paths are appended. */
static int complete_url(char out[SETUP_URL_BYTES], const char *text, struct err *err)
{
    size_t len = strlen(text);
    bool bare = !strstr(text, "://");
    bool slash = len && text[len - 1] == '/';
    if (len + sizeof("https:///") > SETUP_URL_BYTES)
        return err_set(err, -EINVAL, "broker: longer than %d bytes", SETUP_URL_BYTES);
    snprintf(out, SETUP_URL_BYTES, "%s%s%s", bare ? "https://" : "", text, slash ? "" : "/");
    return 0;
}

static int refuse_name(const char *name, struct err *err)
{
    const struct broker_host *near = broker_host_near(name);
    return err_set(err, -EINVAL,
                   "broker: '%.40s' is not a known name%s%s%s give the address of its API, such as "
                   "https://api.NAME.xoms.com.ar/",
                   name, near ? "; did you mean '" : ":", near ? near->name : "",
                   near ? "'? If not," : "");
}

int setup_broker(struct setup *setup, const char *text, struct err *err)
{
    char url[SETUP_URL_BYTES];
    const struct broker_host *host = broker_host_find(text);
    if (host)
        return copy(setup->url, sizeof(setup->url), "broker", host->url, err);
    if (*text && !strpbrk(text, "./:"))
        return refuse_name(text, err);
    int rc = complete_url(url, text, err);
    if (rc == 0)
        rc = check("broker", "url", "broker", url, err);
    if (rc == 0 && url_is_plain(url) && !url_is_loopback(url))
        rc = err_set(err, -EINVAL, "broker: '%s' would send the password unencrypted: use https://",
                     url);
    return rc ? rc : copy(setup->url, sizeof(setup->url), "broker", url, err);
}

int setup_user(struct setup *setup, const char *text, struct err *err)
{
    int rc = check("broker", "user", "user", text, err);
    return rc ? rc : copy(setup->user, sizeof(setup->user), "user", text, err);
}

/* --- what to record --------------------------------------------------------------------------- */

static int add(struct config_strings *strings, const char *text, size_t len)
{
    char **item = realloc(strings->item, (strings->count + 1) * sizeof(*item));
    if (!item)
        return -ENOMEM;
    strings->item = item;
    item[strings->count] = strndup(text, len);
    return item[strings->count] ? (strings->count++, 0) : -ENOMEM;
}

static void cut(struct config_strings *strings, size_t count)
{
    while (strings->count > count)
        free(strings->item[--strings->count]);
}

static int add_checked(struct setup *setup, const char *text, size_t len, enum setup_kind kind,
                       struct err *err)
{
    bool glob = kind == SETUP_GLOB ||
                (kind == SETUP_EITHER &&
                 (memchr(text, '*', len) || memchr(text, '?', len) || memchr(text, '[', len)));
    struct config_strings *list = glob ? &setup->match : &setup->symbols;
    if (add(list, text, len))
        return err_set(err, -ENOMEM, "out of memory");
    return check("instruments", glob ? "match" : "symbols", "what to record",
                 list->item[list->count - 1], err);
}

int setup_record(struct setup *setup, const char *text, enum setup_kind kind, struct err *err)
{
    size_t symbols = setup->symbols.count, globs = setup->match.count;
    const char *at = text;
    int rc = 0;
    for (bool more = true; more && rc == 0;) {
        size_t len = strcspn(at, ",;");
        size_t blanks = strspn(at, " ");
        const char *begin = at + (blanks < len ? blanks : len), *end = at + len;
        while (end > begin && end[-1] == ' ')
            end--;
        rc = add_checked(setup, begin, (size_t)(end - begin), kind, err);
        more = at[len] != '\0';
        at += len + 1;
    }
    if (rc) {
        cut(&setup->symbols, symbols);
        cut(&setup->match, globs);
    }
    return rc;
}

/* --- paths ------------------------------------------------------------------------------------ */

static int join(char out[PATH_MAX], const char *folder, const char *name, struct err *err)
{
    const char *slash = *folder && folder[strlen(folder) - 1] == '/' ? "" : "/";
    if (snprintf(out, PATH_MAX, "%s%s%s", folder, slash, name) >= PATH_MAX)
        return err_set(err, -ENAMETOOLONG, "the path '%.100s...' is too long", name);
    return 0;
}

static int in_home(char out[PATH_MAX], const char *name, struct err *err)
{
    const char *home = getenv("HOME");
    if (!home || *home != '/')
        return err_set(err, -ENOENT, "$HOME is not set: give an absolute path");
    return join(out, home, name, err);
}

static int from_here(char out[PATH_MAX], const char *name, struct err *err)
{
    char here[PATH_MAX];
    while (strncmp(name, "./", 2) == 0)
        name += 2 + strspn(name + 2, "/");
    if (strcmp(name, ".") == 0)
        name = "";
    if (!getcwd(here, sizeof(here)))
        return err_set(err, -errno, "cannot find the current directory: %s", strerror(errno));
    return join(out, here, name, err);
}

int setup_path(char out[PATH_MAX], const char *text, struct err *err)
{
    char path[PATH_MAX];
    int rc = check("store", "path", "path", text, err);
    if (rc)
        return rc;
    if (*text == '/')
        rc = copy(path, sizeof(path), "path", text, err);
    else if (strncmp(text, "~/", 2) == 0)
        rc = in_home(path, text + 2, err);
    else
        rc = from_here(path, text, err);
    if (rc)
        return rc;
    for (size_t len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
        path[len - 1] = '\0';
    snprintf(out, PATH_MAX, "%s", path);
    return 0;
}

/* $XDG_..., which is ignored unless absolute; its default is in the home directory. */
static int in_xdg(char out[PATH_MAX], const char *variable, const char *usual, struct err *err)
{
    char base[PATH_MAX];
    const char *set = getenv(variable);
    if (set && *set == '/')
        return join(out, set, "cinta", err);
    int rc = in_home(base, usual, err);
    return rc ? rc : join(out, base, "cinta", err);
}

int setup_default_dir(char out[PATH_MAX], struct err *err)
{
    if (geteuid() == 0)
        return copy(out, PATH_MAX, "path", DEFAULT_DIR, err);
    return in_xdg(out, "XDG_CONFIG_HOME", ".config", err);
}

int setup_default_data(char out[PATH_MAX], const char *dir, struct err *err)
{
    char usual[PATH_MAX];
    if (strcmp(dir, DEFAULT_DIR) == 0)
        return copy(out, PATH_MAX, "path", DEFAULT_STATE, err);
    if (geteuid() && setup_default_dir(usual, NULL) == 0 && strcmp(dir, usual) == 0)
        return in_xdg(out, "XDG_DATA_HOME", ".local/share", err);
    return copy(out, PATH_MAX, "path", dir, err);
}

int setup_data(struct setup *setup, const char *folder, struct err *err)
{
    char path[PATH_MAX], db[PATH_MAX];
    int rc = folder ? setup_path(path, folder, err) : setup_default_data(path, setup->dir, err);
    if (rc == 0)
        rc = join(db, path, "cinta.db", err);
    if (rc)
        return rc;
    if (!*setup->db)
        snprintf(setup->db, sizeof(setup->db), "%s", db);
    if (!*setup->state_dir)
        snprintf(setup->state_dir, sizeof(setup->state_dir), "%s", path);
    return 0;
}

int setup_file(char out[PATH_MAX], const struct setup *setup, const char *name, struct err *err)
{
    return join(out, setup->dir, name, err);
}

/* --- the configuration ------------------------------------------------------------------------ */

static void put_items(struct buf *out, const struct config_strings *list, const char *first,
                      const char *between, const char *last)
{
    buf_puts(out, first);
    for (size_t i = 0; i < list->count; i++) {
        buf_puts(out, i ? between : "");
        conf_quote(out, list->item[i]);
    }
    buf_puts(out, last);
}

static void put_list(struct buf *out, const struct config_strings *list)
{
    put_items(out, list, "{", ", ", "}");
    if (out->len_bytes <= LINE_BYTES)
        return;
    buf_clear(out);
    put_items(out, list, "{\n        ", ",\n        ", "\n    }");
}

/* The answers, each with a buffer for its text in the configuration. */
struct answers {
    struct conf_answer row[ANSWERS_MAX];
    struct buf value[ANSWERS_MAX];
    size_t count;
};

static struct buf *next_answer(struct answers *answers, const char *section, const char *name)
{
    size_t i = answers->count++;
    answers->row[i] = (struct conf_answer){.section = section, .name = name};
    buf_init(&answers->value[i], CONFIG_BYTES_MAX);
    return &answers->value[i];
}

/* Exports go next to the database: the default folder belongs to the packaged service. */
static void collect_export(struct answers *a, const struct setup *setup)
{
    char out[PATH_MAX + sizeof("/export")];
    const char *slash = strrchr(setup->db, '/');
    snprintf(out, sizeof(out), "%.*s/export", slash ? (int)(slash - setup->db) : 0, setup->db);
    if (strcmp(out, DEFAULT_EXPORT))
        conf_quote(next_answer(a, "export", "out"), out);
}

static void collect(struct answers *a, const struct setup *setup, const char *password_file)
{
    const struct broker_host *host = broker_host_of_url(setup->url);
    conf_quote(next_answer(a, "broker", "url"), setup->url);
    conf_quote(next_answer(a, "broker", "user"), setup->user);
    conf_quote(next_answer(a, "broker", "password_file"), password_file);
    if (*setup->ca_file)
        conf_quote(next_answer(a, "broker", "ca_file"), setup->ca_file);
    if (host && host->always)
        buf_puts(next_answer(a, "session", "always"), "true");
    put_list(next_answer(a, "instruments", "symbols"), &setup->symbols);
    if (setup->match.count)
        put_list(next_answer(a, "instruments", "match"), &setup->match);
    conf_quote(next_answer(a, "store", "path"), setup->db);
    collect_export(a, setup);
    conf_quote(next_answer(a, "", "state_dir"), setup->state_dir);
}

int setup_text(const struct setup *setup, struct buf *out, struct err *err)
{
    char password_file[PATH_MAX];
    struct answers answers = {0};
    bool failed = false;
    int rc = setup_file(password_file, setup, "password", err);
    if (rc)
        return rc;
    collect(&answers, setup, password_file);
    for (size_t i = 0; i < answers.count; i++) {
        answers.row[i].value = buf_text(&answers.value[i]);
        failed = failed || buf_failed(&answers.value[i]);
    }
    rc = failed ? err_set(err, -EMSGSIZE, "larger than a configuration can be")
                : conf_fill(out, conf_sample, answers.row, answers.count, err);
    for (size_t i = 0; i < answers.count; i++)
        buf_finish(&answers.value[i]);
    return rc;
}
