/*
 * selection: the instruments that a configuration selects from the broker's list.
 *
 * Pure. Reads a list (rest/instruments/all) and returns the symbols to record: those of
 * instruments.symbols, and the listed ones that a glob matches. It also reports symbols and globs
 * that match nothing, with similar symbols, because the broker gives the same error for a symbol
 * that does not exist and for one that this account may not see.
 */
#ifndef BROKER_SELECTION_H
#define BROKER_SELECTION_H

#include "base/err.h"
#include "base/json.h"
#include "config/config.h"
#include "primary/reply.h"

struct selection {
    const struct config *config;   /* borrowed */
    struct config_strings symbols; /* owned: to be recorded, sorted, each once */
    size_t listed;                 /* instruments in the list */
    int unusable;                  /* items without a valid symbol, ignored */
    size_t found;                  /* listed instruments that are to be recorded */
    bool *present;                 /* owned; for each of config->symbols: it is in the list */
    size_t *matching;              /* owned; for each of config->match: how many it matches */
};

/*
 * REPLY_OK: call selection_finish() later. Else the class of the answer, with the reason in `why`,
 * and nothing to finish. An empty list is REPLY_MALFORMED, because every broker has instruments.
 */
enum reply_class selection_read(struct selection *out, const struct config *config,
                                struct json_parser *parser, const struct reply *reply,
                                struct err *why);
/* The symbols of instruments.symbols, without a list. -ENOMEM or 0. */
int selection_named(struct selection *out, const struct config *config);
void selection_finish(struct selection *selection);

/* How many symbols of `before` are not in `now`; both sorted. */
size_t selection_lost(const struct config_strings *before, const struct config_strings *now);
/* True if more than a tenth is lost: the list is probably incomplete. */
bool selection_is_cut(size_t lost, size_t before);
/*
 * Adds the missing symbols of `before`, so that they are recorded while a list that lacks them is
 * in doubt. -ENOMEM or 0.
 */
int selection_keep(struct selection *selection, const struct config_strings *before);

/*
 * Calls `fn` for each symbol and glob that matches nothing, with its text in the configuration and
 * a complete message: "instruments.match: 'DLX*' matches nothing in the broker's list; did you mean
 * 'DLR/DIC26'?". Reads the list again.
 */
typedef void selection_fn(void *arg, const char *text, const char *words);
void selection_unfound(const struct selection *selection, struct json_parser *parser,
                       const struct reply *reply, selection_fn *fn, void *arg);

#endif
