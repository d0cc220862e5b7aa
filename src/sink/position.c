#include "sink/position.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define NUMBERS 5

char *sink_position_text(char *out, const struct sink_position *p)
{
    snprintf(out, SINK_POSITION_TEXT, "%lld.%d.%lld.%lld.%lld", (long long)p->seq, p->traded,
             (long long)p->event, (long long)p->listed, (long long)p->ts_recv);
    return out;
}

bool sink_position_parse(const char *text, struct sink_position *out)
{
    int64_t numbers[NUMBERS];
    for (int i = 0; i < NUMBERS; i++) {
        char *end;
        if (*text < '0' || *text > '9')
            return false;
        errno = 0;
        numbers[i] = strtoll(text, &end, 10);
        if (errno || *end != (i < NUMBERS - 1 ? '.' : '\0'))
            return false;
        text = end + 1;
    }
    if (numbers[1] > 1)
        return false;
    *out = (struct sink_position){.seq = numbers[0],
                                  .traded = numbers[1] == 1,
                                  .event = numbers[2],
                                  .listed = numbers[3],
                                  .ts_recv = numbers[4]};
    return true;
}
