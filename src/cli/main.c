#include "cli/commands.h"
#include "cli/help.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LARGE_BYTES (1024 * 1024)

#define HELP_BYTES 65536

/* `cmd` NULL: the overview. */
static int print_help(const struct cmd *cmd, FILE *out)
{
    struct buf text;
    buf_init(&text, HELP_BYTES);
    if (cmd)
        help_command(&text, cmd);
    else
        help_overview(&text);
    fputs(buf_text(&text), out);
    buf_finish(&text);
    return STATUS_OK;
}

static int unknown(const char *name)
{
    const struct cmd *similar = commands_near(name);
    fprintf(stderr, "cinta: unknown command '%s'", name);
    if (similar)
        fprintf(stderr, "; did you mean '%s'?\n", similar->name);
    else
        fprintf(stderr, "; 'cinta help' lists them\n");
    return STATUS_USAGE;
}

static int help(int argc, char **argv)
{
    const struct cmd *cmd = argc > 2 ? commands_find(argv[2]) : NULL;
    return argc > 2 && !cmd ? unknown(argv[2]) : print_help(cmd, stdout);
}

static bool is_any(const char *text, const char *a, const char *b, const char *c)
{
    return strcmp(text, a) == 0 || strcmp(text, b) == 0 || (c && strcmp(text, c) == 0);
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (is_any(argv[i], "--help", "-h", NULL))
            return true;
    }
    return false;
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

/*
 * Large memory is mapped for itself, so that growing it copies nothing, and that freeing it returns
 * it to the system. glibc does so only until the first such memory is freed: then it raises the
 * limit, and an answer of many megabytes is copied each time that it grows.
 */
static void map_large_memory(void)
{
    mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
}

int main(int argc, char **argv)
{
    open_standard_descriptors();
    map_large_memory();
    if (argc < 2) {
        print_help(NULL, stderr);
        return STATUS_USAGE;
    }
    if (is_any(argv[1], "--version", "version", NULL)) {
        puts("cinta " CINTA_VERSION);
        return STATUS_OK;
    }
    if (is_any(argv[1], "help", "--help", "-h"))
        return help(argc, argv);
    const struct cmd *cmd = commands_find(argv[1]);
    if (!cmd)
        return unknown(argv[1]);
    if (asks_for_help(argc - 1, argv + 1))
        return print_help(cmd, stdout);
    return cmd_execute(cmd, argc - 1, argv + 1);
}
