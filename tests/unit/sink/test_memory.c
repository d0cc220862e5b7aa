/* What a recorder remembers: written and read back; anything damaged counts as nothing. */
#include "sink/memory.h"

#include "support/t.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[32], path[64];

static void begin(void)
{
    snprintf(folder, sizeof(folder), "/tmp/cinta-sink-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/sink", folder);
}

static void end(void)
{
    unlink(path);
    t_int(rmdir(folder), 0);
}

static void write_file(const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(path, 0600), 0);
}

static void it_is_read_back(void **state)
{
    (void)state;
    struct sink_memory memory = {.stream = "CINTA",
                                 .created_ns = 1795446000000000000,
                                 .stream_seq = 99,
                                 .position = {5, 7, true, 3, 1}};
    struct sink_memory read;
    struct err err;
    begin();
    t_int(sink_memory_load(folder, &read), -ENOENT);
    t_int(sink_memory_rename(&memory, &err), 0);
    t_int(strlen(memory.recorder), 16);
    t_int(sink_memory_save(folder, &memory, &err), 0);
    t_int(sink_memory_load(folder, &read), 0);
    t_str(read.recorder, memory.recorder);
    t_str(read.stream, "CINTA");
    t_int(read.created_ns, memory.created_ns);
    t_int(read.stream_seq, 99);
    t_int(read.position.seq, 5);
    t_int(read.position.ts_recv, 7);
    t_int(read.position.event, 3);
    char before[SINK_NAME_BYTES];
    memcpy(before, memory.recorder, sizeof(before));
    t_int(sink_memory_rename(&memory, &err), 0);
    t_true(strcmp(before, memory.recorder) != 0);
    end();
}

static void a_damaged_file_is_not_used(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "cinta sink 2\na1\nS\n1\n2\n1.0.2.3.4\n",
        "cinta sink 1\n\nS\n1\n2\n1.0.2.3.4\n",
        "cinta sink 1\na1\r\nS\n1\n2\n1.0.2.3.4\n",
        "cinta sink 1\na1\nS\n-1\n2\n1.0.2.3.4\n",
        "cinta sink 1\na1\nS\n1\nx\n1.0.2.3.4\n",
        "cinta sink 1\na1\nS\n1\n2\n1.0.2.3\n",
        "cinta sink 1\na1\nS\n1\n2\n1.0.2.3.4",
        "cinta sink 1\n0123456789012345678901234567890123\nS\n1\n2\n1.0.2.3.4\n",
    };
    struct sink_memory read;
    begin();
    for (size_t i = 0; i < T_COUNT(texts); i++) {
        t_row(texts[i]);
        write_file(texts[i]);
        t_int(sink_memory_load(folder, &read), -ENOENT);
    }
    write_file("cinta sink 1\na1\nS\n1\n2\n1.0.2.3.4\n");
    t_int(sink_memory_load(folder, &read), 0);
    t_int(chmod(path, 0644), 0); /* somebody else could have written it */
    t_int(sink_memory_load(folder, &read), -ENOENT);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_read_back),
        cmocka_unit_test(a_damaged_file_is_not_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
