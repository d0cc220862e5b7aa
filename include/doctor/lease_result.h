/*
 * lease_result: what was read of the lease means.
 *
 * Pure: the caller reads it. A fault is a warning only: the recorder that has the lease records on.
 */
#ifndef DOCTOR_LEASE_RESULT_H
#define DOCTOR_LEASE_RESULT_H

#include "base/err.h"
#include "doctor/step.h"
#include "lease/record.h"

struct lease_seen {
    const char *name, *bucket, *id; /* id: of this recorder; "" = it never had one */
    const char *broker;             /* digest of its broker and user (lease/record) */
    int rc;                         /* of reading it; -ENOENT: nobody has written it yet */
    const struct err *err;
    const struct lease_record *record; /* if rc is 0 */
};
struct step lease_result(const struct lease_seen *seen);

#endif
