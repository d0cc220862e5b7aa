/* What to do about a failure, with the keys of the section. */
#include "nats/remedy.h"

#include "support/t.h"

#include <errno.h>
#include <string.h>

static void remedies(void **state)
{
    (void)state;
    static const struct {
        int code;
        const char *section, *part;
    } rows[] = {
        {-ENOPKG, "sink", "install that package"},
        {-EACCES, "sink", "correct sink.user and sink.password_file, sink.token_file"},
        {-EACCES, "source", "source.credentials_file, or the permissions of this user"},
        {-EPROTO, "source", "(source.nats begins with tls:// then), and source.ca_file"},
        {-EHOSTUNREACH, "sink", "start nats-server, or correct sink.nats"},
        {-EOPNOTSUPP, "sink", "add jetstream {} to the configuration of nats-server"},
        {-ENOSPC, "sink", "raise max_file_store"},
        {-EBUSY, "sink", "another sink.subject"},
        {-EBUSY, "source", "set source.stream and source.subject as sink.stream"},
        {-ESTALE, "sink", ""},
    };
    char out[NATS_REMEDY_BYTES];
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].part);
        nats_remedy(out, sizeof(out), rows[i].code, rows[i].section);
        t_contains(out, rows[i].part);
        t_int(*out == '\0', *rows[i].part == '\0');
        t_int(strlen(out) < NATS_REMEDY_BYTES - 1, 1); /* it is whole */
    }
    t_str(nats_remedy(out, 8, -EACCES, "sink"), "correct");
}

static void appended(void **state)
{
    (void)state;
    struct err err = {.code = -EHOSTUNREACH, .text = "cannot connect"};
    nats_remedy_append(&err, "sink");
    t_str(err.text, "cannot connect: start nats-server, or correct sink.nats");
    err = (struct err){.code = -ESTALE, .text = "another message"};
    nats_remedy_append(&err, "sink");
    t_str(err.text, "another message");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(remedies), cmocka_unit_test(appended)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
