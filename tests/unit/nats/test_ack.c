/* The answers of a stream, as servers send them. */
#include "nats/ack.h"

#include "base/json.h"
#include "support/t.h"

#include <errno.h>

static void answers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int rc;
        const char *words; /* in the reason */
    } rows[] = {
        {"{\"stream\":\"CINTA\",\"seq\":17}", 0, NULL},
        {"{\"stream\":\"CINTA\",\"domain\":\"hub\",\"seq\":17}", 0, NULL},
        {"{\"stream\":\"CINTA\",\"seq\":18}", -ESTALE, "as number 18 instead of 17"},
        {"{\"stream\":\"CINTA\",\"seq\":12,\"duplicate\": true}", -ESTALE, "12 instead of 17"},
        {"{\"stream\":\"CINTA\",\"seq\":0,\"duplicate\": true}", -EEXIST, "another id"},
        {"{\"error\":{\"code\":400,\"err_code\":10158,\"description\":\"duplicate message id is in "
         "process\"},\"stream\":\"CINTA\",\"seq\":0}",
         -EEXIST, "another id"},
        {"{\"error\":{\"code\":400,\"err_code\":10071,\"description\":\"wrong last sequence: 3\"},"
         "\"stream\":\"CINTA\",\"seq\":0}",
         -ESTALE, "wrong last sequence: 3"},
        {"{\"error\":{\"code\":400,\"err_code\":10070,\"description\":\"wrong last msg ID: x\"}}",
         -ESTALE, "wrong last msg ID"},
        {"{\"error\":{\"code\":503,\"err_code\":10023,\"description\":\"insufficient resources\"}}",
         -ENOSPC, "insufficient resources"},
        {"{\"error\":{\"code\":400,\"err_code\":10109,\"description\":\"stream sealed\"}}", -EIO,
         "stream sealed"},
        {"{\"error\":{}}", -EIO, "without a reason"},
        {"", -EHOSTUNREACH, "no leader"},
        {"{\"stream\":\"CINTA\"}", -EIO, "no number"},
        {"+OK", -EIO, "no number"},
    };
    struct json_parser *parser = json_parser_create();
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct err err = {0};
        t_row(rows[i].text);
        t_int(nats_ack_read(parser, rows[i].text, strlen(rows[i].text), 17, &err), rows[i].rc);
        t_true(!rows[i].words || strstr(err.text, rows[i].words));
    }
    json_parser_destroy(parser);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
