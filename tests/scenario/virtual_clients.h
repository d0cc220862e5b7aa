/*
 * virtual_clients: the clients of the local API, which replaces api/local_api at link time: what
 * they want, and nothing else.
 */
#ifndef SCENARIO_VIRTUAL_CLIENTS_H
#define SCENARIO_VIRTUAL_CLIENTS_H

#include <stdbool.h>

/* A client subscribes to this symbol. The run fails unless it is taken up, or refused at once. */
void clients_want(const char *symbol, bool taken);
void clients_leave(const char *symbol); /* nobody is subscribed to it any more */
void clients_ask(const char *symbol);   /* one request for its quote */
/* How many were told that the broker does not know what they want. */
int clients_refused(void);

#endif
