#include "doctor/checkup.h"

#include "base/clock.h"
#include "base/log.h"
#include "doctor/lease_result.h"
#include "lease/lease_key.h"
#include "lease/lease_memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Creates nothing. */
static int read_lease(const struct config *config, struct lease_record *record, struct err *err)
{
    struct sink_settings settings;
    struct lease_key *key;
    uint64_t revision;
    const struct lease_key_parts parts = {.settings = &settings, .lease = &config->lease};
    if (sink_settings_copy(&settings, config, config->store.path))
        return err_set(err, -ENOMEM, "out of memory");
    int rc = lease_key_open(&key, &parts, err);
    if (rc == 0) {
        rc = lease_key_read(key, record, &revision, err);
        lease_key_close(key);
    }
    sink_settings_finish(&settings);
    return rc;
}

/* A login of ours would end the token of the recorder that has the lease. */
static void keep_token(struct checkup *c, const struct lease_record *record, const char *broker)
{
    if (!*record->token || strcmp(record->broker, broker) != 0)
        return;
    log_secret(record->token);
    snprintf(c->shared.token, sizeof(c->shared.token), "%s", record->token);
    c->shared.obtained_ns = record->token_ms * NS_PER_MS;
}

void lease_steps(struct checkup *c)
{
    struct err err = {0};
    struct lease_record record = {0};
    struct lease_memory memory = {0};
    char broker[LEASE_ID_BYTES];
    const struct config *config = c->config;
    if (!*config->lease.name)
        return;
    int64_t began_ms = clock_now().mono_ms;
    lease_memory_load(config->state_dir, &memory);
    const struct lease_seen seen = {
        .name = config->lease.name,
        .bucket = config->lease.bucket,
        .id = memory.id,
        .broker = lease_record_broker(broker, config->broker.url, config->broker.user),
        .rc = read_lease(config, &record, &err),
        .err = &err,
        .record = &record,
    };
    struct step step = lease_result(&seen);
    step.ms = clock_now().mono_ms - began_ms;
    checkup_add(c, &step);
    if (seen.rc == 0)
        keep_token(c, &record, broker);
    c->other_streams = seen.rc == 0 && *record.holder && strcmp(record.holder, memory.id) != 0;
    explicit_bzero(record.token, sizeof(record.token));
}
