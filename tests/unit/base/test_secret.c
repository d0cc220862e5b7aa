#include "base/secret.h"

#include "support/t.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Replaces libc's munmap(), to check that a secret's pages are zero when they are unmapped. */
static struct {
    const char *pages;
    size_t bytes, returned_bytes, not_zero_count;
} watched;

int munmap(void *pages, size_t bytes)
{
    if (pages && pages == watched.pages) {
        watched.returned_bytes = bytes;
        for (size_t i = 0; i < watched.bytes; i++)
            watched.not_zero_count += watched.pages[i] != 0;
    }
    return (int)syscall(SYS_munmap, pages, bytes);
}

static void watch(const struct secret *secret)
{
    memset(&watched, 0, sizeof(watched));
    watched.pages = secret->text;
    watched.bytes = secret->mapped_bytes;
}

static void holds_a_copy(void **state)
{
    (void)state;
    char text[] = "hunter2";
    struct secret secret = {0};
    t_int(secret_set(&secret, text, 7), 0);
    memset(text, 'x', 7);
    t_str(secret.text, "hunter2");
    t_int(secret.len_bytes, 7);
    secret_wipe(&secret);
}

static void sizes(void **state)
{
    (void)state;
    static const size_t rows[] = {0, 1, SECRET_BYTES_MAX, 4095, 4096, 4097, 10000};
    char *text = malloc(10000);
    memset(text, 's', 10000);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct secret secret = {0};
        t_int(secret_set(&secret, text, rows[i]), 0);
        t_int(secret.len_bytes, rows[i]);
        t_int(strlen(secret.text), rows[i]);
        t_true(secret.mapped_bytes > rows[i]); /* with the NUL */
        secret_wipe(&secret);
    }
    free(text);
}

static void any_bytes(void **state)
{
    (void)state;
    struct secret secret = {0};
    t_int(secret_set(&secret, "a\0b\xff", 4), 0);
    t_int(secret.len_bytes, 4);
    t_int(memcmp(secret.text, "a\0b\xff", 5), 0);
    secret_wipe(&secret);
}

static void is_wiped_before_it_is_unmapped(void **state)
{
    (void)state;
    struct secret secret = {0};
    t_int(secret_set(&secret, "hunter2", 7), 0);
    watch(&secret);
    secret_wipe(&secret);
    t_int(watched.returned_bytes, watched.bytes);
    t_int(watched.not_zero_count, 0);
    t_true(!secret.text && !secret.len_bytes && !secret.mapped_bytes);
}

static void may_be_wiped_twice_or_empty(void **state)
{
    (void)state;
    struct secret secret = {0};
    secret_wipe(&secret);
    t_int(secret_set(&secret, "x", 1), 0);
    secret_wipe(&secret);
    secret_wipe(&secret);
    t_true(!secret.text);
}

/* Flags of the pages at `at` in /proc/self/smaps: "dd" = excluded from core dumps. */
static bool has_flag(const char *at, const char *flag)
{
    char line[512];
    unsigned long from, to;
    bool inside = false, found = false;
    FILE *file = fopen("/proc/self/smaps", "r");
    while (file && fgets(line, sizeof(line), file)) {
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
            inside = (unsigned long)at >= from && (unsigned long)at < to;
        else if (inside && strncmp(line, "VmFlags:", 8) == 0)
            found = strstr(line, flag) != NULL;
    }
    if (file)
        fclose(file);
    return found;
}

static void is_excluded_from_core_dumps(void **state)
{
    (void)state;
    struct secret secret = {0};
    t_int(secret_set(&secret, "hunter2", 7), 0);
    if (!has_flag(secret.text, " rd ")) {
        secret_wipe(&secret);
        skip(); /* this kernel does not show flags */
    }
    t_true(has_flag(secret.text, " dd "));
    secret_wipe(&secret);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_a_copy),
        cmocka_unit_test(sizes),
        cmocka_unit_test(any_bytes),
        cmocka_unit_test(is_wiped_before_it_is_unmapped),
        cmocka_unit_test(may_be_wiped_twice_or_empty),
        cmocka_unit_test(is_excluded_from_core_dumps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
