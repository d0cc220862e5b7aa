#include "files/file.h"

#include "support/t.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static void reads_whole_files_up_to_the_maximum(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t size, max;
        int rc;
    } rows[] = {
        {"empty", 0, 10, 0},
        {"just fits", 10, 10, 0},
        {"one byte too many", 11, 10, -EMSGSIZE},
        {"several pieces", 100000, 200000, 0},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char path[] = "/tmp/cinta-file-XXXXXX";
        struct buf buf;
        t_row(rows[i].name);
        int fd = mkstemp(path);
        for (size_t n = 0; n < rows[i].size; n++)
            assert_int_equal(write(fd, &"abcdefgh"[n % 8], 1), 1);
        close(fd);
        buf_init(&buf, rows[i].max);
        t_int(file_read(path, &buf), rows[i].rc);
        if (rows[i].rc == 0) {
            t_int(buf.len_bytes, rows[i].size);
            for (size_t n = 0; n < rows[i].size; n++)
                assert_int_equal(buf.data[n], "abcdefgh"[n % 8]);
        }
        buf_finish(&buf);
        unlink(path);
    }
}

static void unreadable_files(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 10);
    t_int(file_read("/tmp/cinta-no-such-file", &buf), -ENOENT);
    t_int(file_read("/tmp", &buf), -EISDIR);
    buf_finish(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_whole_files_up_to_the_maximum),
        cmocka_unit_test(unreadable_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
