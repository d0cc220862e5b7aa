#include "config/source_check.h"

#include "config/config_keys.h"
#include "config/nats_check.h"

#include <errno.h>
#include <string.h>

static const struct config_value *value_of(const struct config *c, const char *key)
{
    return config_value_of(c->parsed.values, "source", key);
}

static int fail(const struct config *c, const char *key, const char *words, struct err *err)
{
    return err_set(err, -EINVAL, "%s:%d: source.%s: %s", c->file, value_of(c, key)->line, key,
                   words);
}

/* --- the sections of a recorder --------------------------------------------------------------- */

static bool is_of_recorder(const struct config_key *key)
{
    static const char *const sections[] = {"broker",  "poll",    "stream", "instruments",
                                           "session", "segment", "sink",   "lease"};
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        if (strcmp(key->section, sections[i]) == 0)
            return true;
    }
    return strcmp(key->section, "serve") == 0 && strcmp(key->name, "on_demand") == 0;
}

static int refuse(const struct config *c, const char *section, const char *key, int line,
                  struct err *err)
{
    return err_set(err, -EINVAL,
                   "%s:%d: %s.%s: has no effect in a replica, which reads what recorders have "
                   "published (source.nats) and does not ask a broker: remove it, or section "
                   "source",
                   c->file, line, section, key);
}

static int check_sections(const struct config *c, struct err *err)
{
    const struct config_parsed *parsed = &c->parsed;
    for (size_t i = 0; i < config_keys_count; i++) {
        const struct config_key *key = &config_keys[i];
        if (parsed->values[i].line && is_of_recorder(key))
            return refuse(c, key->section, key->name, parsed->values[i].line, err);
    }
    if (parsed->segments_count)
        return refuse(c, CONFIG_SEGMENT, parsed->segments[0].name, parsed->segments[0].line, err);
    return 0;
}

/* --- the keys of section source --------------------------------------------------------------- */

int source_check(const struct config *c, struct err *err)
{
    const struct config_source *s = &c->source;
    bool secret = *s->user || *s->token_file; /* a credentials file only signs */
    if (check_sections(c, err))
        return err->code;
    if ((*s->user != 0) + (*s->token_file != 0) + (*s->credentials_file != 0) > 1)
        return fail(c, "nats",
                    "of source.user, source.token_file and source.credentials_file only one can "
                    "be used: remove the others",
                    err);
    if (*s->password_file && !*s->user)
        return fail(c, "password_file", "needs source.user: set it too", err);
    if (!*s->certificate_file != !*s->key_file)
        return fail(c, "certificate_file", "needs source.key_file, and the reverse: set both", err);
    if (secret && nats_is_plain(s->nats) && !nats_is_loopback(s->nats) &&
        !value_of(c, "allow_insecure")->yes)
        return fail(c, "nats",
                    "would send the password or token unencrypted: use tls://, or set "
                    "source.allow_insecure = true if that is what you want",
                    err);
    return 0;
}
