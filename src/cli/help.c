#include "cli/help.h"

#include "base/word_list.h"
#include "cli/commands.h"

#include <stdio.h>
#include <string.h>

#define COLUMN 25 /* of the help texts */

char *help_value(char out[HELP_VALUE_BYTES], const struct option_row *row)
{
    if (row->words && !row->value)
        return word_list_text(out, HELP_VALUE_BYTES, row->words, "|");
    snprintf(out, HELP_VALUE_BYTES, "%s", row->value ? row->value : "");
    return out;
}

void help_overview(struct buf *out)
{
    buf_puts(out, "cinta records market data from brokers that speak the Primary API.\n\n"
                  "usage: cinta <command> [options]\n\n");
    for (size_t i = 0; commands[i]; i++)
        buf_printf(out, "  %-11s %s\n", commands[i]->name, commands[i]->summary);
    buf_puts(out, "\n'cinta help <command>' shows its options; 'cinta --version' the version.\n");
}

static void put_option(struct buf *out, const struct option_row *row)
{
    char value[HELP_VALUE_BYTES], left[128] = "      ";
    help_value(value, row);
    if (row->letter)
        snprintf(left, sizeof(left), "  -%c, ", row->letter);
    int used =
        6 + snprintf(left + 6, sizeof(left) - 6, "--%s%s%s", row->name, *value ? " " : "", value);
    if (used + 2 > COLUMN)
        buf_printf(out, "%s\n%*s%s\n", left, COLUMN, "", row->help);
    else
        buf_printf(out, "%-*s%s\n", COLUMN, left, row->help);
}

void help_command(struct buf *out, const struct cmd *cmd)
{
    buf_printf(out, "usage: cinta %s %s\n\n%s\n\n", cmd->name, cmd->usage, cmd->summary);
    for (const struct option_row *row = cmd->options; row->name; row++)
        put_option(out, row);
    buf_printf(out, "%s%s", cmd->options->name ? "\n" : "", cmd->notes);
}
