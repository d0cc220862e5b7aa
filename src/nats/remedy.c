#include "nats/remedy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Each %s is the section. */
static const struct {
    int code;
    const char *words;
} remedies[] = {
    {-ENOPKG, "install that package"},
    {-EACCES, "correct %s.user and %s.password_file, %s.token_file or %s.credentials_file, or the "
              "permissions of this user in the configuration of nats-server"},
    {-EPROTO, "see whether the servers use TLS (%s.nats begins with tls:// then), and %s.ca_file"},
    {-EHOSTUNREACH, "start nats-server, or correct %s.nats"},
    {-EOPNOTSUPP, "add jetstream {} to the configuration of nats-server, or wait until its cluster "
                  "has a leader"},
    {-ENOSPC, "free its disk, raise max_file_store and max_memory_store of jetstream in the "
              "configuration of nats-server, or delete old messages of the stream"},
};

/* Each "%s" of `words` becomes `section`. */
static void fill(char *out, size_t out_bytes, const char *words, const char *section)
{
    size_t used = 0;
    const char *hole;
    for (; (hole = strstr(words, "%s")) && used < out_bytes; words = hole + 2)
        used += (size_t)snprintf(out + used, out_bytes - used, "%.*s%s", (int)(hole - words), words,
                                 section);
    if (used < out_bytes)
        snprintf(out + used, out_bytes - used, "%s", words);
}

static const char *busy_words(const char *section)
{
    return strcmp(section, "source") == 0
               ? "set source.stream and source.subject as sink.stream and sink.subject of the "
                 "recorder"
               : "choose another sink.stream and another sink.subject, which no other stream has";
}

const char *nats_remedy(char *out, size_t out_bytes, int code, const char *section)
{
    *out = '\0';
    if (code == -EBUSY)
        fill(out, out_bytes, busy_words(section), section);
    for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++) {
        if (remedies[i].code == code)
            fill(out, out_bytes, remedies[i].words, section);
    }
    return out;
}

void nats_remedy_append(struct err *err, const char *section)
{
    char remedy[NATS_REMEDY_BYTES];
    size_t used = strlen(err->text);
    if (*nats_remedy(remedy, sizeof(remedy), err->code, section))
        snprintf(err->text + used, sizeof(err->text) - used, ": %s", remedy);
}
