#include "ws_peer.h"

#include "report.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

void ws_peer_send_all(int fd, const void *data, size_t len_bytes)
{
    const char *next = data;
    while (len_bytes > 0) {
        ssize_t n = send(fd, next, len_bytes, MSG_NOSIGNAL);
        if (n <= 0)
            report_fail("the peer does not accept a message: %s", strerror(errno));
        next += n;
        len_bytes -= (size_t)n;
    }
}

/* The masking key is 0, so the text is sent as it is. */
void ws_peer_send_frame(int fd, unsigned char opcode, const void *data, size_t len_bytes)
{
    unsigned char head[8] = {0x80 | opcode, 0x80};
    size_t head_bytes = 6;
    if (len_bytes < 126) {
        head[1] |= (unsigned char)len_bytes;
    } else {
        head[1] |= 126;
        head[2] = (unsigned char)(len_bytes >> 8);
        head[3] = (unsigned char)len_bytes;
        head_bytes = 8;
    }
    if (len_bytes > UINT16_MAX)
        report_fail("a message of more than 64 kB");
    ws_peer_send_all(fd, head, head_bytes);
    ws_peer_send_all(fd, data, len_bytes);
}

static void upgrade(int fd, int port)
{
    char text[4096];
    size_t used = 0;
    int len = snprintf(text, sizeof(text),
                       "GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                       "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                       "Sec-WebSocket-Key: " WS_PEER_KEY "\r\n\r\n",
                       port);
    ws_peer_send_all(fd, text, (size_t)len);
    while (!memmem(text, used, "\r\n\r\n", 4)) {
        ssize_t n = used < sizeof(text) ? recv(fd, text + used, sizeof(text) - used, 0) : 0;
        if (n <= 0)
            report_fail("the server refuses a connection");
        used += (size_t)n;
    }
    if (!memmem(text, used, " 101 ", 5))
        report_fail("the server refuses a WebSocket");
}

int ws_peer_open(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int yes = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
        report_fail("cannot connect to port %d: %s", port, strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    upgrade(fd, port);
    return fd;
}
