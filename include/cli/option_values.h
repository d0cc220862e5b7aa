/*
 * option_values: how the value of an option is checked and stored, for the tables of options.
 *
 * A row of a table ends in one of these macros. `type` is the struct of the command's options and
 * `member` the member for the value; a member of another type than the macro needs does not
 * compile.
 *
 *   {"json", 0, NULL, "print one JSON object", OPTION_FLAG(struct options, json)},
 */
#ifndef CLI_OPTION_VALUES_H
#define CLI_OPTION_VALUES_H

#include "cli/cmd.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

option_take option_flag, option_text, option_texts, option_word, option_choice, option_number,
    option_whole;

/* The offset of the member, whose type is checked. */
#define OPTION_AT(type, member, member_type)                                                       \
    (offsetof(type, member) + 0 * sizeof(1 ? &((type *)NULL)->member : (member_type *)NULL))

/* bool: true. */
#define OPTION_FLAG(type, member) .take = option_flag, .into = OPTION_AT(type, member, bool)
/* const char *: any text. */
#define OPTION_TEXT(type, member) .take = option_text, .into = OPTION_AT(type, member, const char *)
/* struct option_texts: any text, may be repeated. */
#define OPTION_TEXTS(type, member)                                                                 \
    .take = option_texts, .into = OPTION_AT(type, member, struct option_texts)
/* const char *: one of the list. */
#define OPTION_WORD(type, member, list)                                                            \
    .take = option_word, .into = OPTION_AT(type, member, const char *), .words = (list)
/* int: the index of one of the list. */
#define OPTION_CHOICE(type, member, list)                                                          \
    .take = option_choice, .into = OPTION_AT(type, member, int), .words = (list)
/* double from `least` to `most`. */
#define OPTION_NUMBER(type, member, least, most)                                                   \
    .take = option_number, .into = OPTION_AT(type, member, double), .min = (least), .max = (most)
/* int64_t from `least` to `most`. */
#define OPTION_WHOLE(type, member, least, most)                                                    \
    .take = option_whole, .into = OPTION_AT(type, member, int64_t), .min = (least), .max = (most)

#endif
