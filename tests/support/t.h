/*
 * t: cmocka with readable failures.
 *
 * cmocka prints numbers in hexadecimal and does not print the row of a table test. These
 * macros print decimal values and, inside a table, the row's name (set it with t_row()).
 */
#ifndef SUPPORT_T_H
#define SUPPORT_T_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *t_row_name __attribute__((unused)) = "";

#define t_row(name) (t_row_name = (name))

#define t_int(actual, expected)                                                                    \
    do {                                                                                           \
        long long t_a = (long long)(actual), t_e = (long long)(expected);                          \
        if (t_a != t_e)                                                                            \
            fail_msg("%s: %s is %lld, expected %lld", t_row_name, #actual, t_a, t_e);              \
    } while (0)

/* NAN equals NAN. */
#define t_double(actual, expected)                                                                 \
    do {                                                                                           \
        double t_a = (actual), t_e = (expected);                                                   \
        if (t_a != t_e && !(isnan(t_a) && isnan(t_e)))                                             \
            fail_msg("%s: %s is %.17g, expected %.17g", t_row_name, #actual, t_a, t_e);            \
    } while (0)

#define t_str(actual, expected)                                                                    \
    do {                                                                                           \
        const char *t_a = (actual), *t_e = (expected);                                             \
        if (!t_a || !t_e ? t_a != t_e : strcmp(t_a, t_e) != 0)                                     \
            fail_msg("%s: %s is \"%s\", expected \"%s\"", t_row_name, #actual,                     \
                     t_a ? t_a : "(null)", t_e ? t_e : "(null)");                                  \
    } while (0)

/* A struct text (base/text.h); the expected string may be NULL. */
#define t_text(actual, expected)                                                                   \
    do {                                                                                           \
        const char *t_e = (expected);                                                              \
        if (t_e ? !text_is((actual), t_e) : (actual).text != NULL)                                 \
            fail_msg("%s: %s is \"%.*s\", expected \"%s\"", t_row_name, #actual,                   \
                     (int)(actual).len_bytes, (actual).text ? (actual).text : "",                  \
                     t_e ? t_e : "(null)");                                                        \
    } while (0)

#define t_contains(haystack, needle)                                                               \
    do {                                                                                           \
        const char *t_a = (haystack), *t_e = (needle);                                             \
        if (!t_a || !strstr(t_a, t_e))                                                             \
            fail_msg("%s: \"%s\" does not contain \"%s\"", t_row_name, t_a ? t_a : "(null)", t_e); \
    } while (0)

#define t_true(condition)                                                                          \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("%s: not true: %s", t_row_name, #condition);                                  \
    } while (0)

#define T_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
