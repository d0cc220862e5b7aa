/*
 * check_instruments: what the rules of section `instruments` select, for `cinta check`.
 *
 * Reads the list of instruments that the service or `cinta init` has cached, and the reference data
 * in the database; asks nobody.
 */
#ifndef CLI_CHECK_INSTRUMENTS_H
#define CLI_CHECK_INSTRUMENTS_H

#include "base/buf.h"
#include "broker/selection.h"

/* Prints a warning on stderr for each rule that matches nothing in the cached list, if there is
 * one. */
void check_instruments_warn(const struct config *config);

/* Prints what each rule matched, the instruments that are recorded, and how often each is
 * refreshed. The exit status; 1 when there is no list and a rule needs one. */
int check_instruments_print(const struct config *config);

/* The same as text: how long a round of polls takes, the rules, the symbols. */
void check_instruments_put(struct buf *out, const struct selection *selection);

#endif
