#include "broker/token_cache.h"

#include "files/private_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_LINE "cinta token 1"
#define FILE_BYTES 4096

int token_cache_file(struct state_file *out, const struct config *config,
                     const struct cached_token *token, struct err *err)
{
    const struct config_broker *broker = &config->broker;
    *out = (struct state_file){.secret = true,
                               .before = "cannot save the token: ",
                               .after = "; the next start will log in again"};
    buf_init(&out->path, PATH_MAX);
    buf_init(&out->body, FILE_BYTES - 1);
    buf_printf(&out->path, "%s/token", config->state_dir);
    buf_printf(&out->body, FIRST_LINE "\n%s\n%s\n%lld\n%s\n", broker->url, broker->user,
               (long long)token->obtained_ns, token->token);
    if (!buf_failed(&out->path) && !buf_failed(&out->body))
        return 0;
    err_set(err, -EMSGSIZE, "%s%s: the token is too long%s", out->before, buf_text(&out->path),
            out->after);
    state_file_finish(out);
    return -EMSGSIZE;
}

int token_cache_save(const struct config *config, const struct cached_token *token, struct err *err)
{
    struct state_file file;
    int rc = token_cache_file(&file, config, token, err);
    if (rc)
        return rc;
    rc = state_file_write(&file, err);
    state_file_finish(&file);
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
