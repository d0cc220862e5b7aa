#include "app/roll_call.h"

#include "primary/reference.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static void count(void *arg, const struct reference_item *item)
{
    struct roll_call *roll = arg;
    const struct config *config = roll->config;
    bool wanted = false;

    roll->listed++;
    for (size_t i = 0; i < config->symbols.count; i++) {
        if (strcmp(config->symbols.item[i], item->symbol) == 0)
            roll->present[i] = wanted = true;
    }
    for (size_t i = 0; i < config->match.count; i++) {
        if (fnmatch(config->match.item[i], item->symbol, FNM_CASEFOLD) == 0) {
            roll->matching[i]++;
            wanted = true;
        }
    }
    roll->selected += wanted;
}

static int read_list(struct roll_call *roll, const char *body, size_t len_bytes, struct err *err)
{
    struct reply reply = {.status = 200,
                          .content_type = "",
                          .location = "",
                          .body = body,
                          .body_len_bytes = len_bytes};
    int skipped;
    struct json_parser *parser = json_parser_create();
    if (!parser)
        return err_set(err, -ENOMEM, "out of memory");
    enum reply_class class = reference_list(parser, &reply, count, roll, &skipped, err);
    json_parser_destroy(parser);
    if (class == REPLY_OK && roll->listed == 0)
        return err_set(err, -EBADMSG, "the list is empty");
    return class == REPLY_OK ? 0 : -EBADMSG;
}

int roll_call_take(struct roll_call *roll, const struct config *config, const char *body,
                   size_t len_bytes, struct err *err)
{
    *roll = (struct roll_call){.config = config};
    roll->present = calloc(config->symbols.count + 1, sizeof(*roll->present));
    roll->matching = calloc(config->match.count + 1, sizeof(*roll->matching));
    int rc = roll->present && roll->matching ? read_list(roll, body, len_bytes, err)
                                             : err_set(err, -ENOMEM, "out of memory");
    if (rc)
        roll_call_finish(roll);
    return rc;
}

void roll_call_finish(struct roll_call *roll)
{
    free(roll->present);
    free(roll->matching);
    *roll = (struct roll_call){0};
}
