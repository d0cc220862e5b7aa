#include "net/tcp_try.h"

#include "support/t.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* A listener on a port of its own. */
static int listen_at(int *port, int backlog)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    t_int(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    t_int(listen(fd, backlog), 0);
    t_int(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static void an_open_and_a_closed_port(void **state)
{
    (void)state;
    char tried[TCP_TRY_ADDRESS];
    int port, fd = listen_at(&port, 5);
    t_int(tcp_try("127.0.0.1", port, 5000, tried), 0);
    t_str(tried, "127.0.0.1");
    close(fd);
    t_int(tcp_try("127.0.0.1", port, 5000, tried), -ECONNREFUSED);
}

/* The second address accepts; the reason of a failure is that of the first one. */
static void several_addresses(void **state)
{
    (void)state;
    char tried[TCP_TRY_ADDRESS];
    int port, fd = listen_at(&port, 5);
    t_int(tcp_try("127.0.0.2,127.0.0.1", port, 5000, tried), 0);
    t_str(tried, "127.0.0.1");
    t_int(tcp_try("[::1],127.0.0.1", port, 5000, tried), 0);
    t_int(tcp_try("nonsense,127.0.0.1", port, 5000, tried), 0);
    t_int(tcp_try("nonsense", port, 5000, tried), -EINVAL);
    t_int(tcp_try("", port, 5000, tried), -EINVAL);
    close(fd);
    t_int(tcp_try("127.0.0.2,nonsense", port, 5000, tried), -ECONNREFUSED);
    t_str(tried, "nonsense");
}

/* A full queue: the kernel drops further connections, as a firewall does. */
static void a_port_that_does_not_answer(void **state)
{
    (void)state;
    char tried[TCP_TRY_ADDRESS];
    int port, listener = listen_at(&port, 0), clients[4];
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)port)};
    for (int i = 0; i < 4; i++) {
        clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)!connect(clients[i], (struct sockaddr *)&address, sizeof(address));
    }
    t_int(tcp_try("127.0.0.1", port, 50, tried), -ETIMEDOUT);
    for (int i = 0; i < 4; i++)
        close(clients[i]);
    close(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_open_and_a_closed_port),
        cmocka_unit_test(several_addresses),
        cmocka_unit_test(a_port_that_does_not_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
