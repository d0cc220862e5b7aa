/* What a recorder remembers of its lease: written and read back; anything damaged counts as
 * nothing. */
#include "lease/lease_memory.h"

#include "files/private_file.h"
#include "support/t.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[32], path[64];

static void begin(void)
{
    snprintf(folder, sizeof(folder), "/tmp/cinta-lease-XXXXXX");
    assert_non_null(mkdtemp(folder));
    lease_memory_path(path, sizeof(path), folder);
}

static void end(void)
{
    unlink(path);
    t_int(rmdir(folder), 0);
}

static void write_text(const char *text)
{
    struct err err;
    t_int(private_file_write(path, text, strlen(text), &err), 0);
}

static void it_is_read_back(void **state)
{
    char text[LEASE_MEMORY_BYTES];
    struct lease_memory memory, read;
    struct err err;
    (void)state;
    begin();
    t_int(lease_memory_load(folder, &read), -ENOENT);
    t_int(lease_memory_begin(&memory, "market", &err), 0);
    t_int(strlen(memory.id), 16);
    t_int(memory.isolated_from, -1);
    memory.held = true;
    memory.others_ns = 1795446000000000000;
    for (int i = 0; i < SINK_RANGES_MAX; i++) {
        memory.isolated_from = INT64_C(1000000000) * i + 10;
        t_int(lease_memory_withhold(&memory, INT64_C(1000000000) * i + 15), 5);
    }
    memory.isolated_from = 77;
    t_true(lease_memory_text(text, &memory) < sizeof(text));
    write_text(text);
    t_int(lease_memory_load(folder, &read), 0);
    t_str(read.id, memory.id);
    t_str(read.name, "market");
    t_true(read.held);
    t_int(read.isolated_from, 77);
    t_int(read.others_ns, memory.others_ns);
    t_int(read.withheld_count, SINK_RANGES_MAX);
    t_int(read.withheld[7].from, 7000000010);
    t_int(read.withheld[7].to, 7000000015);
    end();
}

static void a_damaged_file_is_not_used(void **state)
{
    static const char *const texts[] = {
        "",
        "cinta lease 2\nab\nmarket\n1\n-1\n0\n",
        "cinta lease 1\nab\nmarket\n1\n-1\n",
        "cinta lease 1\nab\nmarket\n1\n-1\n0",
        "cinta lease 1\nxy\nmarket\n1\n-1\n0\n",
        "cinta lease 1\nab\nmarket\n2\n-1\n0\n",
        "cinta lease 1\nab\nmarket\n1\n-2\n0\n",
        "cinta lease 1\nab\n\n1\n-1\n0\n",
        "cinta lease 1\nab\nmarket\n1\n-1\n0\n5 4\n",
        "cinta lease 1\nab\nmarket\n1\n-1\n0\n5\n",
        "cinta lease 1\nab\nmarket\n1\n-1\n0\n5 6",
        "cinta lease 1\nab\nmarket\n1\n-1\n0\n1 2\n1 2\n1 2\n1 2\n1 2\n1 2\n1 2\n1 2\n1 2\n",
    };
    struct lease_memory read = {.others_ns = 42};
    (void)state;
    begin();
    for (size_t i = 0; i < T_COUNT(texts); i++) {
        t_row(texts[i]);
        write_text(texts[i]);
        t_int(lease_memory_load(folder, &read), -ENOENT);
        t_int(read.others_ns, 42);
    }
    write_text("cinta lease 1\nab\nmarket\n1\n-1\n0\n5 6\n");
    t_int(lease_memory_load(folder, &read), 0);
    t_int(read.withheld_count, 1);
    end();
}

static void what_is_withheld(void **state)
{
    struct lease_memory memory = {.isolated_from = -1};
    (void)state;
    t_int(lease_memory_withhold(&memory, 100), 0);
    memory.isolated_from = 100;
    t_int(lease_memory_withhold(&memory, 100), 0);
    t_int(memory.isolated_from, -1);
    t_int(memory.withheld_count, 0);
    for (int64_t i = 0; i <= SINK_RANGES_MAX; i++) { /* one too many: the oldest is forgotten */
        memory.isolated_from = 10 * i;
        t_int(lease_memory_withhold(&memory, 10 * i + 3), 3);
    }
    t_int(memory.withheld_count, SINK_RANGES_MAX);
    t_int(memory.withheld[0].from, 10);
    t_int(memory.withheld[SINK_RANGES_MAX - 1].to, 10 * SINK_RANGES_MAX + 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_read_back),
        cmocka_unit_test(a_damaged_file_is_not_used),
        cmocka_unit_test(what_is_withheld),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
