#include "cli/export_view.h"

#include "support/t.h"

#include <stdio.h>
#include <unistd.h>

static void the_summary(void **state)
{
    (void)state;
    static const struct row {
        struct job_count all;
        double seconds;
        const char *text;
    } rows[] = {
        {{1, 1, 999}, 0.04, "1 row in 1 file, 999 B, 0.0 s"},
        {{999, 2, 1000}, 1, "999 rows in 2 files, 1.0 kB, 1.0 s"},
        {{1000, 1, 1}, 0.25, "1,000 rows in 1 file, 1 B, 0.2 s"},
        {{1002003, 1234, 5000000}, 12.34, "1,002,003 rows in 1,234 files, 5.0 MB, 12.3 s"},
        {{0, 0, 0}, 0, "0 rows in 0 files, 0 B, 0.0 s"},
    };
    struct buf out;
    buf_init(&out, 4096);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const struct job_summary summary = {.all = rows[i].all};
        buf_clear(&out);
        t_row(rows[i].text);
        export_view_summary(&out, &summary, rows[i].seconds);
        t_str(buf_text(&out), rows[i].text);
    }
    t_row("");
    buf_finish(&out);
}

static void the_result_as_json(void **state)
{
    (void)state;
    const struct job_options options = {
        .out = "a \"b\"",
        .series = NULL,
        .tables = {[EXTRACT_TRADES] = true, [EXTRACT_EVENTS] = true},
    };
    const struct job_summary summary = {
        .instruments = 7,
        .all = {5, 2, 300},
        .table = {[EXTRACT_TRADES] = {5, 2, 300}},
    };
    const struct manifest_entry entry = {
        .path = "t.csv", .table = "trades", .format = "csv", .compress = "none"};
    struct export_view view;
    struct buf out;
    export_view_init(&view, false);
    buf_init(&out, 4096);
    export_view_json(&out, &view, &options, &summary, 1.5);
    t_str(buf_text(&out),
          "{\"rows\":5,\"files\":2,\"bytes\":300,\"seconds\":1.500,\"instruments\":7,"
          "\"out\":\"a \\\"b\\\"\",\"series\":null,\"tables\":{"
          "\"trades\":{\"rows\":5,\"files\":2,\"bytes\":300},"
          "\"events\":{\"rows\":0,\"files\":0,\"bytes\":0}},\"written\":[]}\n");
    export_view_file(&view, &entry);
    export_view_file(&view, &entry);
    buf_clear(&out);
    export_view_json(&out, &view, &options, &summary, 1.5);
    t_contains(buf_text(&out), "\"written\":[{\"path\":\"t.csv\",");
    t_contains(buf_text(&out), "},{\"path\":\"t.csv\",");
    export_view_finish(&view);
    buf_finish(&out);
}

/* The bar is drawn to standard error, and only if it is wanted. */
static void the_bar(void **state)
{
    (void)state;
    static const struct job_progress progress = {.table = "trades", .done = 0.5, .rows = 1000};
    for (int bar = 0; bar < 2; bar++) {
        char text[512] = "";
        FILE *file = tmpfile();
        assert_non_null(file);
        struct export_view view;
        export_view_init(&view, bar);
        view.began_ms -= 10000;
        fflush(stderr);
        int saved = dup(STDERR_FILENO);
        t_true(dup2(fileno(file), STDERR_FILENO) == STDERR_FILENO);
        export_view_progress(&view, &progress);
        export_view_end(&view);
        fflush(stderr);
        t_true(dup2(saved, STDERR_FILENO) == STDERR_FILENO);
        close(saved);
        rewind(file);
        text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
        fclose(file);
        t_int(*text != '\0', bar);
        t_true(!bar || strstr(text, "\r[##########          ]  50 % trades, 1000 rows, "));
        t_true(!bar || strstr(text, " s left\033[K\r\033[K"));
        export_view_finish(&view);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_summary),
        cmocka_unit_test(the_result_as_json),
        cmocka_unit_test(the_bar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
