/*
 * selection: the instruments that a configuration selects from the broker's list.
 *
 * Pure. Reads a list (rest/instruments/all) and says what is to be recorded: the symbols that are
 * named, and the listed ones that a glob matches. It also says which names and globs found nothing,
 * and what may have been meant instead, because a symbol that does not exist is answered like one
 * that this account may not see.
 */
#ifndef APP_SELECTION_H
#define APP_SELECTION_H

#include "app/config.h"
#include "base/err.h"
#include "base/json.h"
#include "primary/reply.h"

struct selection {
    const struct config *config;   /* borrowed */
    struct config_strings symbols; /* owned: to be recorded, sorted, each once */
    size_t listed;                 /* instruments in the list */
    int unusable;                  /* items without a usable symbol, left out */
    size_t found;                  /* listed instruments that are to be recorded */
    bool *present;                 /* owned; of config->symbols, in that order */
    size_t *matching;              /* owned; of config->match */
};

/*
 * REPLY_OK, with a selection to be finished; else what kind of answer it was instead, with words,
 * and nothing to finish. An empty list is REPLY_MALFORMED: every broker trades something.
 */
enum reply_class selection_read(struct selection *out, const struct config *config,
                                struct json_parser *parser, const struct reply *reply,
                                struct err *why);
/* The symbols that are named, without a list. -ENOMEM or 0. */
int selection_named(struct selection *out, const struct config *config);
void selection_finish(struct selection *selection);

/* The symbols of `before` that `now` has not; both sorted. */
size_t selection_lost(const struct config_strings *before, const struct config_strings *now);
/* More than a tenth of what was recorded: the list is cut, rather than that all of these ended. */
bool selection_is_cut(size_t lost, size_t before);
/*
 * Adds those of `before` that are missing. -ENOMEM or 0. What is recorded goes on while a list that
 * lost a part of it is in doubt.
 */
int selection_keep(struct selection *selection, const struct config_strings *before);

/*
 * One call for each name and each glob that found nothing: the key, the text as it is in the
 * configuration, and words that stand by themselves: "instruments.match: 'DLX*' matches nothing in
 * the broker's list; did you mean 'DLR/DIC26'?". Reads the list again.
 */
typedef void selection_fn(void *arg, const char *text, const char *words);
void selection_unfound(const struct selection *selection, struct json_parser *parser,
                       const struct reply *reply, selection_fn *fn, void *arg);

#endif
