#include "sink/position.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define NUMBERS_MIN 5
#define NUMBERS     6

char *sink_position_text(char *out, const struct sink_position *p)
{
    snprintf(out, SINK_POSITION_TEXT, "%lld.%d.%lld.%lld.%lld.%lld", (long long)p->seq, p->traded,
             (long long)p->event, (long long)p->listed, (long long)p->ts_recv,
             (long long)p->revision);
    return out;
}

/* Returns how many there are; 0: it is something else. */
static int numbers_of(const char *text, int64_t out[NUMBERS])
{
    for (int i = 0; i < NUMBERS; i++) {
        char *end;
        if (*text < '0' || *text > '9')
            return 0;
        errno = 0;
        out[i] = strtoll(text, &end, 10);
        if (errno || (*end && *end != '.'))
            return 0;
        if (!*end)
            return i + 1;
        text = end + 1;
    }
    return 0;
}

bool sink_position_parse(const char *text, struct sink_position *out)
{
    int64_t numbers[NUMBERS] = {0};
    if (numbers_of(text, numbers) < NUMBERS_MIN || numbers[1] > 1)
        return false;
    *out = (struct sink_position){.seq = numbers[0],
                                  .traded = numbers[1] == 1,
                                  .event = numbers[2],
                                  .listed = numbers[3],
                                  .ts_recv = numbers[4],
                                  .revision = numbers[5]};
    return true;
}
