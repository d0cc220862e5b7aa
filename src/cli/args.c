#include "cli/args.h"

#include "base/near.h"
#include "base/word_list.h"
#include "cli/option_values.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS_MAX 24
#define LETTER      256 /* getopt's value of a long option: LETTER + its row */
#define OPERAND     1   /* getopt's value of an argument that is not an option */
#define LIST_BYTES  64

struct parse {
    const struct cmd *cmd;
    int argc;
    char **argv;
    char *options; /* the command's struct */
    struct option_texts *operands;
    const struct option_row *before; /* the option just before this argument; NULL = none */
    const char *before_text;         /* its value */
};

/* --- lists ------------------------------------------------------------------------------------ */

static struct option_texts *texts_of(const struct option_row *row, char *options)
{
    return row->take == option_texts ? (struct option_texts *)(options + row->into) : NULL;
}

static struct option_texts *operands_of(const struct cmd *cmd, char *options)
{
    return cmd->operands.name ? (struct option_texts *)(options + cmd->operands.into) : NULL;
}

static int reserve(struct option_texts *texts, int count)
{
    texts->item = calloc((size_t)count, sizeof(*texts->item));
    return texts->item ? 0 : -1;
}

/* No list can be longer than argv. */
static int reserve_all(struct parse *p)
{
    int rc = p->operands ? reserve(p->operands, p->argc) : 0;
    for (const struct option_row *row = p->cmd->options; rc == 0 && row->name; row++) {
        struct option_texts *texts = texts_of(row, p->options);
        rc = texts ? reserve(texts, p->argc) : 0;
    }
    return rc ? cmd_fail(p->cmd, STATUS_USAGE, "out of memory") : STATUS_OK;
}

static void finish_texts(struct option_texts *texts)
{
    free(texts->item);
    *texts = (struct option_texts){0};
}

void args_release(const struct cmd *cmd, void *options)
{
    struct option_texts *operands = operands_of(cmd, options);
    if (operands)
        finish_texts(operands);
    for (const struct option_row *row = cmd->options; row->name; row++) {
        struct option_texts *texts = texts_of(row, options);
        if (texts)
            finish_texts(texts);
    }
}

/* --- options ---------------------------------------------------------------------------------- */

static bool takes_value(const struct option_row *row)
{
    return row->value || row->words;
}

static void make_tables(const struct cmd *cmd, struct option *longs, char *shorts)
{
    *shorts++ = '-'; /* return operands in their place, as OPERAND */
    *shorts++ = ':';
    for (int i = 0; cmd->options[i].name && i < OPTIONS_MAX; i++) {
        const struct option_row *row = &cmd->options[i];
        *longs++ = (struct option){row->name, takes_value(row) ? required_argument : no_argument,
                                   NULL, LETTER + i};
        if (row->letter) {
            *shorts++ = row->letter;
            if (takes_value(row))
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
static int refuse_option(const struct parse *p, int why)
{
    char letter[] = {'-', (char)optopt, '\0'};
    const char *written = optopt > 0 && optopt < LETTER ? letter : p->argv[optind - 1];
    const char *other = similar(p->cmd, written);
    if (why == ':')
        return cmd_usage(p->cmd, "'%s' needs a value", written);
    if (optopt >= LETTER)
        return cmd_usage(p->cmd, "'--%s' takes no value", p->cmd->options[optopt - LETTER].name);
    if (other)
        return cmd_usage(p->cmd, "unknown option '%s', did you mean '--%s'?", written, other);
    return cmd_usage(p->cmd, "unknown option '%s'", written);
}

static const struct option_row *row_of(const struct cmd *cmd, int option)
{
    if (option >= LETTER)
        return &cmd->options[option - LETTER];
    const struct option_row *row = cmd->options;
    while (row->letter != option)
        row++;
    return row;
}

static int take_option(struct parse *p, const struct option_row *row, const char *text)
{
    const struct option_given given = {p->cmd, row, text};
    p->before = text ? row : NULL;
    p->before_text = text;
    return row->take(&given, p->options + row->into);
}

/* --- operands --------------------------------------------------------------------------------- */

/* `--from yesterday 11:00` without quotes leaves 11:00 as an operand. */
static int refuse_operand(const struct parse *p, const char *text)
{
    if (p->before)
        return cmd_usage(p->cmd,
                         "unexpected argument '%s': a value with a space in it needs quotes, such "
                         "as --%s '%s %s'",
                         text, p->before->name, p->before_text, text);
    return cmd_usage(p->cmd, "unexpected argument '%s'", text);
}

static int take_operand(struct parse *p, const char *text)
{
    const struct operands *operands = &p->cmd->operands;
    char list[LIST_BYTES];
    if (!p->operands)
        return refuse_operand(p, text);
    if (operands->words && word_list_find(operands->words, text) < 0)
        return cmd_usage(p->cmd, "'%s' is not valid; allowed: %s", text,
                         word_list_text(list, sizeof(list), operands->words, ", "));
    p->operands->item[p->operands->count++] = text;
    p->before = NULL;
    return STATUS_OK;
}

static int check_operands(const struct parse *p)
{
    const struct operands *operands = &p->cmd->operands;
    if (!p->operands)
        return STATUS_OK;
    if (p->operands->count < operands->least)
        return cmd_usage(p->cmd, "%s", operands->missing);
    if (p->operands->count > operands->most)
        return cmd_usage(p->cmd, "takes one %s, not %d", operands->name, p->operands->count);
    return STATUS_OK;
}

/* --- the command line ------------------------------------------------------------------------- */

static int parse_all(struct parse *p)
{
    struct option longs[OPTIONS_MAX + 1];
    char shorts[2 * OPTIONS_MAX + 3];
    int option, status = STATUS_OK;
    make_tables(p->cmd, longs, shorts);
    optind = 0; /* restarts getopt */
    opterr = 0;
    while (status == STATUS_OK &&
           (option = getopt_long(p->argc, p->argv, shorts, longs, NULL)) != -1) {
        if (option == '?' || option == ':')
            status = refuse_option(p, option);
        else if (option == OPERAND)
            status = take_operand(p, optarg);
        else
            status = take_option(p, row_of(p->cmd, option), optarg);
    }
    for (p->before = NULL; status == STATUS_OK && optind < p->argc; optind++)
        status = take_operand(p, p->argv[optind]); /* those after "--" */
    return status ? status : check_operands(p);
}

int args_parse(const struct cmd *cmd, int argc, char **argv, void *options)
{
    struct parse p = {cmd, argc, argv, options, operands_of(cmd, options), NULL, NULL};
    int status = reserve_all(&p);
    return status ? status : parse_all(&p);
}
