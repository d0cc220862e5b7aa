#include "net/listener.h"

#include "net/unix_socket.h"
#include "support/group_folder.h"
#include "support/t.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
    struct loop *loop;
    struct listener *listener;
    int wanted, got; /* clients; the loop stops at the wanted number */
    int fds[64];
};

static void on_accepted(void *arg, int fd)
{
    struct fixture *f = arg;
    f->fds[f->got++] = fd;
    if (f->got == f->wanted)
        loop_stop(f->loop);
}

static int create(struct fixture *f, struct listener_address address, struct err *err)
{
    const struct listener_parts parts = {f->loop, address, on_accepted, f};
    return listener_create(&f->listener, &parts, err);
}

static int dial(int family, int port)
{
    const struct sockaddr_in to4 = {.sin_family = AF_INET,
                                    .sin_port = htons((uint16_t)port),
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct sockaddr_in6 to6 = {.sin6_family = AF_INET6,
                                     .sin6_port = htons((uint16_t)port),
                                     .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int rc = family == AF_INET ? connect(fd, (const struct sockaddr *)&to4, sizeof(to4))
                               : connect(fd, (const struct sockaddr *)&to6, sizeof(to6));
    if (rc == 0)
        return fd;
    close(fd);
    return -1;
}

static void run_until(struct fixture *f, int wanted)
{
    f->wanted = wanted;
    if (f->got < wanted)
        loop_run(f->loop);
}

static void end(struct fixture *f)
{
    for (int i = 0; i < f->got; i++)
        close(f->fds[i]);
    listener_destroy(f->listener);
    loop_destroy(f->loop);
}

static void clients_are_accepted(void **state)
{
    enum { CLIENTS = 40 }; /* more than are accepted in one call */
    struct fixture f = {.loop = loop_create()};
    int clients[CLIENTS];
    struct err err;
    (void)state;
    t_int(create(&f, (struct listener_address){.host = "127.0.0.1"}, &err), 0);
    int port = listener_port(f.listener);
    t_true(port > 0);
    t_true(listener_reachable(f.listener));
    t_int(dial(AF_INET6, port), -1); /* on the given address only */
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = dial(AF_INET, port);
    run_until(&f, CLIENTS);
    t_true(fcntl(f.fds[0], F_GETFD) & FD_CLOEXEC);
    t_true(fcntl(f.fds[0], F_GETFL) & O_NONBLOCK);
    for (int i = 0; i < CLIENTS; i++)
        close(clients[i]);
    end(&f);
}

static void ipv6(void **state)
{
    struct fixture f = {.loop = loop_create()};
    struct err err;
    (void)state;
    int rc = create(&f, (struct listener_address){.host = "::1"}, &err);
    if (rc == -EADDRNOTAVAIL || rc == -EAFNOSUPPORT) { /* this machine has no IPv6 */
        loop_destroy(f.loop);
        skip();
    }
    t_int(rc, 0);
    int client = dial(AF_INET6, listener_port(f.listener));
    t_true(client >= 0);
    run_until(&f, 1);
    close(client);
    end(&f);
}

static void addresses_that_cannot_be_used(void **state)
{
    struct fixture f = {.loop = loop_create()}, second = {.loop = f.loop};
    struct err err;
    (void)state;
    t_int(create(&f, (struct listener_address){.host = "127.0.0.1"}, &err), 0);
    int port = listener_port(f.listener);
    t_int(create(&second, (struct listener_address){.host = "127.0.0.1", .port = port}, &err),
          -EADDRINUSE);
    t_contains(err.text, "the port is in use");
    t_int(create(&second, (struct listener_address){.host = "203.0.113.7"}, &err), -EADDRNOTAVAIL);
    t_contains(err.text, "203.0.113.7:0: this machine has no such address");
    t_int(create(&second, (struct listener_address){.host = "localhost"}, &err), -EINVAL);
    t_contains(err.text, "localhost is not an IP address");
    t_int(create(&second, (struct listener_address){.path = "/no/such/folder/s"}, &err), -ENOENT);
    t_contains(err.text, "/no/such/folder/s");
    t_true(second.listener == NULL);
    end(&f);
}

static void a_unix_socket(void **state)
{
    struct fixture f = {.loop = loop_create()};
    char path[64];
    struct stat st;
    struct err err;
    (void)state;
    snprintf(path, sizeof(path), "%s/s", folder);
    t_int(create(&f, (struct listener_address){.path = path, .mode = 0660}, &err), 0);
    t_int(listener_port(f.listener), 0);
    t_int(stat(path, &st), 0);
    t_int(st.st_mode & 0777, 0660);
    int client = unix_socket_connect(path);
    run_until(&f, 1);
    close(client);
    t_true(listener_reachable(f.listener));
    t_int(unlink(path), 0);
    t_true(!listener_reachable(f.listener));
    FILE *other = fopen(path, "w");
    fclose(other);
    t_true(!listener_reachable(f.listener));
    end(&f);
    t_int(stat(path, &st), 0); /* the file that replaced it is not removed */
    unlink(path);
}

static void a_removed_unix_socket_is_made_again(void **state)
{
    struct fixture f = {.loop = loop_create()};
    char path[64], away[64], name[64];
    struct err err;
    (void)state;
    snprintf(path, sizeof(path), "%s/again", folder);
    snprintf(away, sizeof(away), "%s/away", folder);
    snprintf(name, sizeof(name), "%s/away/s", folder);
    t_int(create(&f, (struct listener_address){.path = path, .mode = 0660}, &err), 0);
    t_int(listener_renew(f.listener, &err), 0);
    int early = unix_socket_connect(path);
    run_until(&f, 1);
    unlink(path);
    t_int(listener_renew(f.listener, &err), 1);
    t_int(listener_renew(f.listener, &err), 0);
    int late = unix_socket_connect(path);
    t_true(late >= 0);
    run_until(&f, 2);
    t_int(send(early, "x", 1, MSG_NOSIGNAL), 1); /* is still connected */
    close(early);
    close(late);

    t_row("replaced by a file");
    unlink(path);
    fclose(fopen(path, "w"));
    t_int(listener_renew(f.listener, &err), -EEXIST);
    t_contains(err.text, "the path is not a socket");
    unlink(path);
    t_int(listener_renew(f.listener, &err), 1);
    end(&f);

    t_row("its folder is missing for a time");
    f = (struct fixture){.loop = loop_create()};
    mkdir(away, 0700);
    t_int(create(&f, (struct listener_address){.path = name, .mode = 0660}, &err), 0);
    unlink(name);
    rmdir(away);
    t_int(listener_renew(f.listener, &err), -ENOENT);
    mkdir(away, 0700);
    t_int(listener_renew(f.listener, &err), 1);
    late = unix_socket_connect(name);
    run_until(&f, 1);
    close(late);
    end(&f);
    rmdir(away);

    t_row("TCP");
    f = (struct fixture){.loop = loop_create()};
    t_int(create(&f, (struct listener_address){.host = "127.0.0.1"}, &err), 0);
    t_int(listener_renew(f.listener, &err), 0);
    end(&f);
}

static void give_descriptors_back(void *arg)
{
    setrlimit(RLIMIT_NOFILE, arg);
}

static void without_free_descriptors_clients_wait(void **state)
{
    struct fixture f = {.loop = loop_create()};
    struct rlimit before, none;
    struct err err;
    (void)state;
    t_int(create(&f, (struct listener_address){.host = "127.0.0.1"}, &err), 0);
    int client = dial(AF_INET, listener_port(f.listener));
    struct loop_timer *timer = loop_timer_create(f.loop, give_descriptors_back, &before);
    getrlimit(RLIMIT_NOFILE, &before);
    int spare = open("/dev/null", O_RDONLY | O_CLOEXEC); /* the lowest free one */
    close(spare);
    none = (struct rlimit){(rlim_t)spare, before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    loop_timer_set(timer, 50);
    run_until(&f, 1);
    t_int(f.got, 1);
    loop_timer_destroy(timer);
    close(client);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients_are_accepted),
        cmocka_unit_test(ipv6),
        cmocka_unit_test(addresses_that_cannot_be_used),
        cmocka_unit_test(a_unix_socket),
        cmocka_unit_test(a_removed_unix_socket_is_made_again),
        cmocka_unit_test(without_free_descriptors_clients_wait),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
