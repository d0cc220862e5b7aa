/*
 * local_result: what the checks of this machine mean: configuration, password, files, disk, clock.
 *
 * Pure: the caller reads, and hands over what it found.
 */
#ifndef DOCTOR_LOCAL_RESULT_H
#define DOCTOR_LOCAL_RESULT_H

#include "base/err.h"
#include "doctor/step.h"

#include <stdbool.h>
#include <stddef.h>

/* `rc` and `err` are those of the failed load. */
struct step config_refused(const char *path, int rc, const struct err *err);
struct step config_of_replica(const char *path, const char *servers);
struct step config_result(const char *path, const char *url, const char *stream_url,
                          bool allow_insecure);

/* `origin`: where it would be read from; `doubt` of credentials_doubt(), may be NULL. */
struct step password_result(const char *origin, int rc, const struct err *err, const char *doubt);

/* `problem`: the first one, "" = none; `problems`: how many there are. */
struct step folders_result(const char *state_dir, const char *user, const char *problem,
                           int problems);

/* The reader's result; `rows`: instruments with a quote. */
struct step database_result(const char *path, int rc, const struct err *err, long long rows);

struct disk_facts {
    const char *path;
    double free_bytes, database_bytes; /* NAN = unknown */
    double free_files;                 /* inodes; NAN = unknown, or the file system has no limit */
};
struct step disk_result(const struct disk_facts *disk);

/* What a running service says of itself. */
struct doctor_service {
    bool running;
    char mode[32]; /* "streaming"; "" = unknown */
    double mode_for_s, streamed;
    char sink_why[512]; /* it publishes nothing to NATS; "" = it does, or has no sink */
};
/* `stream`: stream.enable of the configuration. */
struct step service_result(const struct doctor_service *service, const char *state_dir,
                           bool stream);

/* Why no other connection of this user may be opened now; NULL: it may. The broker could end the
 * one that the service has. */
const char *service_has_stream(const struct doctor_service *service);
/* The step STEP_SUBSCRIPTION of a service whose stream is mute. */
struct step service_stream_result(const struct doctor_service *service);
bool service_is_mute(const struct doctor_service *service);

/* `broker_ns`: the header Date of an answer, 0 = there was none; `now_ns`: this machine's time when
 * it arrived; `took_ms`: how long the request took. */
struct step clock_result(int64_t broker_ns, int64_t now_ns, int64_t took_ms);

#endif
