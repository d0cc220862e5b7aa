/*
 * service: all of it wired together, from start to drained end.
 *
 * Owns the loop, the signals and every module above; what follows from the configuration's broker,
 * poll and instruments sections is the *feed*, which HUP takes down and builds anew over the same
 * store. TERM and INT drain and end it.
 */
#ifndef APP_SERVICE_H
#define APP_SERVICE_H

#include "app/config.h"
#include "base/err.h"

enum service_end {
    SERVICE_DONE,    /* told to stop, everything written */
    SERVICE_FAILED,  /* could not start, or rows were lost at the end */
    SERVICE_CONFIG,  /* the configuration asks for what cannot be (no password...) */
    SERVICE_REFUSED, /* the broker refused the credentials at start-up */
};

/* Takes `config`. `err` has the words unless SERVICE_DONE. */
enum service_end service_run(struct config *config, struct err *err);

#endif
