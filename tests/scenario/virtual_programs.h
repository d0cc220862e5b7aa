/*
 * virtual_programs: other programs: `cinta status`, which asks the service for its state, and the
 * child processes of the daily export and of alerts. Replaces net/responder and net/child.
 */
#ifndef SCENARIO_VIRTUAL_PROGRAMS_H
#define SCENARIO_VIRTUAL_PROGRAMS_H

#include "base/json.h"

/* The service's state as `cinta status --json` shows it; borrowed until the next call. Fails the
 * run when the service does not answer. */
const struct json *programs_status(void);

/* How each run of the daily export ends. The text is borrowed until the process ends. */
void programs_set_export(int status, const char *words);

/* The same for the program of section alert; or that each run lasts until its time limit. */
void programs_set_alert(int status, const char *words);
void programs_hang_alert(void);
/* What the last run of it got as input; "" = there was none. */
const char *programs_last_alert(void);

#endif
