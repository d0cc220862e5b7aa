/*
 * answer_faults: changes an HTTP answer of the simulated broker as a scripted fault says.
 *
 * Pure: the fault was chosen before, and sending, delaying and expiring tokens is the caller's.
 */
#ifndef SIM_ANSWER_FAULTS_H
#define SIM_ANSWER_FAULTS_H

#include "serve/web.h"
#include "sim/faults.h"

/* Kinds that do not concern the content leave the answer as it is. */
void answer_faults_apply(const struct fault *fault, struct web_answer *answer);
/* How the answer is sent; WEB_SEND without a fault (NULL). */
enum web_action answer_faults_action(const struct fault *fault);

#endif
