#include "broker/token_cache.h"

#include "files/private_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_LINE "cinta token 1"
#define FILE_BYTES 4096

int token_cache_save(const char *state_dir, const char *url, const char *user,
                     const struct cached_token *token, struct err *err)
{
    char path[PATH_MAX], text[FILE_BYTES];

    snprintf(path, sizeof(path), "%s/token", state_dir);
    int len = snprintf(text, sizeof(text), FIRST_LINE "\n%s\n%s\n%lld\n%s\n", url, user,
                       (long long)token->obtained_ns, token->token);
    int rc = len < (int)sizeof(text) ? private_file_write(path, text, (size_t)len, err)
                                     : err_set(err, -EMSGSIZE, "%s: the token is too long", path);
    explicit_bzero(text, sizeof(text));
    if (rc) {
        err_prefix(err, "cannot save the token: ");
        err_suffix(err, "; the next start will log in again");
    }
    return rc;
}

/* "" if there is no further line or it has no line end: an incomplete line is not used. */
static char *next_line(char **rest)
{
    char *line = *rest, *end = line ? strchr(line, '\n') : NULL;
    *rest = end ? end + 1 : NULL;
    if (!end)
        return (char *)"";
    *end = '\0';
    return line;
}

static int parse(char *text, const char *url, const char *user, struct cached_token *out)
{
    char *end;
    if (strcmp(next_line(&text), FIRST_LINE) != 0 || strcmp(next_line(&text), url) != 0 ||
        strcmp(next_line(&text), user) != 0)
        return -ENOENT;
    const char *number = next_line(&text);
    errno = 0;
    long long obtained_ns = strtoll(number, &end, 10);
    const char *token = next_line(&text);
    if (errno || *end || end == number || obtained_ns <= 0 || !login_token_valid(token))
        return -ENOENT;
    snprintf(out->token, sizeof(out->token), "%s", token);
    out->obtained_ns = obtained_ns;
    return 0;
}

int token_cache_load(const char *state_dir, const char *url, const char *user,
                     struct cached_token *out)
{
    char path[PATH_MAX];
    struct buf text;
    snprintf(path, sizeof(path), "%s/token", state_dir);
    buf_init(&text, FILE_BYTES);
    int rc = private_file_read(path, &text, NULL);
    if (rc == 0 && text.data) {
        bool whole = !memchr(text.data, '\0', text.len_bytes);
        rc = whole ? parse(text.data, url, user, out) : -ENOENT;
        explicit_bzero(text.data, text.cap_bytes);
    } else {
        rc = -ENOENT;
    }
    buf_finish(&text);
    return rc;
}
