/*
 * link: one connection to a NATS server or cluster, with its JetStream context.
 *
 * Blocks, therefore it is for threads other than the loop's; one thread at a time. It does not
 * reconnect by itself: whoever uses it finds out with nats_link_up() or by an error, closes it, and
 * opens another one when it decides to. Secrets are read from their files at each opening, so that
 * a changed one needs no restart.
 */
#ifndef NATS_LINK_H
#define NATS_LINK_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Borrowed during nats_link_open(). Files that are "" are not used. */
struct nats_settings {
    const char *section;       /* of the configuration, for errors: "sink" */
    const char *servers;       /* nats://host:port or tls://host:port, separated by commas */
    const char *user;          /* "" = no user and password */
    const char *password_file; /* "": the credential cinta-nats-password of systemd, if any */
    const char *token_file;
    const char *credentials_file; /* of a JWT user, as `nsc` writes it */
    const char *ca_file;          /* "": the system's */
    const char *certificate_file, *key_file;
    const char *name; /* which the server shows for the connection */
    int64_t wait_ms;  /* the longest time that a call waits for the server; 0 = NATS_WAIT_MS */
};

#define NATS_SERVERS_MAX 16
#define NATS_WAIT_MS     4000

struct nats_link;

/*
 * Tries the servers in random order. -ENOPKG: no library; -EACCES: a secret cannot be read, or was
 * refused; -EPROTO: TLS failed; -EHOSTUNREACH: no server can be reached.
 */
int nats_link_open(struct nats_link **out, const struct nats_settings *settings, struct err *err);
void nats_link_close(struct nats_link *link);

bool nats_link_up(const struct nats_link *link);
/* The server it is connected to, "nats://127.0.0.1:4222". Borrowed. */
const char *nats_link_server(const struct nats_link *link);

/* For this room. */
struct __natsSubscription;
/* Ends the subscription, and frees it when the link is closed: libnats 3.4 may still hand a message
 * to it that has arrived at the same moment. NULL is ignored. */
void nats_link_retire(struct nats_link *link, struct __natsSubscription *subscription);
struct __natsConnection;
struct __jsCtx;
struct __natsConnection *nats_link_connection(const struct nats_link *link);
struct __jsCtx *nats_link_jetstream(const struct nats_link *link);
/* Fills in `what` and the library's reason for `status`, a natsStatus. Returns its errno. */
int nats_link_fail(const struct nats_link *link, int status, const char *what, struct err *err);

#endif
