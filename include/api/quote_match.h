/*
 * quote_match: which instruments a request asks for: `match=GLOB`, which may be repeated.
 *
 * Pure; owns copies. Without `match` all instruments match.
 */
#ifndef API_QUOTE_MATCH_H
#define API_QUOTE_MATCH_H

#include "serve/web.h"

struct quote_match {
    char *pattern[WEB_PARAMS_MAX];
    int count;
};

int quote_match_read(struct quote_match *match, const struct web_request *request); /* -ENOMEM */
void quote_match_finish(struct quote_match *match);
bool quote_match_has(const struct quote_match *match, const char *symbol);

#endif
