#include "base/log.h"
#include "base/near.h"
#include "cli/cmd.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FAIL_BYTES 2048

static const struct cmd *const commands[] = {
    &cmd_run,    &cmd_init,   &cmd_check,  &cmd_quotes, &cmd_status,
    &cmd_verify, &cmd_backup, &cmd_export, &cmd_sim,    &cmd_completion,
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

const struct cmd *const *cmd_all(size_t *count)
{
    *count = COMMANDS;
    return commands;
}

static const struct cmd *find(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    }
    return NULL;
}

static void print_overview(FILE *out)
{
    fprintf(out, "cinta records market data from brokers that speak the Primary API.\n\n"
                 "usage: cinta <command> [options]\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-11s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(out, "\n'cinta help <command>' shows its options; 'cinta --version' the version.\n");
}

#define HELP_COLUMN 25

static void print_option(const struct option_row *row)
{
    char left[64] = "      ";
    if (row->letter)
        snprintf(left, sizeof(left), "  -%c, ", row->letter);
    int used = 6 + snprintf(left + 6, sizeof(left) - 6, "--%s%s%s", row->name,
                            row->value ? " " : "", row->value ? row->value : "");
    if (used + 2 > HELP_COLUMN)
        printf("%s\n%*s%s\n", left, HELP_COLUMN, "", row->help);
    else
        printf("%-*s%s\n", HELP_COLUMN, left, row->help);
}

void cmd_print_help(const struct cmd *self)
{
    printf("usage: cinta %s %s\n\n%s\n\n", self->name, self->arguments, self->summary);
    for (const struct option_row *row = self->options; row->name; row++)
        print_option(row);
    printf("%s%s", self->options->name ? "\n" : "", self->notes);
}

static int unknown(const char *name)
{
    const char *meant = NULL;
    int best = near_limit(name) + 1;
    for (size_t i = 0; i < COMMANDS; i++) {
        int distance = near_distance(name, commands[i]->name);
        if (distance < best) {
            best = distance;
            meant = commands[i]->name;
        }
    }
    fprintf(stderr, "cinta: unknown command '%s'", name);
    if (meant)
        fprintf(stderr, "; did you mean '%s'?\n", meant);
    else
        fprintf(stderr, "; 'cinta help' lists them\n");
    return STATUS_USAGE;
}

static int help(int argc, char **argv)
{
    if (argc < 3) {
        print_overview(stdout);
        return STATUS_OK;
    }
    const struct cmd *cmd = find(argv[2]);
    if (!cmd)
        return unknown(argv[2]);
    cmd_print_help(cmd);
    return STATUS_OK;
}

static int asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return 1;
    }
    return 0;
}

int cmd_usage(const struct cmd *self, const char *fmt, ...)
{
    va_list ap;
    fprintf(stderr, "cinta %s: ", self->name);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fprintf(stderr, "; see 'cinta help %s'\n", self->name);
    return STATUS_USAGE;
}

int cmd_fail(const struct cmd *self, int status, const char *fmt, ...)
{
    char words[FAIL_BYTES];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(words, sizeof(words), fmt, ap);
    va_end(ap);
    log_mask(words); /* a broker's answer may contain the credentials that it was sent */
    fprintf(stderr, "cinta %s: %s\n", self->name, words);
    return status;
}

/* If they are closed, a file or socket opened later could become stderr and receive log lines. */
static void open_standard_descriptors(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

int main(int argc, char **argv)
{
    open_standard_descriptors();
    if (argc < 2) {
        print_overview(stderr);
        return STATUS_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "version") == 0) {
        puts("cinta " CINTA_VERSION);
        return STATUS_OK;
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
        strcmp(argv[1], "-h") == 0)
        return help(argc, argv);
    const struct cmd *cmd = find(argv[1]);
    if (!cmd)
        return unknown(argv[1]);
    if (asks_for_help(argc - 1, argv + 1)) {
        cmd_print_help(cmd);
        return STATUS_OK;
    }
    return cmd->run(cmd, argc - 1, argv + 1);
}
