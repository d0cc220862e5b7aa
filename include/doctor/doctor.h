/*
 * doctor: the diagnosis of a configuration and of the way to its broker, step by step.
 *
 * Blocks until it is done: each step has a time-out. It changes nothing, with one exception: a
 * token or a list of instruments that it had to request is saved for the service, unless one runs.
 * Logs in at most once, and never by an unverified connection. A running service is left alone: its
 * token is used, and its stream is not disturbed by a second one.
 */
#ifndef DOCTOR_DOCTOR_H
#define DOCTOR_DOCTOR_H

#include "doctor/conclusion.h"
#include "doctor/local_result.h"
#include "doctor/step.h"

#include <stdbool.h>

/* Each step, when it has ended; borrowed. */
typedef void doctor_step_fn(void *arg, const struct step *step);
/* Asks the service with this state_dir for its state; the result is zeroed before. */
typedef void doctor_service_fn(const char *state_dir, struct doctor_service *out);

struct doctor_parts {
    const char *config_path;
    bool offline; /* the broker is not asked */
    doctor_service_fn *service;
    doctor_step_fn *fn;
    void *arg;
};

struct conclusion doctor_run(const struct doctor_parts *parts);

#endif
