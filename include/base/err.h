/*
 * err: why something failed, in words a user can act on.
 *
 * Functions that can fail return a negative errno value and, through their last parameter, the
 * words. A struct err is the caller's; NULL is allowed where the words are not wanted.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

struct err {
    int code;       /* negative errno value, 0 = no error */
    char text[512]; /* one sentence: what, where, what to do */
};

/* Fills `err` (when not NULL) and returns `code`, so that `return err_set(...)` reads well. */
int err_set(struct err *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Puts words in front of what `err` says already: "etc/cinta.conf: " + text. Returns err->code. */
int err_prefix(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
