/*
 * err: an error code and a message for the user.
 *
 * Functions that can fail return a negative errno value and fill the struct err of their last
 * parameter. The caller owns it; NULL is allowed when the message is not needed.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

struct err {
    int code;       /* negative errno value, 0 = no error */
    char text[512]; /* one sentence: what, where, what to do */
};

/* Fills `err` (when not NULL). Returns `code`, for `return err_set(...)`. */
int err_set(struct err *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Inserts text before the message in `err`: "etc/cinta.conf: " + text. Returns err->code. */
int err_prefix(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Appends text to the message in `err`: text + ": choose another folder". Returns err->code. */
int err_suffix(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
