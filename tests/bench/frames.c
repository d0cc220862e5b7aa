/*
 * The least that any client of a stream must do: recv(), and the limits of the frames. Nothing of
 * what they contain is read.
 *
 *   bench_frames PORT MESSAGES SNAPSHOTS FRAMES
 *
 * Subscribes with the lines of the file MESSAGES, each a text message. After SNAPSHOTS frames it
 * prints "ready"; after FRAMES more it reports "ended_s", the monotonic time, and "us", its CPU per
 * frame since it was ready.
 */
#include "report.h"
#include "ws_peer.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BUFFER_BYTES (256 * 1024)

struct stream {
    int fd;
    size_t len_bytes;
    unsigned char *data;
};

static void subscribe(int fd, const char *path)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t size = 0;
    if (!file)
        report_fail("%s: %s", path, strerror(errno));
    while (getline(&line, &size, file) > 0) {
        line[strcspn(line, "\n")] = '\0';
        ws_peer_send_frame(fd, 1, line, strlen(line));
    }
    free(line);
    fclose(file);
}

/* The length of the frame, 0 while it is incomplete. */
static size_t frame_bytes(const unsigned char *frame, size_t left)
{
    size_t len_bytes = left < 4 ? 0 : frame[1], head_bytes = 2;
    if (left < 4)
        return 0;
    if (len_bytes == 126) {
        len_bytes = (size_t)frame[2] << 8 | frame[3];
        head_bytes = 4;
    } else if (len_bytes > 126) {
        report_fail("a frame that is longer than 64 kB, or masked");
    }
    return left < head_bytes + len_bytes ? 0 : head_bytes + len_bytes;
}

/* Receives what is there; returns the number of complete frames. */
static int64_t receive(struct stream *s)
{
    ssize_t n = recv(s->fd, s->data + s->len_bytes, BUFFER_BYTES - s->len_bytes, 0);
    size_t from = 0, len_bytes;
    int64_t count = 0;
    if (n <= 0)
        report_fail("the server has disconnected");
    s->len_bytes += (size_t)n;
    for (; (len_bytes = frame_bytes(s->data + from, s->len_bytes - from)) > 0; count++)
        from += len_bytes;
    s->len_bytes -= from;
    memmove(s->data, s->data + from, s->len_bytes);
    return count;
}

static double monotonic_s(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    if (argc != 5)
        report_fail("usage: bench_frames PORT MESSAGES SNAPSHOTS FRAMES");
    struct stream s = {.fd = ws_peer_open(atoi(argv[1])), .data = malloc(BUFFER_BYTES)};
    int64_t snapshots = atoll(argv[3]), frames = atoll(argv[4]), left = snapshots;
    if (!s.data || frames < 1)
        report_fail("cannot start");
    subscribe(s.fd, argv[2]);
    while (left > 0)
        left -= receive(&s);
    puts("ready");
    fflush(stdout);
    const struct stopwatch watch = stopwatch_start();
    for (left += frames; left > 0;)
        left -= receive(&s);
    const struct stopwatch took = stopwatch_read(&watch);
    printf("ended_s %.9f\n", monotonic_s());
    report("us", took.process_s * 1e6 / (double)frames);
    free(s.data);
    close(s.fd);
    return 0;
}
