#include "net/responder.h"

#include "net/unix_socket.h"

#include "support/group_folder.h"
#include "support/t.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static void say(void *arg, struct buf *text)
{
    int *times = arg;
    buf_printf(text, "answer %d ", ++*times);
    for (int i = 0; i < 20000; i++)
        buf_puts(text, "0123456789");
}

struct asking {
    struct loop *loop;
    const char *path;
    int rc;
    struct buf text;
    struct loop_timer *look;
    pthread_t thread;
    volatile int done;
};

static void *ask(void *arg)
{
    struct asking *a = arg;
    a->rc = responder_ask(a->path, 20000, &a->text);
    __atomic_store_n(&a->done, 1, __ATOMIC_RELEASE);
    return NULL;
}

static void look(void *arg)
{
    struct asking *a = arg;
    if (__atomic_load_n(&a->done, __ATOMIC_ACQUIRE))
        loop_stop(a->loop);
    else
        loop_timer_set(a->look, 5);
}

/* Connects from another thread while the loop runs. */
static struct asking asked(struct loop *loop, const char *path)
{
    struct asking a = {.loop = loop, .path = path};
    buf_init(&a.text, 1024 * 1024);
    a.look = loop_timer_create(loop, look, &a);
    loop_timer_set(a.look, 0);
    pthread_create(&a.thread, NULL, ask, &a);
    loop_run(loop);
    pthread_join(a.thread, NULL);
    loop_timer_destroy(a.look);
    return a;
}

static void test_answers_each_client(void **state)
{
    (void)state;
    char path[256];
    int times = 0;
    struct loop *loop = loop_create();
    struct responder *r;
    struct err err;
    struct stat st;
    snprintf(path, sizeof(path), "%s/sock", folder);
    t_int(responder_create(&r, &(struct responder_parts){loop, path, say, &times}, &err), 0);
    t_int(stat(path, &st), 0);
    t_int(st.st_mode & 0777, 0600);
    for (int i = 1; i <= 3; i++) {
        struct asking a = asked(loop, path);
        t_int(a.rc, 0);
        t_int(a.text.len_bytes, 9 + 200000);
        t_int(atoi(buf_text(&a.text) + 7), i);
        buf_finish(&a.text);
    }
    responder_destroy(r);
    t_true(access(path, F_OK) != 0);
    loop_destroy(loop);
}

static void test_left_over_sockets_and_long_paths(void **state)
{
    (void)state;
    char deep[256], path[300];
    int times = 0;
    struct loop *loop = loop_create();
    struct responder *r;
    struct err err;
    snprintf(deep, sizeof(deep), "%s/%0150d", folder, 7); /* longer than sun_path */
    t_int(mkdir(deep, 0700), 0);
    snprintf(path, sizeof(path), "%s/sock", deep);
    close(unix_socket_listen(path, 0600, 1)); /* left by a process that was killed */
    t_int(responder_create(&r, &(struct responder_parts){loop, path, say, &times}, &err), 0);
    struct asking a = asked(loop, path);
    t_int(a.rc, 0);
    buf_finish(&a.text);
    responder_destroy(r);
    rmdir(deep);
    loop_destroy(loop);
}

static void test_errors_without_a_service(void **state)
{
    (void)state;
    char path[256];
    struct buf text;
    struct responder *r;
    struct err err;
    buf_init(&text, 1000);
    snprintf(path, sizeof(path), "%s/none", folder);
    t_int(responder_ask(path, 1000, &text), -ENOENT);
    t_int(responder_ask("/no/such/folder/sock", 1000, &text), -ENOENT);
    struct loop *loop = loop_create();
    t_int(responder_create(&r, &(struct responder_parts){loop, "/no/such/folder/sock", say, NULL},
                           &err),
          -ENOENT);
    t_contains(err.text, "/no/such/folder/sock");
    loop_destroy(loop);
    buf_finish(&text);
}

static void test_a_removed_socket_file_is_detected(void **state)
{
    (void)state;
    char path[64];
    struct responder *r, *second;
    struct err err;
    int times = 0;
    struct stat st;
    struct loop *loop = loop_create();
    snprintf(path, sizeof(path), "%s/gone", folder);
    t_int(responder_create(&r, &(struct responder_parts){loop, path, say, &times}, &err), 0);
    t_true(responder_reachable(r));
    t_int(unlink(path), 0);
    t_true(!responder_reachable(r));
    t_int(responder_create(&second, &(struct responder_parts){loop, path, say, &times}, &err), 0);
    t_true(!responder_reachable(r)); /* the socket of another process */
    responder_destroy(r);
    t_int(stat(path, &st), 0); /* not removed */
    responder_destroy(second);
    t_int(stat(path, &st), -1);
    loop_destroy(loop);
}

/* --- no descriptor left ----------------------------------------------------------------------- */

static int accepts, shortage;

/* Replaces libc's accept4(). */
int accept4(int fd, struct sockaddr *address, socklen_t *len, int flags)
{
    accepts++;
    errno = shortage;
    return shortage ? -1 : (int)syscall(SYS_accept4, fd, address, len, flags);
}

static void end_shortage(void *arg)
{
    shortage = 0;
    loop_stop(arg);
}

static void test_without_free_descriptors_it_pauses(void **state)
{
    (void)state;
    static const int shortages[] = {EMFILE, ENFILE, ENOBUFS, ENOMEM};
    char path[256];
    int times = 0;
    struct loop *loop = loop_create();
    struct loop_timer *timer = loop_timer_create(loop, end_shortage, loop);
    struct responder *r;
    struct err err;
    snprintf(path, sizeof(path), "%s/short", folder);
    t_int(responder_create(&r, &(struct responder_parts){loop, path, say, &times}, &err), 0);
    for (size_t i = 0; i < T_COUNT(shortages); i++) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int gone = socket(AF_UNIX, SOCK_STREAM, 0);
        snprintf(address.sun_path, sizeof(address.sun_path), "%.100s", path);
        t_int(connect(gone, (struct sockaddr *)&address, sizeof(address)), 0);
        close(gone); /* it stays in the accept queue */
        t_row(strerror(shortages[i]));
        accepts = 0;
        shortage = shortages[i];
        loop_timer_set(timer, 300);
        loop_run(loop);
        t_true(accepts >= 1 && accepts < 20); /* thousands if the loop spins */
        struct asking a = asked(loop, path);  /* accepts again */
        t_int(a.rc, 0);
        buf_finish(&a.text);
    }
    t_row("");
    loop_timer_destroy(timer);
    responder_destroy(r);
    loop_destroy(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_free_descriptors_it_pauses),
        cmocka_unit_test(test_answers_each_client),
        cmocka_unit_test(test_left_over_sockets_and_long_paths),
        cmocka_unit_test(test_errors_without_a_service),
        cmocka_unit_test(test_a_removed_socket_file_is_detected),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
