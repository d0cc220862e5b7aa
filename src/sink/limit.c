#include "sink/limit.h"

#define REFERENCE_MS 30000

int64_t sink_limit_end(const struct sink_limit *limit, int64_t last_seq)
{
    return limit->closed && limit->seq < last_seq ? limit->seq : last_seq;
}

int64_t sink_limit_hold_ms(const struct sink_limit *limit, int64_t started_ms, int64_t now_ms)
{
    int64_t since_ms = limit->opened_ms > started_ms ? limit->opened_ms : started_ms;
    return since_ms + REFERENCE_MS - now_ms;
}

bool sink_limit_withholds(const struct sink_limit *limit, int64_t seq)
{
    for (int i = 0; i < limit->withheld_count; i++) {
        if (seq > limit->withheld[i].from && seq <= limit->withheld[i].to)
            return true;
    }
    return false;
}

int64_t sink_seq_distance(int64_t from, int64_t to)
{
    int64_t block = to - to % SINK_SEQ_BLOCK;
    int64_t begin = from < block ? block : from;
    return to > begin ? to - begin : 0;
}
