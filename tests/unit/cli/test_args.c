/* How a command line is parsed: with a command of the test that has an option of each kind. */
#include "cli/args.h"

#include "captured.h"
#include "cli/help.h"
#include "cli/option_values.h"

struct options {
    bool force;
    const char *out, *colour;
    int level;
    double rate;
    int64_t count;
    struct option_texts match, files;
};

static const struct options defaults = {.level = 1, .rate = 2.5};
static const char *const colours[] = {"red", "green", NULL};
static const char *const levels[] = {"low", "middle", "high", NULL};

static const struct option_row options[] = {
    {"force", 'f', NULL, "replace it", OPTION_FLAG(struct options, force)},
    {"out", 'o', "FILE", "the file", OPTION_TEXT(struct options, out)},
    {"colour", 0, NULL, "a word", OPTION_WORD(struct options, colour, colours)},
    {"level", 'l', NULL, "an index", OPTION_CHOICE(struct options, level, levels)},
    {"rate", 0, "R", "a number", OPTION_NUMBER(struct options, rate, 0.5, 100)},
    {"count", 0, "N", "a whole number", OPTION_WHOLE(struct options, count, -3, 1e15)},
    {"match", 'm', "PATTERN", "may be repeated", OPTION_TEXTS(struct options, match)},
    {0},
};

/* Prints the values that it was given. */
static int run(const struct cmd *self, void *given)
{
    const struct options *o = given;
    (void)self;
    printf("force=%d out=%s colour=%s level=%d rate=%g count=%lld match=", o->force,
           o->out ? o->out : "-", o->colour ? o->colour : "-", o->level, o->rate,
           (long long)o->count);
    for (int i = 0; i < o->match.count; i++)
        printf("%s,", o->match.item[i]);
    printf(" files=");
    for (int i = 0; i < o->files.count; i++)
        printf("%s,", o->files.item[i]);
    return 42;
}

static const struct cmd cmd = {
    .name = "paint",
    .usage = "[options] [FILE...]",
    .summary = "paints",
    .options = options,
    .operands = {"FILE", NULL, 0, 2, NULL, offsetof(struct options, files)},
    .notes = "Notes.\n",
    .options_bytes = sizeof(struct options),
    .defaults = &defaults,
    .run = run,
};

#define ARGS(...)                                                                                  \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

static void values(void **state)
{
    (void)state;
    static const struct row {
        const char *args[10], *out;
    } rows[] = {
        // clang-format off
        {{NULL},                             "force=0 out=- colour=- level=1 rate=2.5 count=0 match= files="},
        {ARGS("-f", "--out", "a"),           "force=1 out=a colour=- level=1 rate=2.5 count=0 match= files="},
        {ARGS("--out=a", "-l", "high"),      "force=0 out=a colour=- level=2 rate=2.5 count=0 match= files="},
        {ARGS("-fo", "a b", "-llow"),        "force=1 out=a b colour=- level=0 rate=2.5 count=0 match= files="},
        {ARGS("--colour", "green"),          "force=0 out=- colour=green level=1 rate=2.5 count=0 match= files="},
        {ARGS("--rate", "0.5", "--count=-3"), "force=0 out=- colour=- level=1 rate=0.5 count=-3 match= files="},
        {ARGS("--rate=100", "--count=1000000000000000"), "force=0 out=- colour=- level=1 rate=100 count=1000000000000000 match= files="},
        {ARGS("-m", "x", "--match=y", "-mz"), "force=0 out=- colour=- level=1 rate=2.5 count=0 match=x,y,z, files="},
        {ARGS("a", "-f", "b"),               "force=1 out=- colour=- level=1 rate=2.5 count=0 match= files=a,b,"},
        {ARGS("--", "-f", "b"),              "force=0 out=- colour=- level=1 rate=2.5 count=0 match= files=-f,b,"},
        {ARGS("a", "--", "-f"),              "force=0 out=- colour=- level=1 rate=2.5 count=0 match= files=a,-f,"},
        {ARGS("-", "--out", "-"),            "force=0 out=- colour=- level=1 rate=2.5 count=0 match= files=-,"},
        {ARGS("--out", "--force"),           "force=0 out=--force colour=- level=1 rate=2.5 count=0 match= files="},
        {ARGS("--out=a", "--out=b"),         "force=0 out=b colour=- level=1 rate=2.5 count=0 match= files="},
        {ARGS("--forc"),                     "force=1 out=- colour=- level=1 rate=2.5 count=0 match= files="},
        // clang-format on
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].out);
        struct captured c = capture(&cmd, rows[i].args);
        t_str(c.err, "");
        t_str(c.out, rows[i].out);
        t_int(c.status, 42);
    }
    t_row("");
}

static void errors(void **state)
{
    (void)state;
    static const struct row {
        const char *args[10], *words;
    } rows[] = {
        // clang-format off
        {ARGS("--fierce"),         "unknown option '--fierce', did you mean '--force'?"},
        {ARGS("--raet=3"),         "unknown option '--raet=3', did you mean '--rate'?"},
        {ARGS("--raqqq"),          "unknown option '--raqqq'; see"},
        {ARGS("--nonsense"),       "unknown option '--nonsense'; see"},
        {ARGS("-x"),               "unknown option '-x'; see"},
        {ARGS("-fx"),              "unknown option '-x'; see"},
        {ARGS("--out"),            "'--out' needs a value"},
        {ARGS("-o"),               "'-o' needs a value"},
        {ARGS("--force=yes"),      "'--force' takes no value"},
        {ARGS("--colour", "blue"), "--colour: 'blue' is not valid; allowed: red, green; see"},
        {ARGS("-l", "0"),          "--level: '0' is not valid; allowed: low, middle, high; see"},
        {ARGS("--rate", "fast"),   "--rate: 'fast' is not a number from 0.5 to 100"},
        {ARGS("--rate", "0.4"),    "--rate: '0.4' is not a number from 0.5 to 100"},
        {ARGS("--rate", "100.5"),  "--rate: '100.5' is not a number from 0.5 to 100"},
        {ARGS("--rate", ""),       "--rate: '' is not a number"},
        {ARGS("--count", "1.5"),   "--count: '1.5' is not a whole number"},
        {ARGS("--count=-4"),       "--count: '-4' is not a number from -3 to 1e+15"},
        {ARGS("a", "b", "c"),      "takes one FILE, not 3"},
        // clang-format on
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].words);
        struct captured c = capture(&cmd, rows[i].args);
        t_int(c.status, STATUS_USAGE);
        t_str(c.out, "");
        t_contains(c.err, "cinta paint: ");
        t_contains(c.err, rows[i].words);
        t_contains(c.err, "; see 'cinta help paint'\n");
    }
    t_row("");
}

static void operands(void **state)
{
    (void)state;
    struct cmd one = cmd, none = cmd;
    one.operands = (struct operands){"COLOUR", colours,         1,
                                     1,        "give a colour", offsetof(struct options, files)};
    none.operands = (struct operands){0};
    static const struct row {
        bool one;
        const char *args[6], *words; /* "" = good */
    } rows[] = {
        // clang-format off
        {true,  {NULL},                       "give a colour"},
        {true,  ARGS("red"),                  ""},
        {true,  ARGS("blue"),                 "'blue' is not valid; allowed: red, green"},
        {true,  ARGS("red", "green"),         "takes one COLOUR, not 2"},
        {false, {NULL},                       ""},
        {false, ARGS("x"),                    "unexpected argument 'x'; see"},
        {false, ARGS("--", "x"),              "unexpected argument 'x'; see"},
        {false, ARGS("-f", "x"),              "unexpected argument 'x'; see"},
        {false, ARGS("-o", "a", "11:00"),     "unexpected argument '11:00': a value with a space in it needs quotes, such as --out 'a 11:00'"},
        {false, ARGS("-o", "a", "-f", "b"),   "unexpected argument 'b'; see"},
        {false, ARGS("-o", "a", "--", "b"),   "unexpected argument 'b'; see"},
        // clang-format on
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].words);
        struct captured c = capture(rows[i].one ? &one : &none, rows[i].args);
        t_int(c.status, *rows[i].words ? STATUS_USAGE : 42);
        t_contains(c.err, rows[i].words);
    }
    t_row("");
}

static void help(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 4096);
    help_command(&out, &cmd);
    t_str(buf_text(&out), "usage: cinta paint [options] [FILE...]\n\npaints\n\n"
                          "  -f, --force            replace it\n"
                          "  -o, --out FILE         the file\n"
                          "      --colour red|green\n"
                          "                         a word\n"
                          "  -l, --level low|middle|high\n"
                          "                         an index\n"
                          "      --rate R           a number\n"
                          "      --count N          a whole number\n"
                          "  -m, --match PATTERN    may be repeated\n"
                          "\nNotes.\n");
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(errors),
        cmocka_unit_test(operands),
        cmocka_unit_test(help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
