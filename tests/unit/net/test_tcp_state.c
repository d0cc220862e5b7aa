#include "net/tcp_state.h"

#include "support/t.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void make_tcp_pair(int fds[2])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int listening = socket(AF_INET, SOCK_STREAM, 0);
    t_int(bind(listening, (struct sockaddr *)&address, sizeof(address)), 0);
    t_int(listen(listening, 1), 0);
    t_int(getsockname(listening, (struct sockaddr *)&address, &len), 0);
    fds[0] = socket(AF_INET, SOCK_STREAM, 0);
    t_int(connect(fds[0], (struct sockaddr *)&address, sizeof(address)), 0);
    fds[1] = accept(listening, NULL, NULL);
    close(listening);
}

/* Fills the sockets: nothing more arrives until the peer reads. */
static void fill(int fd)
{
    static const char piece[65536];
    while (send(fd, piece, sizeof(piece), MSG_DONTWAIT) > 0)
        ;
}

static void the_number_changes_when_the_peer_reads(void **state)
{
    static char piece[65536];
    (void)state;
    for (int tcp = 0; tcp < 2; tcp++) {
        int fds[2];
        t_row(tcp ? "TCP" : "Unix");
        if (tcp)
            make_tcp_pair(fds);
        else
            t_int(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
        fill(fds[0]);
        int64_t before = tcp_progress(fds[0]);
        while (tcp_progress(fds[0]) == before && recv(fds[1], piece, sizeof(piece), 0) > 0)
            ;
        t_true(tcp_progress(fds[0]) != before);
        t_true(tcp_idle_ms(fds[0]) >= 0);
        close(fds[0]);
        close(fds[1]);
    }
}

static void what_is_not_a_socket(void **state)
{
    (void)state;
    t_int(tcp_progress(-1), 0);
    t_int(tcp_idle_ms(-1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_number_changes_when_the_peer_reads),
        cmocka_unit_test(what_is_not_a_socket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
