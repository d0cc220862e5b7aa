/*
 * selection: the instruments that a configuration selects from the broker's list.
 *
 * Pure. Reads a list (rest/instruments/all), completes it with what is known of each instrument,
 * and returns the symbols to record: those that the rules of section `instruments` select
 * (market/instrument_rules), and those that are named, listed or not. It also reports rules that
 * match nothing, with similar symbols, because the broker gives the same error for a symbol that
 * does not exist and for one that this account may not see.
 */
#ifndef BROKER_SELECTION_H
#define BROKER_SELECTION_H

#include "base/err.h"
#include "base/json.h"
#include "config/config.h"
#include "market/instrument_list.h"
#include "primary/reply.h"

/* Borrowed by a selection for as long as it exists. */
struct selection_input {
    const struct config *config;
    struct instrument_list *known; /* reference data; NULL = none */
    int64_t today;                 /* in Argentina, days since 1970-01-01 */
};

struct selection {
    struct selection_input input;
    struct config_strings symbols; /* owned: to be recorded, sorted, each once */
    struct instrument_list *list;  /* a share: what the broker lists; NULL without a list */
    struct rule_selection rules;   /* owned; what each rule matches; none without a list */
    size_t listed;                 /* instruments in the list */
    int unusable;                  /* items without a valid symbol, ignored */
    size_t found;                  /* listed instruments that are to be recorded */
};

/*
 * REPLY_OK: call selection_finish() later. Else the class of the answer, with the reason in `why`,
 * and nothing to finish. An empty list is REPLY_MALFORMED, because every broker has instruments.
 */
enum reply_class selection_read(struct selection *out, const struct selection_input *input,
                                struct json_parser *parser, const struct reply *reply,
                                struct err *why);
/* As selection_read(), from the instruments of input->known that are listed. -ENOENT: there are
 * none; -ENOMEM. */
int selection_known(struct selection *out, const struct selection_input *input);
/* The symbols of instruments.symbols, without a list. -ENOMEM or 0. */
int selection_named(struct selection *out, const struct selection_input *input);
void selection_finish(struct selection *selection);
/* Frees what is only needed for reports; the symbols stay. */
void selection_forget_list(struct selection *selection);

/* False: it is named in the configuration, and the list does not have it. */
bool selection_is_listed(const struct selection *selection, const char *symbol);

/* How many symbols of `before` are not in `now`; both sorted. */
size_t selection_lost(const struct config_strings *before, const struct config_strings *now);
/* How many symbols of `before` the list lacks. Those that it has, and that matured or that no rule
 * selects any more, do not count. */
size_t selection_gone(const struct selection *selection, const struct config_strings *before);
/* True if more than a tenth is gone: the list is probably incomplete. */
bool selection_is_cut(size_t gone, size_t before);
/*
 * Adds the symbols of `before` that are gone, so that they are recorded while a list that lacks
 * them is in doubt. -ENOMEM or 0.
 */
int selection_keep(struct selection *selection, const struct config_strings *before);

typedef void selection_fn(void *arg, const char *text, const char *words);
/*
 * Calls `fn` for each rule that matches nothing, with its text in the configuration and a complete
 * message: "instruments.match: 'DLX*' matches nothing in the broker's list; did you mean
 * 'DLR/DIC26'?". Rules over segments or codes are left out while none is known of any instrument.
 */
void selection_unfound(const struct selection *selection, selection_fn *fn, void *arg);
/* Calls `fn` for each symbol of `before` that has matured and is not selected any more: "matured on
 * 2026-10-30 and is not recorded any more". */
void selection_matured(const struct selection *selection, const struct config_strings *before,
                       selection_fn *fn, void *arg);

#endif
