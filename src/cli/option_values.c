#include "cli/option_values.h"

#include "base/num.h"
#include "base/word_list.h"

#include <math.h>
#include <string.h>

#define LIST_BYTES 256

int option_flag(const struct option_given *given, void *into)
{
    (void)given;
    *(bool *)into = true;
    return STATUS_OK;
}

int option_text(const struct option_given *given, void *into)
{
    *(const char **)into = given->text;
    return STATUS_OK;
}

/* args_parse() has reserved the memory. */
int option_texts(const struct option_given *given, void *into)
{
    struct option_texts *texts = into;
    texts->item[texts->count++] = given->text;
    return STATUS_OK;
}

int option_choice(const struct option_given *given, void *into)
{
    char list[LIST_BYTES];
    int index = word_list_find(given->row->words, given->text);
    if (index < 0)
        return cmd_usage(given->cmd, "--%s: '%s' is not valid; allowed: %s", given->row->name,
                         given->text, word_list_text(list, sizeof(list), given->row->words, ", "));
    *(int *)into = index;
    return STATUS_OK;
}

int option_word(const struct option_given *given, void *into)
{
    int index;
    int status = option_choice(given, &index);
    if (status == STATUS_OK)
        *(const char **)into = given->row->words[index];
    return status;
}

int option_number(const struct option_given *given, void *into)
{
    const struct option_row *row = given->row;
    double number;
    if (!num_parse(given->text, strlen(given->text), &number) || number < row->min ||
        number > row->max)
        return cmd_usage(given->cmd, "--%s: '%s' is not a number from %.15g to %.15g", row->name,
                         given->text, row->min, row->max);
    *(double *)into = number;
    return STATUS_OK;
}

int option_whole(const struct option_given *given, void *into)
{
    double number;
    int status = option_number(given, &number);
    if (status == STATUS_OK && number != floor(number))
        status = cmd_usage(given->cmd, "--%s: '%s' is not a whole number", given->row->name,
                           given->text);
    if (status == STATUS_OK)
        *(int64_t *)into = (int64_t)number;
    return status;
}
