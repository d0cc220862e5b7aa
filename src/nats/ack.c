#include "nats/ack.h"

#include "base/json.h"

#include <errno.h>
#include <nats/nats.h>

#define ERROR_STATUS      503   /* of JetStream, when it has no resources */
#define REPEAT_NOT_STORED 10158 /* since nats-server 2.11 */

static int repeat(struct err *err)
{
    return err_set(err, -EEXIST,
                   "the servers take the message for a repeat of one that they have not stored: it "
                   "is sent again with another id");
}

static int refused(const struct json *error, struct err *err)
{
    double code = 0, kind = 0;
    const char *words = json_string(json_get(error, "description"));
    json_number(json_get(error, "err_code"), &code);
    json_number(json_get(error, "code"), &kind);
    if (!words)
        words = "refused without a reason";
    if (code == JSStreamWrongLastSequenceErr || code == JSStreamWrongLastMsgIDErr)
        return err_set(err, -ESTALE,
                       "the stream has other messages than expected (%s): either a message was "
                       "lost, or another program publishes into it too",
                       words);
    if (code == REPEAT_NOT_STORED)
        return repeat(err);
    bool full = kind == ERROR_STATUS || code == JSStreamStoreFailedErr ||
                code == JSAccountResourcesExceededErr;
    return err_set(err, full ? -ENOSPC : -EIO, "the stream does not take the message: %s", words);
}

int nats_ack_read(struct json_parser *parser, const char *data, size_t len_bytes, uint64_t expected,
                  struct err *err)
{
    double number = -1;
    if (len_bytes == 0)
        return err_set(err, -EHOSTUNREACH,
                       "nobody takes the messages: the stream has no leader, or was deleted");
    const struct json *root = json_parse(parser, data, len_bytes, NULL);
    if (json_get(root, "error"))
        return refused(json_get(root, "error"), err);
    if (!json_number(json_get(root, "seq"), &number))
        return err_set(err, -EIO, "the answer of the stream has no number");
    if (number == 0)
        return repeat(err);
    if (number != (double)expected)
        return err_set(err, -ESTALE, "the stream stored a message as number %.0f instead of %llu",
                       number, (unsigned long long)expected);
    return 0;
}
