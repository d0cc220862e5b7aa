#include "api/quote_match.h"

#include "base/glob.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int quote_match_read(struct quote_match *match, const struct web_request *request)
{
    *match = (struct quote_match){0};
    for (int i = 0; i < request->params_count; i++) {
        const struct web_param *param = &request->params[i];
        if (strcmp(param->name, "match") != 0 || *param->value == '\0')
            continue;
        match->pattern[match->count] = strdup(param->value);
        if (!match->pattern[match->count]) {
            quote_match_finish(match);
            return -ENOMEM;
        }
        match->count++;
    }
    return 0;
}

void quote_match_finish(struct quote_match *match)
{
    while (match->count > 0)
        free(match->pattern[--match->count]);
}

bool quote_match_has(const struct quote_match *match, const char *symbol)
{
    return glob_any((const char *const *)match->pattern, match->count, symbol);
}
