#include "net/tcp_try.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct address {
    struct sockaddr_storage storage;
    socklen_t len;
};

static int parse(const char *text, int port, struct address *out)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)&out->storage;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&out->storage;
    memset(out, 0, sizeof(*out));
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)port);
        out->len = sizeof(*v4);
        return 0;
    }
    if (inet_pton(AF_INET6, text, &v6->sin6_addr) != 1)
        return -EINVAL;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons((uint16_t)port);
    out->len = sizeof(*v6);
    return 0;
}

static int wait_for(int fd, int64_t until_ms)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    int rc, code = 0;
    socklen_t len = sizeof(code);
    do {
        int64_t left = until_ms - clock_now().mono_ms;
        rc = poll(&ready, 1, left > 0 ? (int)left : 0);
    } while (rc < 0 && errno == EINTR);
    if (rc <= 0)
        return rc ? -errno : -ETIMEDOUT;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &len))
        return -errno;
    return -code;
}

static int try_one(const struct address *address, int64_t until_ms)
{
    int fd = socket(address->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    int rc = connect(fd, (const struct sockaddr *)&address->storage, address->len) ? -errno : 0;
    if (rc == -EINPROGRESS)
        rc = wait_for(fd, until_ms);
    close(fd);
    return rc;
}

/* The next address of the list, without brackets. Returns what follows it, NULL at the end. */
static const char *next(const char *list, char out[TCP_TRY_ADDRESS])
{
    size_t len = strcspn(list, ","), from = *list == '[';
    size_t shown = len > from && list[len - 1] == ']' ? len - 1 : len;
    snprintf(out, TCP_TRY_ADDRESS, "%.*s", (int)(shown - from), list + from);
    return list[len] ? list + len + 1 : NULL;
}

int tcp_try(const char *addresses, int port, int64_t timeout_ms, char tried[TCP_TRY_ADDRESS])
{
    int64_t until_ms = clock_now().mono_ms + timeout_ms;
    int first = 0;
    for (const char *rest = addresses; rest;) {
        struct address address;
        rest = next(rest, tried);
        int rc = parse(tried, port, &address);
        /* An address that does not answer must not use up the time of those after it. */
        int64_t now_ms = clock_now().mono_ms;
        if (rc == 0)
            rc = try_one(&address, rest ? now_ms + (until_ms - now_ms) / 2 : until_ms);
        if (rc == 0)
            return 0;
        first = first ? first : rc;
    }
    return first;
}
