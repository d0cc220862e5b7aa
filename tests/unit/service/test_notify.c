#include "service/notify.h"

#include "support/t.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define WATCHDOG_MS 60000

static void keep_alives(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t step_since_ms, now_ms;
        bool alive;
    } rows[] = {
        {"the writer is idle", 0, 5000000, true},
        {"a step has just begun", 5000000, 5000000, true},
        {"a slow step", 5000000, 5000000 + WATCHDOG_MS - 1, true},
        {"a step as long as the watchdog's interval", 5000000, 5000000 + WATCHDOG_MS, false},
        {"a step of hours", 1, 7200000, false},
        {"a step begun after `now`", 5000001, 5000000, true},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_int(notify_alive(rows[i].step_since_ms, rows[i].now_ms, WATCHDOG_MS), rows[i].alive);
    }
}

static void lines(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        struct notify_facts facts;
    } rows[] = {
        {"starting: no list of instruments yet", {0}},
        {"standby: b has the lease", {.rest = "standby: b has the lease"}},
        {"replica: 17 messages behind", {.replica = true, .reading = true, .behind = 17}},
        {"replica: 0 messages behind", {.replica = true, .reading = true, .behind = -1}},
        {"replica: not connected to NATS; the database cannot be written",
         {.replica = true, .store_failing = true}},
        {"no token: 12 instruments waiting", {.asking = true, .mode = FEED_NO_TOKEN, .polled = 12}},
        {"polling: 0 instruments live, 12 polled",
         {.asking = true, .mode = FEED_POLLING, .polled = 12}},
        {"polling: 0 instruments live, 11 polled, 1 unobserved; web pages instead of the broker's "
         "answers",
         {.asking = true,
          .mode = FEED_POLLING,
          .polled = 11,
          .unobserved = 1,
          .outage = OUTAGE_PAGES}},
        {"streaming: 118 instruments live, 2 polled; the database cannot be written",
         {.asking = true, .mode = FEED_STREAMING, .live = 118, .polled = 2, .store_failing = true}},
        {"polling: 0 instruments live, 12 polled; the new configuration was refused, the previous "
         "one stays in effect: c.conf:3: no such key",
         {.asking = true, .mode = FEED_POLLING, .polled = 12, .refused = "c.conf:3: no such key"}},
        {"polling: 0 instruments live, 12 polled",
         {.asking = true, .mode = FEED_POLLING, .polled = 12, .refused = ""}},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char line[NOTIFY_LINE];
        t_row(rows[i].line);
        t_str(notify_line(line, &rows[i].facts), rows[i].line);
    }
}

/* --- with a socket in the place of systemd's -------------------------------------------------- */

struct manager {
    int fd;
    char path[64];
    struct loop *loop;
    struct notify_facts facts;
    int looks, enough;
};

static void look(void *arg, struct notify_facts *facts)
{
    struct manager *m = arg;
    *facts = m->facts;
    if (++m->looks == m->enough)
        loop_stop(m->loop);
}

static int manager_make(void **state)
{
    struct manager *m = calloc(1, sizeof(*m));
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(m->path, sizeof(m->path), "/tmp/cinta-notify-%ld", (long)getpid());
    strcpy(address.sun_path, m->path);
    m->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    t_int(bind(m->fd, (struct sockaddr *)&address, sizeof(address)), 0);
    m->loop = loop_create();
    setenv("NOTIFY_SOCKET", m->path, 1);
    *state = m;
    return 0;
}

static int manager_drop(void **state)
{
    struct manager *m = *state;
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    loop_destroy(m->loop);
    close(m->fd);
    unlink(m->path);
    free(m);
    return 0;
}

/* The messages since the last call, one per line. */
static const char *messages(const struct manager *m)
{
    static char text[4096];
    size_t len = 0;
    ssize_t n;
    while ((n = recv(m->fd, text + len, sizeof(text) - len - 2, 0)) > 0) {
        len += (size_t)n;
        text[len++] = '\n';
    }
    text[len] = '\0';
    return text;
}

static void turn(struct manager *m, int looks)
{
    m->looks = 0;
    m->enough = looks;
    loop_run(m->loop);
}

static struct notify *begin(struct manager *m, const char *watchdog_us)
{
    struct notify *notify;
    if (watchdog_us)
        setenv("WATCHDOG_USEC", watchdog_us, 1);
    t_int(notify_create(&notify, m->loop, look, m, NULL), 0);
    return notify;
}

static void ready_is_sent_from_the_loop(void **state)
{
    struct manager *m = *state;
    struct notify *notify = begin(m, NULL);
    notify_changed(notify); /* no effect before notify_ready() */
    notify_ready(notify);
    t_str(messages(m), "");
    turn(m, 1);
    t_str(messages(m), "STATUS=starting: no list of instruments yet\nREADY=1\n");
    m->facts = (struct notify_facts){.asking = true, .mode = FEED_POLLING, .polled = 3};
    notify_changed(notify);
    turn(m, 1);
    t_str(messages(m), "STATUS=polling: 0 instruments live, 3 polled\n");
    notify_changed(notify); /* but the line is the same */
    turn(m, 1);
    t_str(messages(m), "");
    notify_stopping(notify, "for a reason");
    t_contains(messages(m), "STOPPING=1\nSTATUS=for a reason\n");
    notify_destroy(notify);
}

static void no_keep_alive_while_the_writer_is_blocked(void **state)
{
    struct manager *m = *state;
    struct notify *notify = begin(m, "3000");
    notify_ready(notify);
    turn(m, 3);
    t_str(messages(m),
          "STATUS=starting: no list of instruments yet\nREADY=1\nWATCHDOG=1\nWATCHDOG=1\n"
          "WATCHDOG=1\n");
    m->facts.step_since_ms = clock_now().mono_ms - 3;
    turn(m, 3);
    t_str(messages(m), "");
    m->facts.step_since_ms = 0;
    turn(m, 1);
    t_str(messages(m), "WATCHDOG=1\n");
    notify_destroy(notify);
}

static void on_end(void *arg)
{
    loop_stop(arg);
}

static void without_a_manager_no_timer(void **state)
{
    struct manager *m = *state;
    struct notify *notify = begin(m, NULL);
    unsetenv("NOTIFY_SOCKET");
    notify_ready(notify);
    notify_changed(notify);
    notify_reloading(notify);
    notify_reloaded(notify);
    struct loop_timer *end = loop_timer_create(m->loop, on_end, m->loop);
    loop_timer_set(end, 0);
    loop_run(m->loop);
    t_int(m->looks, 0);
    loop_timer_destroy(end);
    notify_stopping(notify, "for a reason");
    notify_destroy(notify);
    t_str(messages(m), "");
}

#define WITH_MANAGER(test) cmocka_unit_test_setup_teardown(test, manager_make, manager_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keep_alives),
        cmocka_unit_test(lines),
        WITH_MANAGER(ready_is_sent_from_the_loop),
        WITH_MANAGER(no_keep_alive_while_the_writer_is_blocked),
        WITH_MANAGER(without_a_manager_no_timer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
