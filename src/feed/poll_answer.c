#include "feed/poll_answer.h"

#include "broker/broker_http.h"
#include "primary/decode.h"
#include "primary/request.h"
#include "record/recorder.h"

static const struct market_quote *quote_of(const struct poll_answer_parts *p)
{
    return market_quote(recorder_market(p->recorder), p->instrument);
}

static bool same_body(const struct poll_answer_parts *p, const struct http_reply *http,
                      const struct poll_memory *memory)
{
    return http->status == 200 &&
           poll_memory_same_body(memory, quote_of(p)->seq, http->body, http->body_len_bytes);
}

/* A probe with fewer levels than the stream must not remove the other levels of the book if its own
 * agree. */
static bool confirms_shallowly(const struct poll_answer_parts *p, const struct quote_update *update)
{
    if (!p->streamed || p->config->poll.depth == p->config->stream.depth)
        return false;
    int depth = config_common_depth(p->config);
    struct quote known = quote_shallow(&quote_of(p)->quote, depth);
    struct quote told = quote_shallow(&update->quote, depth);
    return quote_diff(&known, &told, update->entries) == 0;
}

/* Sets `outdated` or `changed`, if so. */
static void record(const struct poll_answer_parts *p, const struct http_reply *http,
                   const struct quote_update *update, struct poll_memory *memory,
                   struct poll_answer *answer)
{
    if (confirms_shallowly(p, update)) {
        recorder_confirm(p->recorder, p->instrument, p->now.wall_ns);
        return;
    }
    const struct market_stamp stamp = {SOURCE_REST, p->now.wall_ns, p->now.mono_ms, p->asked_ms};
    int64_t seq = quote_of(p)->seq;
    answer->outdated = recorder_update(p->recorder, p->instrument, update, &stamp).outdated;
    if (answer->outdated)
        return;
    answer->changed = seq && quote_of(p)->seq != seq;
    poll_memory_keep_body(memory, quote_of(p)->seq, http->body, http->body_len_bytes);
}

static struct poll_answer decode(const struct poll_answer_parts *p, const struct http_reply *http,
                                 struct poll_memory *memory)
{
    struct poll_answer answer = {0};
    struct quote_update update;
    struct unreadable unreadable;
    struct err why = {0};
    struct reply reply = broker_http_reply(http);
    enum reply_class class = decode_market_data(p->parser, &reply, p->config->poll.entries,
                                                &(struct decode_out){&update, &unreadable, &why});
    if (class == REPLY_OK) {
        if (unreadable.entries)
            recorder_unreadable(p->recorder, p->instrument, REQUEST_PATH_MARKET_DATA, &unreadable);
        record(p, http, &update, memory, &answer);
    }
    answer.outcome = poll_outcome_of_answer(class, &why, http->retry_after_ms, p->drop_ms);
    return answer;
}

struct poll_answer poll_answer_take(const struct poll_answer_parts *p,
                                    const struct http_reply *http, struct poll_memory *memory)
{
    if (http->outcome != HTTP_OK)
        return (struct poll_answer){.outcome =
                                        poll_outcome_of_failure(http->outcome, http->reason)};
    if (!same_body(p, http, memory))
        return decode(p, http, memory);
    recorder_confirm(p->recorder, p->instrument, p->now.wall_ns);
    return (struct poll_answer){.outcome.outcome = PLAN_ANSWERED, .unchanged = true};
}
