#include "cli/args.h"

#include "base/near.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define OPTIONS_MAX 24
#define LETTER      256 /* getopt's value of a long option: LETTER + its row */

void args_init(struct args *args, const struct cmd *cmd, int argc, char **argv)
{
    *args = (struct args){cmd, argc, argv};
    optind = 0; /* restarts getopt */
    opterr = 0;
}

static int row_of_letter(const struct cmd *cmd, int letter)
{
    for (int i = 0; cmd->options[i].name; i++) {
        if (cmd->options[i].letter == letter)
            return i;
    }
    return ARGS_WRONG;
}

static void make_tables(const struct cmd *cmd, struct option *longs, char *shorts)
{
    *shorts++ = ':';
    for (int i = 0; cmd->options[i].name && i < OPTIONS_MAX; i++) {
        const struct option_row *row = &cmd->options[i];
        *longs++ = (struct option){row->name, row->value ? required_argument : no_argument, NULL,
                                   LETTER + i};
        if (row->letter) {
            *shorts++ = row->letter;
            if (row->value)
                *shorts++ = ':';
        }
    }
    *longs = (struct option){0};
    *shorts = '\0';
}

/* The known option that is most similar to a mistyped long one, or NULL. */
static const char *similar(const struct cmd *cmd, const char *written)
{
    char name[64];
    const char *found = NULL;
    if (strncmp(written, "--", 2) != 0)
        return NULL;
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(written + 2, "="), written + 2);
    int best = near_limit(name) + 1;
    for (const struct option_row *row = cmd->options; row->name; row++) {
        int distance = near_distance(name, row->name);
        if (distance < best) {
            best = distance;
            found = row->name;
        }
    }
    return found;
}

/* optopt has the letter of a wrong short option, or the LETTER + row of a long one. */
static int refuse(const struct args *args, int why)
{
    char letter[] = {'-', (char)optopt, '\0'};
    const char *written = optopt > 0 && optopt < LETTER ? letter : args->argv[optind - 1];
    const char *other = similar(args->cmd, written);
    if (why == ':')
        cmd_usage(args->cmd, "'%s' needs a value", written);
    else if (optopt >= LETTER)
        cmd_usage(args->cmd, "'--%s' takes no value", args->cmd->options[optopt - LETTER].name);
    else if (other)
        cmd_usage(args->cmd, "unknown option '%s', did you mean '--%s'?", written, other);
    else
        cmd_usage(args->cmd, "unknown option '%s'", written);
    return ARGS_WRONG;
}

int args_next(struct args *args, const char **value)
{
    struct option longs[OPTIONS_MAX + 1];
    char shorts[2 * OPTIONS_MAX + 2];
    make_tables(args->cmd, longs, shorts);

    int option = getopt_long(args->argc, args->argv, shorts, longs, NULL);
    *value = optarg;
    if (option == -1)
        return ARGS_END;
    if (option == '?' || option == ':')
        return refuse(args, option);
    return option >= LETTER ? option - LETTER : row_of_letter(args->cmd, option);
}

const char *const *args_rest(const struct args *args, int *count)
{
    *count = args->argc - optind;
    return (const char *const *)args->argv + optind;
}

int args_none_left(const struct args *args)
{
    if (optind < args->argc)
        return cmd_usage(args->cmd, "unexpected argument '%s'", args->argv[optind]);
    return 0;
}
