/*
 * virtual_terminal: the browser terminal of the broker: its sessions, and the lines of its stream;
 * and a public terminal, which has no logins.
 *
 * Used by virtual_broker, which answers its requests, and by virtual_stream, which has its socket.
 */
#ifndef SCENARIO_VIRTUAL_TERMINAL_H
#define SCENARIO_VIRTUAL_TERMINAL_H

#include "net/http_headers.h"

#include <stdbool.h>
#include <stddef.h>

bool terminal_has(const char *url); /* is of the terminal, at terminal.test, or of the public one */
void terminal_end_session(void);    /* its cookies and ids are no longer valid */

/* The answer to the profile as JSON, and its Set-Cookie line. */
void terminal_put_profile(const struct http_headers *headers, char *out, size_t size);
/* A login: false if the CSRF value or the Origin is missing. `cookie`: "Set-Cookie: ...". */
bool terminal_log_in(const struct http_headers *headers, char *cookie, size_t size);
void terminal_put_list(char *out, size_t size);

/* Whether a handshake with this URL and these headers is accepted. */
bool terminal_admits(const char *url, const struct http_headers *headers);

/* The instrument of a topic such as "md.rx_DDF_SIM_03", which begins at `topic`; -1 = none. */
int terminal_find(const char *topic);
void terminal_put_line(char *out, size_t size, int instrument);

#endif
