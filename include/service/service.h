/*
 * service: creates and connects all modules, runs the loop, and shuts down in order.
 *
 * Owns the loop, the signals and every module of `cinta run`. SIGHUP reloads the configuration: it
 * destroys and creates again the modules that talk to the broker, over the same store. SIGTERM and
 * SIGINT write the pending data and stop.
 */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include "base/err.h"
#include "config/config.h"

enum service_end {
    SERVICE_DONE,        /* stopped by a signal, everything written */
    SERVICE_FAILED,      /* could not start, or rows were lost at the end */
    SERVICE_CONFIG,      /* the configuration cannot be used (no password, ...) */
    SERVICE_REFUSED,     /* the broker refused the credentials at start-up */
    SERVICE_UNREACHABLE, /* the broker does not answer */
};

/*
 * Instead of the service: requests the lists of trades that the user wants (table tape_wanted), one
 * after the other, merges them into the database and returns when nothing is left that can be
 * requested. As service_run(); SERVICE_UNREACHABLE when the broker does not answer within six
 * time-outs of a request.
 */
enum service_end service_backfill(struct config *config, struct err *err);

/* Takes `config`. `err` has the reason unless SERVICE_DONE. */
enum service_end service_run(struct config *config, struct err *err);

#endif
