/*
 * Clients of a relay of market data, in one process and one thread, so that they are not the
 * bottleneck.
 *
 *   bench_relay PORT CLIENTS SNAPSHOTS MESSAGES OUT
 *
 * Each line of the file MESSAGES is "CLIENT MESSAGE": the text that the client with this number
 * (-1: each) sends when connected. After SNAPSHOTS frames in total it prints "ready". When standard
 * input ends and nothing has arrived for some time, it writes the TV of each frame that came, and
 * the monotonic time in nanoseconds at which it was received, to OUT as pairs of int64_t.
 */
#include "report.h"
#include "ws_peer.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BUFFER_BYTES (256 * 1024)
#define EVENTS       64
#define QUIET_MS     500   /* nothing more is expected after it */
#define PATIENCE_MS  20000 /* for the rest */

struct client {
    int fd;
    size_t len_bytes;
    unsigned char *data;
};

struct arrival {
    int64_t volume, at_ns;
};

struct relay {
    struct client *clients;
    int count, epoll;
    struct arrival *arrivals;
    int64_t arrivals_count, arrivals_capacity;
    int64_t snapshots;
};

static int64_t now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* --- receiving -------------------------------------------------------------------------------- */

static void note(struct relay *r, const unsigned char *text, size_t len_bytes, int64_t at_ns)
{
    const unsigned char *volume = memmem(text, len_bytes, "\"TV\":", 5);
    if (!volume)
        report_fail("a frame without TV: %.*s", (int)len_bytes, (const char *)text);
    if (r->arrivals_count == r->arrivals_capacity) {
        r->arrivals_capacity = r->arrivals_capacity * 2 + 4096;
        r->arrivals = realloc(r->arrivals, (size_t)r->arrivals_capacity * sizeof(*r->arrivals));
        if (!r->arrivals)
            report_fail("no memory");
    }
    r->arrivals[r->arrivals_count++] =
        (struct arrival){(int64_t)strtod((const char *)volume + 5, NULL), at_ns};
    if (r->arrivals_count == r->snapshots) {
        puts("ready");
        fflush(stdout);
    }
}

/* Takes the first frame; returns its length, 0 while it is incomplete. */
static size_t take_frame(struct relay *r, const struct client *c, size_t from, int64_t at_ns)
{
    const unsigned char *frame = c->data + from;
    size_t left = c->len_bytes - from, head_bytes = 2;
    if (left < 4)
        return 0;
    size_t len_bytes = frame[1];
    if (len_bytes == 126) {
        len_bytes = (size_t)frame[2] << 8 | frame[3];
        head_bytes = 4;
    } else if (len_bytes > 126) {
        report_fail("a frame that is longer than 64 kB, or masked");
    }
    if (left < head_bytes + len_bytes)
        return 0;
    if (frame[0] == 0x81)
        note(r, frame + head_bytes, len_bytes, at_ns);
    else if (frame[0] == 0x89)
        ws_peer_send_frame(c->fd, 0xA, frame + head_bytes, len_bytes);
    else
        report_fail("unexpected frame, first byte %02x", frame[0]);
    return head_bytes + len_bytes;
}

static void receive(struct relay *r, struct client *c)
{
    ssize_t n = recv(c->fd, c->data + c->len_bytes, BUFFER_BYTES - c->len_bytes, MSG_DONTWAIT);
    int64_t at_ns = now_ns();
    size_t from = 0, len_bytes;
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0)
        report_fail("the relay has disconnected a client");
    c->len_bytes += (size_t)n;
    while ((len_bytes = take_frame(r, c, from, at_ns)) > 0)
        from += len_bytes;
    c->len_bytes -= from;
    memmove(c->data, c->data + from, c->len_bytes);
}

/* Returns whether anything arrived. */
static bool serve(struct relay *r, int wait_ms, bool *ended)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(r->epoll, events, EVENTS, wait_ms);
    for (int n = 0; n < count; n++) {
        if (events[n].data.ptr)
            receive(r, events[n].data.ptr);
        else
            *ended = true;
    }
    return count > 0;
}

/* --- connecting ------------------------------------------------------------------------------- */

static void watch(struct relay *r, int fd, struct client *c)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    if (epoll_ctl(r->epoll, EPOLL_CTL_ADD, fd, &event))
        report_fail("epoll_ctl: %s", strerror(errno));
}

static void open_client(struct relay *r, struct client *c, int port)
{
    c->fd = ws_peer_open(port);
    c->data = malloc(BUFFER_BYTES);
    if (!c->data)
        report_fail("no memory");
    watch(r, c->fd, c);
}

static void ask(struct relay *r, const char *path)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t size = 0;
    bool ended = false;
    if (!file)
        report_fail("%s: %s", path, strerror(errno));
    while (getline(&line, &size, file) > 0) {
        char *text;
        long number = strtol(line, &text, 10);
        text[strcspn(text, "\n")] = '\0';
        for (int n = 0; n < r->count; n++) {
            if (number == -1 || number == n)
                ws_peer_send_frame(r->clients[n].fd, 1, text + 1, strlen(text + 1));
            serve(r, 0, &ended);
        }
    }
    free(line);
    fclose(file);
}

/* --- the run ---------------------------------------------------------------------------------- */

static void write_arrivals(const struct relay *r, const char *path)
{
    size_t count = (size_t)r->arrivals_count;
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(r->arrivals, sizeof(*r->arrivals), count, file) != count || fclose(file))
        report_fail("%s: %s", path, strerror(errno));
}

static void run(struct relay *r)
{
    bool ended = false;
    watch(r, STDIN_FILENO, NULL);
    while (!ended)
        serve(r, -1, &ended);
    epoll_ctl(r->epoll, EPOLL_CTL_DEL, STDIN_FILENO, NULL);
    int64_t until_ns = now_ns() + (int64_t)PATIENCE_MS * 1000000;
    while (serve(r, QUIET_MS, &ended) && now_ns() < until_ns)
        continue;
}

int main(int argc, char **argv)
{
    if (argc != 6)
        report_fail("usage: bench_relay PORT CLIENTS SNAPSHOTS MESSAGES OUT");
    struct relay r = {.count = atoi(argv[2]), .snapshots = atoll(argv[3])};
    r.epoll = epoll_create1(EPOLL_CLOEXEC);
    r.clients = calloc((size_t)r.count, sizeof(*r.clients));
    if (r.epoll < 0 || !r.clients)
        report_fail("cannot start: %s", strerror(errno));
    for (int n = 0; n < r.count; n++)
        open_client(&r, &r.clients[n], atoi(argv[1]));
    ask(&r, argv[4]);
    run(&r);
    write_arrivals(&r, argv[5]);
    for (int n = 0; n < r.count; n++) {
        close(r.clients[n].fd);
        free(r.clients[n].data);
    }
    free(r.clients);
    free(r.arrivals);
    close(r.epoll);
    return 0;
}
