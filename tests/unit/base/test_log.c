#include "base/log.h"

#include "base/clock.h"

#include "support/t.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char seen[1 << 20];

/* Runs `act` and returns what it wrote to the log. */
static const char *logged(void (*act)(void))
{
    char path[] = "/tmp/cinta-log-XXXXXX";
    int file = mkstemp(path), kept = dup(STDERR_FILENO);
    unlink(path);
    dup2(file, STDERR_FILENO);
    act();
    log_flush();
    dup2(kept, STDERR_FILENO);
    close(kept);
    ssize_t len = pread(file, seen, sizeof(seen) - 1, 0);
    seen[len > 0 ? len : 0] = '\0';
    close(file);
    return seen;
}

static int count_of(const char *text, const char *needle)
{
    int count = 0;
    for (const char *at = text; (at = strstr(at, needle)); at += strlen(needle))
        count++;
    return count;
}

static void values_of_all_kinds(void)
{
    log_init(LOG_LEVEL_INFO);
    log_info("logged in", LOG_TEXT("user", "alice"), LOG_TEXT("why", "no token"),
             LOG_TEXT("empty", ""), LOG_TEXT("bad", "a\nb=\"c\""), LOG_NUMBER("n", 1.5));
}

static void lines_are_logfmt(void **state)
{
    (void)state;
    const char *line = logged(values_of_all_kinds);
    t_true(strncmp(line, "ts=20", 5) == 0);
    t_contains(line, "Z level=info msg=\"logged in\" user=alice why=\"no token\" empty=\"\" "
                     "bad=\"a\\nb=\\\"c\\\"\" n=1.5\n");
    t_int(count_of(line, "\n"), 1);
}

static void all_levels(void)
{
    log_init(LOG_LEVEL_WARN);
    log_debug("quiet debug", LOG_NUMBER("n", 1));
    log_info("quiet info", LOG_NUMBER("n", 1));
    log_warn("loud warn", LOG_NUMBER("n", 1));
    log_error("loud error", LOG_NUMBER("n", 1));
}

static void dump(void)
{
    log_dump();
}

static void lines_below_the_threshold_are_kept_in_the_ring(void **state)
{
    (void)state;
    const char *lines = logged(all_levels);
    t_int(count_of(lines, "quiet"), 0);
    t_int(count_of(lines, "loud"), 2);
    lines = logged(dump);
    t_true(strncmp(lines, "recent: 20", 10) == 0);
    t_contains(lines, "logged in"); /* of the test before: the first line of all */
    t_contains(lines, "quiet debug");
    t_contains(lines, "loud error");
}

static void more_than_the_ring_holds(void)
{
    log_init(LOG_LEVEL_ERROR);
    for (int i = 0; i < 300; i++)
        log_debug("quiet", LOG_NUMBER("n", i));
}

static void the_ring_keeps_the_last_lines(void **state)
{
    (void)state;
    logged(more_than_the_ring_holds);
    const char *lines = logged(dump);
    t_int(count_of(lines, "recent: "), 256);
    t_int(count_of(lines, "n=43\n"), 0);
    t_int(count_of(lines, "n=44\n"), 1);
    t_int(count_of(lines, "n=299\n"), 1);
}

static void repeats(void)
{
    log_init(LOG_LEVEL_INFO);
    for (int i = 0; i < 5; i++)
        log_info("the same", LOG_NUMBER("n", 1));
    log_info("another", LOG_NUMBER("n", 1));
    for (int i = 0; i < 3; i++)
        log_info("the last", LOG_NUMBER("n", 1));
}

static void repeated_lines_are_counted(void **state)
{
    (void)state;
    const char *lines = logged(repeats);
    t_int(count_of(lines, "the same"), 2);
    t_contains(lines, "the same\" n=1 times=4\n");
    t_contains(lines, "the last\" n=1 times=2\n");
    t_int(count_of(lines, "\n"), 5);
}

static int64_t ahead_ns; /* of the clock that the log reads */

struct now __real_clock_now(void);
struct now __wrap_clock_now(void);

struct now __wrap_clock_now(void)
{
    struct now now = __real_clock_now();
    now.wall_ns += ahead_ns;
    return now;
}

static void repeats_for_minutes(void)
{
    log_init(LOG_LEVEL_INFO);
    for (int second = 0; second <= 150; second++) {
        log_info("still the same", LOG_NUMBER("n", 1));
        ahead_ns += NS_PER_S;
    }
}

static void long_repetitions_are_written_each_minute(void **state)
{
    (void)state;
    const char *lines = logged(repeats_for_minutes);
    t_int(count_of(lines, "still the same"), 4);
    t_int(count_of(lines, "times=60\n"), 2);
    t_int(count_of(lines, "times=30\n"), 1); /* the rest, at the end */
}

static void secrets(void)
{
    log_init(LOG_LEVEL_INFO);
    log_secret("t0psecret");
    log_secret("abc"); /* too short: masking it would change ordinary words */
    log_info("token t0psecret", LOG_TEXT("again", "xt0psecretx t0psecret"), LOG_TEXT("abc", "abc"));
}

static void secrets_are_masked_everywhere(void **state)
{
    (void)state;
    const char *line = logged(secrets);
    t_int(count_of(line, "t0psecret"), 0);
    t_int(count_of(line, "***"), 3);
    t_contains(line, "abc=abc");
    t_int(count_of(logged(dump), "t0psecret"), 0);
}

static void journal(void)
{
    struct stat st;
    char stream[64];
    fstat(STDERR_FILENO, &st);
    snprintf(stream, sizeof(stream), "%lu:%lu", (unsigned long)st.st_dev, (unsigned long)st.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    log_init(LOG_LEVEL_DEBUG);
    log_error("e", LOG_NUMBER("n", 1));
    log_warn("w", LOG_NUMBER("n", 1));
    log_info("i", LOG_NUMBER("n", 1));
    log_debug("d", LOG_NUMBER("n", 1));
    setenv("JOURNAL_STREAM", "1:1", 1); /* another stream: stderr was redirected */
    log_init(LOG_LEVEL_INFO);
    log_info("elsewhere", LOG_NUMBER("n", 1));
    unsetenv("JOURNAL_STREAM");
}

static void the_journal_gets_priorities(void **state)
{
    (void)state;
    const char *lines = logged(journal);
    t_true(lines == strstr(lines, "<3>level=error msg=\"e\" n=1\n<4>level=warn"));
    t_contains(lines, "<6>level=info");
    t_contains(lines, "<7>level=debug");
    t_contains(lines, "\nts=20");
}

static void long_line(void)
{
    static char text[100000];
    memset(text, 'x', sizeof(text) - 1);
    log_info("long", LOG_TEXT("text", text), LOG_TEXT("after", "it"));
    log_info(text, LOG_TEXT("after", "it"));
}

static void long_lines_are_truncated(void **state)
{
    (void)state;
    const char *lines = logged(long_line);
    t_int(count_of(lines, "\n"), 2);
    t_true(strlen(lines) < 5000);
}

static char message[2048];

static void one_message(void)
{
    log_info(message, LOG_TEXT(NULL, NULL));
}

/* 2047 bytes from "level=" on: 17 of them around the message. */
static void the_longest_line_is_whole(void **state)
{
    (void)state;
    static const struct {
        const char *name, *end;
        int len;
    } rows[] = {{"fits", "xxx\"\n", 2030}, {"one more byte", "xxx\n", 2031}};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        snprintf(message, sizeof(message), "%0*d", rows[i].len, 0);
        memset(message, 'x', strlen(message));
        const char *line = logged(one_message);
        t_str(line + strlen(line) - strlen(rows[i].end), rows[i].end);
    }
    t_row("");
}

static void *one_thread(void *arg)
{
    for (int i = 0; i < 200; i++)
        log_info("from a thread", LOG_TEXT("who", arg), LOG_NUMBER("i", i));
    return NULL;
}

static void two_threads(void)
{
    pthread_t a, b;
    pthread_create(&a, NULL, one_thread, (char *)"a");
    pthread_create(&b, NULL, one_thread, (char *)"b");
    pthread_join(a, NULL);
    pthread_join(b, NULL);
}

static void threads_do_not_mix_their_lines(void **state)
{
    (void)state;
    const char *lines = logged(two_threads);
    t_int(count_of(lines, "\n"), 400);
    t_int(count_of(lines, "level=info msg=\"from a thread\" who="), 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_logfmt),
        cmocka_unit_test(lines_below_the_threshold_are_kept_in_the_ring),
        cmocka_unit_test(the_ring_keeps_the_last_lines),
        cmocka_unit_test(repeated_lines_are_counted),
        cmocka_unit_test(long_repetitions_are_written_each_minute),
        cmocka_unit_test(secrets_are_masked_everywhere),
        cmocka_unit_test(the_journal_gets_priorities),
        cmocka_unit_test(long_lines_are_truncated),
        cmocka_unit_test(the_longest_line_is_whole),
        cmocka_unit_test(threads_do_not_mix_their_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
