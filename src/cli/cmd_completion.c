#include "cli/args.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const struct option_row options[] = {{0}};

/* --- what a value may be ---------------------------------------------------------------------- */

enum value_kind { VALUE_FREE, VALUE_FILE, VALUE_FOLDER, VALUE_EXPORT, VALUE_WORDS };

/*
 * "none|gzip|zstd" are words to choose from, "LEVEL" is a name for what the user knows. What takes
 * a folder or a file (--out) writes it: of the files, only exports are offered.
 */
static enum value_kind kind_of(const char *value)
{
    if (strstr(value, "FILE") && strstr(value, "DIR"))
        return VALUE_EXPORT;
    if (strstr(value, "FILE"))
        return VALUE_FILE;
    if (strstr(value, "DIR"))
        return VALUE_FOLDER;
    for (const char *c = value; *c; c++) {
        if (!islower((unsigned char)*c) && *c != '|')
            return VALUE_FREE;
    }
    return strchr(value, '|') ? VALUE_WORDS : VALUE_FREE;
}

/*
 * What a command takes besides options: FILE of "[-c FILE | --db FILE] [--force] FILE", but not the
 * FILE of "-c". `out` holds `size` bytes; empty for none.
 */
static void argument_of(const struct cmd *cmd, char *out, size_t size)
{
    char text[256], *rest = text, *word;
    bool value_follows = false;
    *out = '\0';
    snprintf(text, sizeof(text), "%s", cmd->arguments);
    while ((word = strsep(&rest, " "))) {
        bool closes = strchr(word, ']') != NULL;
        word += strspn(word, "[");
        word[strcspn(word, "]")] = '\0';
        if (!value_follows && (isupper((unsigned char)*word) || kind_of(word) == VALUE_WORDS))
            snprintf(out, size, "%s", word);
        value_follows = *word == '-' && !closes;
    }
}

static void put_words(const char *value)
{
    for (; *value; value++)
        putchar(*value == '|' ? ' ' : *value);
}

/* --- bash ------------------------------------------------------------------------------------- */

static void bash_value(const char *value)
{
    switch (kind_of(value)) {
    case VALUE_FILE:
        printf("_cinta_files -f");
        return;
    case VALUE_FOLDER:
        printf("_cinta_files -d");
        return;
    case VALUE_EXPORT:
        printf("_cinta_exports");
        return;
    case VALUE_WORDS:
        printf("_cinta_words '");
        put_words(value);
        printf("'");
        return;
    case VALUE_FREE:
        printf(":");
    }
}

static void bash_option_values(const struct cmd *cmd)
{
    for (const struct option_row *row = cmd->options; row->name; row++) {
        if (!row->value)
            continue;
        printf("    '%s --%s'", cmd->name, row->name);
        if (row->letter)
            printf(" | '%s -%c'", cmd->name, row->letter);
        printf(") ");
        bash_value(row->value);
        printf("; return ;;\n");
    }
}

static void bash_options(const struct cmd *cmd)
{
    printf("    '%s -'*) _cinta_words '", cmd->name);
    for (const struct option_row *row = cmd->options; row->name; row++)
        printf("--%s ", row->name);
    printf("--help' ;;\n");
}

static void bash_argument(const struct cmd *cmd)
{
    char argument[64];
    argument_of(cmd, argument, sizeof(argument));
    if (!*argument || kind_of(argument) == VALUE_FREE)
        return;
    printf("    '%s '*) ", cmd->name);
    bash_value(argument);
    printf(" ;;\n");
}

/* bash takes "--name=value" for three words. */
static const char bash_head[] =
    "# bash completion for cinta, made by `cinta completion bash`.\n"
    "_cinta_words() { mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$word\"); }\n"
    "_cinta_files() {\n"
    "    compopt -o filenames 2>/dev/null\n"
    "    mapfile -t COMPREPLY < <(compgen \"$1\" -- \"$word\")\n"
    "}\n"
    "_cinta_exports() {\n"
    "    compopt -o filenames 2>/dev/null\n"
    "    mapfile -t COMPREPLY < <(compgen -d -- \"$word\"\n"
    "        compgen -f -- \"$word\" | grep -E '\\.(csv|jsonl)(\\.gz|\\.zst)?$')\n"
    "}\n"
    "_cinta() {\n"
    "    local command=${COMP_WORDS[1]} word=${COMP_WORDS[COMP_CWORD]}\n"
    "    local before=${COMP_WORDS[COMP_CWORD-1]}\n"
    "    COMPREPLY=()\n"
    "    if [ \"$word\" = = ]; then\n"
    "        word=\n"
    "    elif [ \"$before\" = = ]; then\n"
    "        before=${COMP_WORDS[COMP_CWORD-2]}\n"
    "    fi\n";

static void put_commands(void)
{
    size_t count;
    const struct cmd *const *all = cmd_all(&count);
    for (size_t i = 0; i < count; i++)
        printf("%s ", all[i]->name);
}

static void print_bash(void)
{
    size_t count;
    const struct cmd *const *all = cmd_all(&count);
    printf("%s    if [ \"$COMP_CWORD\" -eq 1 ] || [ \"$command\" = help ]; then\n"
           "        _cinta_words '",
           bash_head);
    put_commands();
    printf("help --version'\n        return\n    fi\n    case \"$command $before\" in\n");
    for (size_t i = 0; i < count; i++)
        bash_option_values(all[i]);
    printf("    esac\n    case \"$command $word\" in\n");
    for (size_t i = 0; i < count; i++) {
        bash_options(all[i]);
        bash_argument(all[i]);
    }
    printf("    esac\n}\ncomplete -F _cinta cinta\n");
}

/* --- zsh -------------------------------------------------------------------------------------- */

/* Between single quotes, where `special` need a backslash. */
static void put_quoted(const char *text, const char *special)
{
    for (; *text; text++) {
        if (*text == '\'')
            printf("'\\'");
        else if (strchr(special, *text))
            putchar('\\');
        putchar(*text);
    }
}

static void zsh_value(const char *value)
{
    printf(":");
    put_quoted(value, ":");
    switch (kind_of(value)) {
    case VALUE_FILE:
        printf(":_files");
        return;
    case VALUE_FOLDER:
        printf(":_files -/");
        return;
    case VALUE_EXPORT:
        printf(":_files -g \"*.(csv|jsonl)(-.) *.(csv|jsonl).(gz|zst)(-.)\"");
        return;
    case VALUE_WORDS:
        printf(":(");
        put_words(value);
        printf(")");
        return;
    case VALUE_FREE:
        printf(": ");
    }
}

static void zsh_option(const struct option_row *row)
{
    const char *equals = row->value ? "=" : "";
    if (row->letter)
        printf("            '(-%c --%s)'{-%c%s,--%s%s}'", row->letter, row->name, row->letter,
               row->value ? "+" : "", row->name, equals);
    else
        printf("            '--%s%s", row->name, equals);
    printf("[");
    put_quoted(row->help, "[]\\");
    printf("]");
    if (row->value)
        zsh_value(row->value);
    printf("' \\\n");
}

static void zsh_command(const struct cmd *cmd)
{
    char argument[64];
    argument_of(cmd, argument, sizeof(argument));
    printf("    %s)\n        _arguments -s -S \\\n", cmd->name);
    for (const struct option_row *row = cmd->options; row->name; row++)
        zsh_option(row);
    printf("            '(- *)--help[what it does]'");
    if (*argument) {
        printf(" \\\n            '*");
        zsh_value(argument);
        printf("'");
    }
    printf(" ;;\n");
}

static void print_zsh(void)
{
    size_t count;
    const struct cmd *const *all = cmd_all(&count);
    printf("#compdef cinta\n# zsh completion for cinta, made by `cinta completion zsh`.\n"
           "local -a commands=(\n");
    for (size_t i = 0; i < count; i++) {
        printf("    '%s:", all[i]->name);
        put_quoted(all[i]->summary, "\\");
        printf("'\n");
    }
    printf("    'help:what a command does'\n)\n"
           "if (( CURRENT == 2 )) || [[ $words[2] == help ]]; then\n"
           "    _describe -t commands command commands\n    return\nfi\n"
           "shift words\n(( CURRENT-- ))\ncase $words[1] in\n");
    for (size_t i = 0; i < count; i++)
        zsh_command(all[i]);
    printf("esac\n");
}

/* --- the command ------------------------------------------------------------------------------ */

static int run(const struct cmd *self, int argc, char **argv)
{
    struct args args;
    const char *value, *const *rest;
    int count;

    args_init(&args, self, argc, argv);
    if (args_next(&args, &value) == ARGS_WRONG)
        return STATUS_USAGE;
    rest = args_rest(&args, &count);
    if (count != 1)
        return cmd_usage(self, "for which shell: bash or zsh?");
    if (strcmp(rest[0], "bash") == 0)
        print_bash();
    else if (strcmp(rest[0], "zsh") == 0)
        print_zsh();
    else
        return cmd_usage(self, "bash or zsh, not '%s'", rest[0]);
    return STATUS_OK;
}

const struct cmd cmd_completion = {
    .name = "completion",
    .arguments = "bash|zsh",
    .summary = "what makes the shell complete commands, options and files",
    .options = options,
    .notes = "The package installs it. By hand, for this session:\n"
             "  source <(cinta completion bash)\n"
             "for zsh, into a folder of $fpath:\n"
             "  cinta completion zsh >~/.zsh/completions/_cinta\n",
    .run = run,
};
