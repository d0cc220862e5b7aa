#include "cli/screen.h"

#include "support/t.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const struct table_column columns[] = {{.title = "symbol"},
                                              {.title = "bid", .right = true, .rank = 1},
                                              {.title = "volume", .rank = 2}};

static void fill(struct table *table, int rows)
{
    table_init(table, columns, (int)T_COUNT(columns));
    for (int i = 0; i < rows; i++) {
        char symbol[16];
        snprintf(symbol, sizeof(symbol), "S%d", i);
        table_cell(table, symbol);
        table_cell(table, "61.24");
        table_cell(table, "100");
    }
}

/* Standard output is a terminal of this size while it draws; the caller frees the text. */
static char *drawn(unsigned short width, unsigned short height, int rows, const char *notes)
{
    struct winsize size = {.ws_row = height, .ws_col = width};
    struct table table;
    struct buf out;
    int terminal = posix_openpt(O_RDWR | O_NOCTTY), saved = dup(STDOUT_FILENO);
    t_true(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
    int side = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    t_true(side >= 0 && ioctl(side, TIOCSWINSZ, &size) == 0);
    fflush(stdout);
    dup2(side, STDOUT_FILENO);
    fill(&table, rows);
    buf_init(&out, 65536);
    screen_draw(&out, &table, notes);
    bool is = screen_is();
    size_t seen_width = screen_width(), seen_height = screen_height();
    dup2(saved, STDOUT_FILENO);
    close(saved);
    close(side);
    close(terminal);
    char *text = strdup(buf_text(&out));
    buf_finish(&out);
    table_finish(&table);
    t_true(is);
    t_int(seen_width, width ? width : 80);
    t_int(seen_height, height ? height : 24);
    return text;
}

static int lines_of(const char *text)
{
    int lines = 0;
    for (; (text = strchr(text, '\n')); text++)
        lines++;
    return lines;
}

static void what_does_not_fit_is_counted(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned short width, height;
        int rows;
        const char *notes, *words; /* words of the text below; "" = none */
        int lines;
    } rows[] = {
        {"all fit", 80, 24, 5, "", "", 6},
        {"exactly", 80, 7, 5, "", "", 6},
        {"one too many", 80, 6, 5, "", "... and 2 more: give a PATTERN to see them", 5},
        {"with notes", 80, 24, 5, "a note\nanother\n", "another", 8},
        {"notes take rows", 80, 10, 20, "a note\n", "... and 14 more", 9},
        {"notes do not take half of a small screen", 80, 6, 20, "one\ntwo\nthree\n",
         "... and 17 more", 5},
        {"unknown size", 0, 0, 40, "", "... and 19 more", 23},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        char *text = drawn(rows[i].width, rows[i].height, rows[i].rows, rows[i].notes);
        t_contains(text, rows[i].words);
        t_int(lines_of(text), rows[i].lines);
        t_true(lines_of(text) < (rows[i].height ? rows[i].height : 24));
        free(text);
    }
}

static void hidden_columns_are_named(void **state)
{
    (void)state;
    static const struct {
        size_t width;
        const char *expected;
    } rows[] = {
        {TABLE_WIDE, ""}, {14, "too narrow for: volume\n"}, {7, "too narrow for: bid, volume\n"}};
    struct table table;
    fill(&table, 1);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct buf out;
        buf_init(&out, 1000);
        table_fit(&table, rows[i].width);
        screen_put_hidden(&out, &table);
        t_str(buf_text(&out), rows[i].expected);
        buf_finish(&out);
    }
    table_finish(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_fit_is_counted),
        cmocka_unit_test(hidden_columns_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
