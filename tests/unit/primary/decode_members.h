/*
 * decode_members: shared by the tests of decode: a parser for each group, and a market-data answer
 * that contains the given members.
 */
#ifndef UNIT_PRIMARY_DECODE_MEMBERS_H
#define UNIT_PRIMARY_DECODE_MEMBERS_H

#include "support/t.h"

#include "primary/decode.h"

static inline int make(void **state)
{
    *state = json_parser_create();
    return *state ? 0 : -1;
}

static inline int drop(void **state)
{
    json_parser_destroy(*state);
    return 0;
}

static inline struct reply ok(const char *body)
{
    return (struct reply){200, "application/json", "", body, strlen(body)};
}

/* The body {"status":"OK","marketData":{<members>}}, read with all entries asked for. */
static inline struct quote decode(struct json_parser *parser, const char *members)
{
    char body[20100];
    struct quote_update update = {0};
    struct unreadable unreadable;
    struct err why = {0};
    snprintf(body, sizeof(body), "{\"status\":\"OK\",\"marketData\":{%s}}", members);
    struct reply reply = ok(body);
    enum reply_class class = decode_market_data(parser, &reply, ENTRY_ALL,
                                                &(struct decode_out){&update, &unreadable, &why});
    if (class != REPLY_OK)
        fail_msg("%s: %s", t_row_name, why.text);
    t_int(update.entries, ENTRY_ALL);
    return update.quote;
}

/* "1601.5x12 1601x? ", best first; an unknown size is '?'. */
static inline const char *side_text(const struct side *side)
{
    static char text[500];
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < side->count; i++) {
        const struct level *l = &side->level[i];
        used += (size_t)snprintf(text + used, sizeof(text) - used,
                                 isnan(l->size) ? "%s%.12gx?" : "%s%.12gx%.12g", i ? " " : "",
                                 l->price, l->size);
    }
    for (int i = side->count; i < QUOTE_DEPTH_MAX; i++)
        t_true(side->level[i].price == 0 && side->level[i].size == 0);
    return text;
}

#endif
