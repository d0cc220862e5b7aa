/*
 * stream_error: the words and the errno of a failed call of JetStream. For this room.
 */
#ifndef NATS_STREAM_ERROR_H
#define NATS_STREAM_ERROR_H

#include "nats/link.h"

/* `status` is a natsStatus; `what` is "bucket CINTA_LEASE". Returns the errno of nats_link_fail(),
 * or -EOPNOTSUPP when the server has no JetStream.
 */
int jetstream_error(const struct nats_link *link, int status, const char *what, struct err *err);

/* `status` is a natsStatus; `code` a jsErrCode, 0 when the server did not answer with an error of
 * JetStream. Returns the errno. */
int stream_error(const struct nats_link *link, int status, int code, const char *stream,
                 struct err *err);

#endif
