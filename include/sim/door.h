/*
 * door: who may ask the simulated broker, as strictly as a real one decides it.
 *
 * One user, one token at a time: asking again returns the same one until it expires; after that, or
 * when it was forgotten, only a new one is accepted.
 */
#ifndef SIM_DOOR_H
#define SIM_DOOR_H

#include "net/loop.h"
#include "serve/primary_api.h"

#define DOOR_WORD_MAX 127 /* longer users and passwords would be cut */

/* How a stream may prove who it is, as bits. */
enum door_proof { DOOR_HEADER = 1, DOOR_COOKIE = 2, DOOR_QUERY = 4 };

struct door {
    struct loop *loop; /* for the time */
    char user[DOOR_WORD_MAX + 1], password[DOOR_WORD_MAX + 1];
    int64_t ttl_ms;
    char token[64]; /* "" = none */
    int64_t expires_ms;
    int64_t logins, refused, unauthorized;
};

void door_init(struct door *door, struct loop *loop, const char *user, const char *password,
               int64_t ttl_ms);
void door_forget(struct door *door); /* every token is dead from now on */
struct api_auth door_auth(struct door *door);
/* May this request become a stream, by one of these proofs? */
bool door_lets_in(struct door *door, const struct api_request *request, unsigned proofs);

#endif
