#include "config/conf_fill.h"

#include "support/t.h"

#include <errno.h>

static const char sample[] = "# Words = of the head\n"
                             "broker {\n"
                             "    url    = \"https://a/#b\"   # where\n"
                             "    # path = ''       # a '#'\n"
                             "    # rate = 1\n"
                             "}\n"
                             "\n"
                             "poll {\n"
                             "    # rate = 1        # per second\n"
                             "}\n"
                             "# rate = 7  # outside\n";

static int fill(struct buf *out, const struct conf_answer *answers, size_t count)
{
    struct err err = {0};
    buf_init(out, 4096);
    int rc = conf_fill(out, sample, answers, count, &err);
    t_int(err.code, rc);
    return rc;
}

static void one_key(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct conf_answer answer;
        const char *before, *after; /* the line that changes */
    } rows[] = {
        {"same length",
         {"broker", "url", "\"https://b/#b\""},
         "    url    = \"https://a/#b\"   # where\n",
         "    url    = \"https://b/#b\"   # where\n"},
        {"shorter",
         {"broker", "url", "\"x\""},
         "    url    = \"https://a/#b\"   # where\n",
         "    url    = \"x\"              # where\n"},
        {"longer",
         {"broker", "url", "\"https://longer.example/\""},
         "    url    = \"https://a/#b\"   # where\n",
         "    url    = \"https://longer.example/\"  # where\n"},
        {"commented out",
         {"broker", "path", "\"/p\""},
         "    # path = ''       # a '#'\n",
         "    path   = \"/p\"     # a '#'\n"},
        {"no comment", {"broker", "rate", "2"}, "    # rate = 1\n}", "    rate   = 2\n}"},
        {"in the other section",
         {"poll", "rate", "2"},
         "    # rate = 1        # per second\n",
         "    rate   = 2        # per second\n"},
        {"outside of sections",
         {"", "rate", "8"},
         "# rate = 7  # outside\n",
         "rate   = 8  # outside\n"},
        {"over several lines",
         {"poll", "rate", "{\n        1\n    }"},
         "    # rate = 1        # per second\n",
         "    rate   = {\n        1\n    }                 # per second\n"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char expected[1024];
        struct buf out;
        t_row(rows[i].name);
        const char *at = strstr(sample, rows[i].before);
        t_true(at);
        snprintf(expected, sizeof(expected), "%.*s%s%s", (int)(at - sample), sample, rows[i].after,
                 at + strlen(rows[i].before));
        t_int(fill(&out, &rows[i].answer, 1), 0);
        t_str(buf_text(&out), expected);
        buf_finish(&out);
    }
}

static void without_answers_nothing_changes(void **state)
{
    (void)state;
    struct buf out;
    t_int(fill(&out, NULL, 0), 0);
    t_str(buf_text(&out), sample);
    buf_finish(&out);
}

static void keys_missing_in_the_sample(void **state)
{
    (void)state;
    static const struct conf_answer rows[] = {
        {"broker", "Words", "1"}, {"", "words", "1"},    {"", "url", "1"},  {"poll", "url", "1"},
        {"brok", "url", "1"},     {"broker", "ur", "1"}, {"poll", "", "1"}, {"broker", "urls", "1"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct buf out;
        t_row(rows[i].name);
        t_int(fill(&out, &rows[i], 1), -ENOENT);
        buf_finish(&out);
    }
}

static void too_large(void **state)
{
    (void)state;
    struct buf out;
    struct err err = {0};
    buf_init(&out, strlen(sample) - 1);
    t_int(conf_fill(&out, sample, NULL, 0, &err), -EMSGSIZE);
    t_contains(err.text, "larger");
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_key),
        cmocka_unit_test(without_answers_nothing_changes),
        cmocka_unit_test(keys_missing_in_the_sample),
        cmocka_unit_test(too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
