/*
 * journal: the events that the service reported, in their order, and which of them were expected.
 *
 * An expectation finds the next event of its kind; the events before it must be of allowed kinds.
 * At the end of a run all remaining events must be.
 */
#ifndef SCENARIO_JOURNAL_H
#define SCENARIO_JOURNAL_H

#include "market/event_kind.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

void journal_add(enum event_kind kind, const char *symbol, const char *detail);

void journal_allow(enum event_kind kind);

/* `text` is a part of "SYMBOL: detail"; `from_ms`, `to_ms`: its time since the last mark. */
void journal_expect(enum event_kind kind, const char *text, int64_t from_ms, int64_t to_ms);
void journal_expect_no_more(void); /* of kinds that are not allowed */

int64_t journal_count(enum event_kind kind, bool in_all); /* since the last mark, or in all */
const char *journal_last(enum event_kind kind);           /* "" = none */

void journal_mark(void);
void journal_show(FILE *out); /* the last events */

bool journal_find_kind(const char *name, enum event_kind *out);

#endif
