#include "server_fixture.h"

#include "net/unix_socket.h"

#include <sys/stat.h>

static char folder[] = "/tmp/cinta-serve-XXXXXX";
static char path[300];

static int listen_at(struct server **out, struct loop *loop, mode_t mode, struct err *err)
{
    const struct server_parts parts = {
        .loop = loop, .address = {.path = path, .mode = mode}, .handler = on_request};
    return server_create(out, &parts, err);
}

/* A server on the Unix socket instead of the fixture's, on the same loop. */
static int start_unix(void **state)
{
    struct err err = {0};
    int rc = start(state);
    struct running *r = *state;
    stop_loop(r);
    server_destroy(r->server);
    r->server = NULL;
    if (rc == 0 && listen_at(&r->server, r->loop, 0660, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    r->stopped = false;
    return pthread_create(&r->thread, NULL, run, r);
}

static int dial_unix(void)
{
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    int fd = unix_socket_connect(path);
    if (fd < 0)
        fail_msg("%s: cannot connect: %s", t_row_name, strerror(-fd));
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return fd;
}

static void requests_are_answered(void **state)
{
    struct running *r = *state;
    struct stat st;
    struct answer a;
    make_answer(&a);
    t_int(server_port(r->server), 0);
    t_int(stat(path, &st), 0);
    t_int(st.st_mode & 0777, 0660);
    int fd = dial_unix(), other = dial_unix();
    check_body(fd, "x", "GET x|||");
    get(fd, "slow/20/100000");
    check_body(other, "y", "GET y|||");
    t_true(read_answer(fd, &a));
    check_pattern(&a.body, 100000);
    get(fd, "hang");
    wait_in_flight(r, 1);
    close(fd);
    wait_in_flight(r, 0);
    close(other);
    buf_finish(&a.body);
}

static void the_socket_file_is_removed_at_the_end(void **state)
{
    struct running *r = *state;
    struct stat st;
    stop_loop(r);
    server_destroy(r->server);
    r->server = NULL;
    t_int(stat(path, &st), -1);
}

static void the_socket_of_a_running_server_is_not_taken(void **state)
{
    struct running *r = *state;
    struct server *second = NULL;
    struct err err = {0};
    t_int(listen_at(&second, r->loop, 0660, &err), -EADDRINUSE);
    t_contains(err.text, "another process listens on it");
    t_contains(err.text, path);
    int fd = dial_unix();
    check_body(fd, "x", "GET x|||");
    close(fd);
}

static int setup(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/socket", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    return rmdir(folder); /* fails when a socket is left */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(requests_are_answered, start_unix, finish),
        cmocka_unit_test_setup_teardown(the_socket_file_is_removed_at_the_end, start_unix, finish),
        cmocka_unit_test_setup_teardown(the_socket_of_a_running_server_is_not_taken, start_unix,
                                        finish),
    };
    signal(SIGPIPE, SIG_IGN); /* as every program with sockets does */
    return cmocka_run_group_tests(tests, setup, teardown);
}
