/*
 * place: the line of the script that is being run, and how a run fails.
 *
 * Every check of the scenario bed ends here: the message begins with file and line, the last events
 * of the journal follow, and the process ends with status 1.
 */
#ifndef SCENARIO_PLACE_H
#define SCENARIO_PLACE_H

/* Borrowed until the next call; `row` is the name of the case, "" = none. */
void place_set(const char *file, int line, const char *row);

_Noreturn void place_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
