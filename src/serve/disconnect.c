#include "serve/disconnect.h"

#include <libwebsockets.h>
#include <sys/socket.h>

/* libwebsockets looks at its timers only after an event of its own, which the second call makes. */
void disconnect_soon(void *lws)
{
    lws_set_timeout(lws, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    lws_cancel_service(lws_get_context(lws));
}

/* connect() to AF_UNSPEC disconnects a TCP socket with RST; close() would send FIN. */
void disconnect_with_reset(void *lws)
{
    const struct sockaddr unspecified = {.sa_family = AF_UNSPEC};
    (void)connect(lws_get_socket_fd(lws), &unspecified, sizeof(unspecified));
}
