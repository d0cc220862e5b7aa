#include "broker/segment_request.h"

#include "base/log.h"
#include "base/words.h"
#include "broker/list_cache.h"
#include "broker/list_request.h"
#include "primary/request.h"
#include "primary/segment_decode.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct segment_request {
    struct segment_request_parts parts;
    struct list_request *request;
    bool wanted;
    char told[sizeof(((struct err *)0)->text)]; /* the failure that was last logged */
};

/* --- answers ---------------------------------------------------------------------------------- */

static void failed(struct segment_request *r, const char *words)
{
    if (!words_alike(words, r->told)) {
        snprintf(r->told, sizeof(r->told), "%s", words);
        log_info("segments not read", LOG_TEXT("why", words));
    }
    r->parts.ended(r->parts.arg, NULL);
}

/* 0, or -errno with the reason. */
static int read_answer(struct segment_request *r, const struct buf *body,
                       struct instrument_list *list, struct err *why)
{
    struct json_parser *parser = json_parser_create();
    const struct reply reply = list_cache_reply(body);
    int64_t now_ns = loop_now(r->parts.loop).wall_ns;
    if (!list || !parser)
        err_set(why, -ENOMEM, "out of memory");
    else if (body->len_bytes > SEGMENT_LIST_BYTES)
        err_set(why, -EMSGSIZE, "the answer has %zu bytes", body->len_bytes);
    else if (segment_decode(parser, &reply, now_ns, list, why) == REPLY_OK &&
             instrument_list_segments(list) == 0)
        err_set(why, -EBADMSG, "the list is empty");
    json_parser_destroy(parser);
    return why->code;
}

static void on_end(void *arg, const struct list_request_end *end)
{
    struct segment_request *r = arg;
    struct err why = {0};
    if (!end->answered || end->class != REPLY_OK) {
        failed(r, end->words);
        return;
    }
    struct instrument_list *list = instrument_list_create();
    if (read_answer(r, end->body, list, &why)) {
        failed(r, why.text);
    } else {
        *r->told = '\0';
        list_request_worked(r->request);
        r->parts.ended(r->parts.arg, list);
    }
    instrument_list_release(list);
}

/* --- requests --------------------------------------------------------------------------------- */

void segment_request_want(struct segment_request *r)
{
    r->wanted = true;
}

bool segment_request_pending(const struct segment_request *r)
{
    return r->wanted || list_request_busy(r->request);
}

int64_t segment_request_ask(struct segment_request *r)
{
    const struct list_request_target target = {BUDGET_SEGMENT, REQUEST_PATH_SEGMENTS};
    int64_t wait_ms = r->wanted ? list_request_ask(r->request, &target) : -1;
    if (wait_ms == 0)
        r->wanted = false;
    return wait_ms;
}

/* --- life ------------------------------------------------------------------------------------- */

int segment_request_create(struct segment_request **out, const struct segment_request_parts *parts,
                           struct err *err)
{
    struct segment_request *r = calloc(1, sizeof(*r));
    if (!r)
        return err_set(err, -ENOMEM, "out of memory");
    r->parts = *parts;
    const struct list_request_parts request = {
        parts->loop, parts->config, parts->keeper, parts->events, parts->budget, on_end, r};
    int rc = list_request_create(&r->request, &request, err);
    if (rc)
        free(r);
    else
        *out = r;
    return rc;
}

void segment_request_destroy(struct segment_request *r)
{
    if (!r)
        return;
    list_request_destroy(r->request);
    free(r);
}
