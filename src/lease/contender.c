#include "lease/contender.h"

#include "base/clock.h"
#include "base/log.h"
#include "lease/lease_key.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONFLICT_MS 50 /* after another one wrote at the same time */

struct contender {
    struct contender_parts parts;
    char id[LEASE_ID_BYTES], run[LEASE_ID_BYTES], host[LEASE_HOST_BYTES];
    struct election election;
    struct lease_key *key;    /* NULL: it is not connected */
    struct lease_record seen; /* the last value */
    bool has_seen;
    const struct contender_own *own; /* of this turn */
};

/* --- the key ---------------------------------------------------------------------------------- */

static void close_key(struct contender *c)
{
    lease_key_close(c->key);
    c->key = NULL;
}

static int open_key(struct contender *c, struct err *err)
{
    int64_t third_ms = c->parts.lease->duration_ms / 3;
    const struct lease_key_parts parts = {
        .settings = c->parts.settings,
        .lease = c->parts.lease,
        .create = true,
        .wait_ms = third_ms < NATS_WAIT_MS ? third_ms : NATS_WAIT_MS,
    };
    if (c->key && lease_key_up(c->key))
        return 0;
    close_key(c);
    return lease_key_open(&c->key, &parts, err);
}

static int read_key(struct contender *c, struct sighting *out, struct err *err)
{
    uint64_t revision = 0;
    *out = (struct sighting){.kind = SIGHTING_MISSING};
    int rc = lease_key_read(c->key, &c->seen, &revision, err);
    if (rc)
        return rc == -ENOENT ? 0 : rc;
    c->has_seen = true;
    if (*c->seen.token)
        log_secret(c->seen.token);
    *out = (struct sighting){SIGHTING_FOUND, revision, &c->seen};
    return 0;
}

/* The one in the lease is for our broker and user, and newer than our own. */
static bool has_newer_token(const struct contender *c)
{
    return c->has_seen && *c->seen.token && strcmp(c->seen.broker, c->own->broker) == 0 &&
           c->seen.token_ms > c->own->token_ms;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void put_own(const struct contender *c, struct lease_record *record)
{
    bool theirs = has_newer_token(c);
    snprintf(record->host, sizeof(record->host), "%s", c->host);
    snprintf(record->broker, sizeof(record->broker), "%s", c->own->broker);
    snprintf(record->token, sizeof(record->token), "%s", theirs ? c->seen.token : c->own->token);
    record->token_ms = theirs ? c->seen.token_ms : c->own->token_ms;
    record->seq = larger(record->seq, c->own->seq);
    record->ts_ms = c->own->ts_recv / NS_PER_MS;
}

/* *sent_ms: before the request. Wipes the record. */
static int write_key(struct contender *c, struct lease_record *record, int64_t *sent_ms,
                     struct err *err)
{
    uint64_t revision = c->election.revision;
    put_own(c, record);
    *sent_ms = clock_boot_ms();
    int rc = lease_key_write(c->key, record, &revision, err);
    if (rc == 0) {
        c->election.revision = revision;
        c->seen = *record;
        c->has_seen = true;
    }
    explicit_bzero(record, sizeof(*record));
    return rc;
}

/* --- actions ---------------------------------------------------------------------------------- */

static void wrote(struct contender *c, int64_t sent_ms, struct contender_turn *out)
{
    out->next_ms = election_wrote(&c->election, c->election.revision, sent_ms).next_ms;
}

/* What a change of the holder means for the new one. Also one that was not seen, because the key
 * was lost: then the stream has numbers that are not ours. */
static int look_at_others(struct contender *c, struct contender_turn *out, struct err *err)
{
    struct sink_position last = {0};
    const struct lease_record *seen = contender_seen(c);
    int rc = lease_key_published(c->key, &last, err);
    if (rc || (!election_is_change(&c->election, seen) && last.seq <= c->own->seq))
        return rc;
    int64_t known = larger(larger(c->own->seq, last.seq), seen ? seen->seq : 0);
    out->seq_after = election_seq_after(known);
    out->others_ns = larger(last.ts_recv, seen ? seen->ts_ms * NS_PER_MS : 0);
    return 0;
}

/* It was another one's, or nobody's. */
static int take(struct contender *c, struct contender_turn *out, struct err *err)
{
    int64_t sent_ms;
    struct contender_turn taken = {.news = CONTENDER_TAKEN};
    struct lease_record record = election_claim(&c->election, contender_seen(c));
    if (has_newer_token(c)) {
        snprintf(taken.token, sizeof(taken.token), "%s", c->seen.token);
        taken.token_ms = c->seen.token_ms;
    }
    if (election_is_change(&c->election, contender_seen(c)))
        snprintf(taken.host, sizeof(taken.host), "%s", c->seen.host);
    int rc = look_at_others(c, &taken, err);
    record.seq = taken.seq_after;
    if (rc == 0)
        rc = write_key(c, &record, &sent_ms, err);
    if (rc == 0) {
        wrote(c, sent_ms, &taken);
        *out = taken;
    }
    explicit_bzero(&taken, sizeof(taken));
    return rc;
}

static int renew(struct contender *c, struct contender_turn *out, struct err *err)
{
    int64_t sent_ms, valid_ms = c->election.valid_ms;
    struct lease_record record = election_claim(&c->election, contender_seen(c));
    int rc = write_key(c, &record, &sent_ms, err);
    if (rc)
        return rc;
    if (clock_boot_ms() >= valid_ms) /* whoever uses it has noticed that it had expired */
        out->news = CONTENDER_TAKEN;
    wrote(c, sent_ms, out);
    return 0;
}

static int look(struct contender *c, struct contender_turn *out, struct err *err)
{
    struct sighting sighting;
    enum election_phase before = c->election.phase;
    int rc = read_key(c, &sighting, err);
    if (rc)
        return rc;
    struct election_step step = election_saw(&c->election, &sighting, clock_boot_ms());
    if (c->election.phase == ELECTION_STANDBY && before != ELECTION_STANDBY)
        out->news = CONTENDER_OTHER;
    out->next_ms = clock_boot_ms() + CONFLICT_MS;
    switch (step.action) {
    case ELECTION_LOOK:
        out->next_ms = step.next_ms;
        return 0;
    case ELECTION_TAKE:
        return take(c, out, err);
    case ELECTION_RENEW:
        return renew(c, out, err);
    }
    return 0;
}

/* The holder renews without looking, and looks if another one has written. */
static int attempt(struct contender *c, struct contender_turn *out, struct err *err)
{
    int rc = open_key(c, err);
    if (rc)
        return rc;
    if (!election_holds(&c->election, clock_boot_ms()))
        return look(c, out, err);
    rc = renew(c, out, err);
    return rc == -ESTALE ? look(c, out, err) : rc;
}

static void failed(struct contender *c, struct contender_turn *out)
{
    enum election_phase before = c->election.phase;
    const struct sighting none = {.kind = SIGHTING_NONE};
    close_key(c);
    out->next_ms = election_saw(&c->election, &none, clock_boot_ms()).next_ms;
    if (c->election.phase == ELECTION_ALONE && before != ELECTION_ALONE)
        out->news = CONTENDER_ALONE;
}

int contender_turn(struct contender *c, const struct contender_own *own, struct contender_turn *out,
                   struct err *err)
{
    *out = (struct contender_turn){.news = CONTENDER_SAME};
    c->own = own;
    int rc = attempt(c, out, err);
    if (rc == -ESTALE) /* another one was faster: look again */
        return 0;
    if (rc)
        failed(c, out);
    return rc;
}

int contender_give_up(struct contender *c, const struct contender_own *own, struct err *err)
{
    int64_t sent_ms;
    struct lease_record record = election_claim(&c->election, contender_seen(c));
    c->own = own;
    if (!c->key || !election_holds(&c->election, clock_boot_ms()))
        return 0;
    record.holder[0] = record.run[0] = '\0';
    return write_key(c, &record, &sent_ms, err);
}

/* --- life ------------------------------------------------------------------------------------- */

enum election_phase contender_phase(const struct contender *c)
{
    return c->election.phase;
}

int64_t contender_valid_ms(const struct contender *c)
{
    return c->election.phase == ELECTION_ACTIVE ? c->election.valid_ms : 0;
}

const struct lease_record *contender_seen(const struct contender *c)
{
    return c->has_seen ? &c->seen : NULL;
}

/* Printable ASCII, as the value of a lease must be. */
static void find_host(char out[LEASE_HOST_BYTES])
{
    out[LEASE_HOST_BYTES - 1] = '\0';
    if (gethostname(out, LEASE_HOST_BYTES - 1))
        snprintf(out, LEASE_HOST_BYTES, "unknown");
    for (char *c = out; *c; c++) {
        if (*c < 0x20 || *c > 0x7e)
            *c = '?';
    }
}

int contender_create(struct contender **out, const struct contender_parts *parts, struct err *err)
{
    struct contender *c = calloc(1, sizeof(*c));
    if (!c)
        return err_set(err, -ENOMEM, "out of memory");
    c->parts = *parts;
    snprintf(c->id, sizeof(c->id), "%s", parts->id);
    snprintf(c->run, sizeof(c->run), "%s", parts->run);
    find_host(c->host);
    c->election = election_init(c->id, c->run, parts->lease->duration_ms, parts->held);
    *out = c;
    return 0;
}

void contender_destroy(struct contender *c)
{
    if (!c)
        return;
    close_key(c);
    explicit_bzero(&c->seen, sizeof(c->seen));
    free(c);
}
