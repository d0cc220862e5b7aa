/*
 * The least that any relay must do: it passes on the bytes that the broker sends, and reads none of
 * them. One recv() for what has arrived, and one send() of that to each client.
 *
 *   bench_relay_bare PORT_OF_BROKER INSTRUMENTS MESSAGES READY_FILE
 *
 * Subscribes at the broker with the lines of the file MESSAGES (as for bench_relay) and keeps the
 * snapshots; then it listens at a free port, which it writes to READY_FILE. Each client gets the
 * snapshots after its first message, and what the broker sends from then on. Runs until it is
 * killed.
 */
#include "report.h"
#include "ws_peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define EVENTS        64
#define CLIENTS_MAX   1000
#define CHUNK_BYTES   65536
#define SNAPSHOTS_MAX (64 * 1024 * 1024)

struct peer {
    int fd;
    enum { BROKER, LISTENER, ASKS, UPGRADED, SERVED } state;
};

struct relay {
    int epoll;
    struct peer broker, listener, clients[CLIENTS_MAX];
    int count;
    char *snapshots;
    size_t snapshots_bytes;
};

static void watch(const struct relay *r, struct peer *p)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = p};
    if (epoll_ctl(r->epoll, EPOLL_CTL_ADD, p->fd, &event))
        report_fail("epoll_ctl: %s", strerror(errno));
}

/* --- the broker ------------------------------------------------------------------------------- */

static void subscribe(const struct relay *r, const char *path)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t size = 0;
    if (!file)
        report_fail("%s: %s", path, strerror(errno));
    while (getline(&line, &size, file) > 0) {
        char *text = strchr(line, ' ') + 1;
        text[strcspn(text, "\n")] = '\0';
        ws_peer_send_frame(r->broker.fd, 1, text, strlen(text));
    }
    free(line);
    fclose(file);
}

static int count_frames(const char *data, size_t len_bytes)
{
    int count = 0;
    for (const char *at = data; (at = memmem(at, len_bytes - (size_t)(at - data), "{\"type\"", 7));
         at++)
        count++;
    return count;
}

/* Nothing follows them: the broker sends the tape later. */
static void take_snapshots(struct relay *r, int instruments)
{
    r->snapshots = malloc(SNAPSHOTS_MAX);
    if (!r->snapshots)
        report_fail("no memory");
    while (count_frames(r->snapshots, r->snapshots_bytes) < instruments ||
           r->snapshots[r->snapshots_bytes - 1] != '}') {
        ssize_t n = recv(r->broker.fd, r->snapshots + r->snapshots_bytes,
                         SNAPSHOTS_MAX - r->snapshots_bytes, 0);
        if (n <= 0)
            report_fail("the broker sends no snapshots");
        r->snapshots_bytes += (size_t)n;
    }
}

static void pass_on(struct relay *r)
{
    char data[CHUNK_BYTES];
    ssize_t n = recv(r->broker.fd, data, sizeof(data), MSG_DONTWAIT);
    if (n == 0)
        report_fail("the broker has disconnected");
    for (int i = 0; n > 0 && i < r->count; i++) {
        if (r->clients[i].state == SERVED &&
            send(r->clients[i].fd, data, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) != n)
            report_fail("a client does not read");
    }
}

/* --- clients ---------------------------------------------------------------------------------- */

static void listen_at(struct relay *r, const char *ready)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    char new_name[4096];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) || listen(fd, CLIENTS_MAX) ||
        getsockname(fd, (struct sockaddr *)&address, &len))
        report_fail("cannot listen: %s", strerror(errno));
    r->listener = (struct peer){fd, LISTENER};
    watch(r, &r->listener);
    snprintf(new_name, sizeof(new_name), "%s.new", ready);
    FILE *file = fopen(new_name, "w");
    if (!file || fprintf(file, "%d", ntohs(address.sin_port)) < 0 || fclose(file) ||
        rename(new_name, ready))
        report_fail("%s: %s", ready, strerror(errno));
}

static void accept_client(struct relay *r)
{
    int yes = 1, fd = accept4(r->listener.fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0 || r->count == CLIENTS_MAX)
        report_fail("cannot accept a client");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    struct peer *p = &r->clients[r->count++];
    *p = (struct peer){fd, ASKS};
    watch(r, p);
}

/* What a client says is not read: first the request to upgrade, then its subscriptions. */
static void hear(const struct relay *r, struct peer *p)
{
    static const char answer[] =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Accept: " WS_PEER_ACCEPT "\r\n\r\n";
    char data[CHUNK_BYTES];
    if (recv(p->fd, data, sizeof(data), MSG_DONTWAIT) == 0)
        exit(0);
    if (p->state == ASKS) {
        ws_peer_send_all(p->fd, answer, sizeof(answer) - 1);
        p->state = UPGRADED;
    } else if (p->state == UPGRADED) {
        ws_peer_send_all(p->fd, r->snapshots, r->snapshots_bytes);
        p->state = SERVED;
    }
}

static void take(struct relay *r, struct peer *p)
{
    if (p->state == BROKER)
        pass_on(r);
    else if (p->state == LISTENER)
        accept_client(r);
    else
        hear(r, p);
}

int main(int argc, char **argv)
{
    static struct relay r;
    if (argc != 5)
        report_fail("usage: bench_relay_bare PORT_OF_BROKER INSTRUMENTS MESSAGES READY_FILE");
    r.epoll = epoll_create1(EPOLL_CLOEXEC);
    r.broker = (struct peer){ws_peer_open(atoi(argv[1])), BROKER};
    subscribe(&r, argv[3]);
    take_snapshots(&r, atoi(argv[2]));
    watch(&r, &r.broker);
    listen_at(&r, argv[4]);
    for (;;) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(r.epoll, events, EVENTS, -1);
        for (int n = 0; n < count; n++)
            take(&r, events[n].data.ptr);
    }
}
