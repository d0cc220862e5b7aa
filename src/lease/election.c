#include "lease/election.h"

#include "sink/limit.h"

#include <stdio.h>
#include <string.h>

#define RENEWALS    3 /* in each duration */
#define LOOK_MS_MAX 1000
#define LOOKS       10 /* of a standby in each duration, at least one a second */

struct election election_init(const char *id, const char *run, int64_t duration_ms, bool held)
{
    return (struct election){.id = id, .run = run, .duration_ms = duration_ms, .held = held};
}

bool election_holds(const struct election *e, int64_t now_ms)
{
    return e->phase == ELECTION_ACTIVE && now_ms < e->valid_ms;
}

static struct election_step look_at(int64_t next_ms)
{
    return (struct election_step){ELECTION_LOOK, next_ms};
}

/* A standby looks often, so that it notices soon that the lease was given up. */
static struct election_step look_soon(const struct election *e, int64_t now_ms)
{
    int64_t wait_ms = e->duration_ms / LOOKS;
    return look_at(now_ms + (wait_ms < LOOK_MS_MAX ? wait_ms : LOOK_MS_MAX));
}

static struct election_step write_now(enum election_action action)
{
    return (struct election_step){.action = action};
}

/* --- nothing was seen ------------------------------------------------------------------------- */

/* The wait for the holder begins again when the key can be read again: while no server was
 * reachable, the holder could not renew it either. */
static struct election_step unseen(struct election *e, int64_t now_ms)
{
    if (!e->seen_ms)
        e->seen_ms = now_ms;
    if (e->phase == ELECTION_WAITING && e->held && now_ms - e->seen_ms >= e->duration_ms)
        e->phase = ELECTION_ALONE;
    e->looked = e->looked && e->phase == ELECTION_ACTIVE;
    return look_soon(e, now_ms);
}

/* --- the key ---------------------------------------------------------------------------------- */

static bool is_mine(const struct election *e, const struct lease_record *record)
{
    return strcmp(record->holder, e->id) == 0 && strcmp(record->run, e->run) == 0;
}

/* What the process before this one had. The lock of its folder says that that one has ended; a copy
 * of the folder on another machine is another process that renews, which a later look finds. */
static bool was_mine(const struct election *e, const struct lease_record *record)
{
    return e->held && strcmp(record->holder, e->id) == 0;
}

/* `first`: nothing was seen before. Whether the lease may be taken. */
static bool is_free(const struct election *e, const struct sighting *s, bool first, int64_t now_ms)
{
    if (now_ms - e->seen_ms >= e->duration_ms)
        return true;
    if (s->kind == SIGHTING_MISSING) /* a holder that is a standby's writes it again */
        return first || e->phase == ELECTION_ALONE;
    return !*s->record->holder || was_mine(e, s->record);
}

static void note_revision(struct election *e, const struct sighting *s, int64_t now_ms)
{
    uint64_t revision = s->kind == SIGHTING_FOUND ? s->revision : 0;
    if (!e->looked || revision != e->revision)
        e->seen_ms = now_ms;
    e->looked = true;
    e->revision = revision;
}

static struct election_step as_other(struct election *e, const struct sighting *s, bool first,
                                     int64_t now_ms)
{
    bool free = is_free(e, s, first, now_ms);
    if (s->kind == SIGHTING_FOUND && *s->record->holder && !was_mine(e, s->record)) {
        e->phase = ELECTION_STANDBY;
        e->held = false;
    }
    return free ? write_now(ELECTION_TAKE) : look_soon(e, now_ms);
}

/* Another one took it, or took it and gave it up. */
static struct election_step lost(struct election *e, int64_t now_ms)
{
    e->phase = ELECTION_STANDBY;
    e->held = false;
    e->seen_ms = now_ms;
    return look_soon(e, now_ms);
}

struct election_step election_saw(struct election *e, const struct sighting *s, int64_t now_ms)
{
    bool first = !e->looked && e->phase == ELECTION_WAITING;
    if (s->kind == SIGHTING_NONE)
        return unseen(e, now_ms);
    note_revision(e, s, now_ms);
    if (e->phase != ELECTION_ACTIVE)
        return as_other(e, s, first, now_ms);
    if (s->kind == SIGHTING_MISSING || is_mine(e, s->record))
        return write_now(ELECTION_RENEW);
    return lost(e, now_ms);
}

struct election_step election_wrote(struct election *e, uint64_t revision, int64_t sent_ms)
{
    e->phase = ELECTION_ACTIVE;
    e->looked = true;
    e->held = true;
    e->revision = revision;
    e->seen_ms = sent_ms;
    e->valid_ms = sent_ms + e->duration_ms - e->duration_ms / LOOKS;
    return look_at(sent_ms + e->duration_ms / RENEWALS);
}

/* --- the value -------------------------------------------------------------------------------- */

bool election_is_change(const struct election *e, const struct lease_record *seen)
{
    return seen && *seen->last && strcmp(seen->last, e->id) != 0;
}

struct lease_record election_claim(const struct election *e, const struct lease_record *seen)
{
    struct lease_record claim = {.duration_ms = e->duration_ms};
    bool same = seen && strcmp(seen->last, e->id) == 0;
    snprintf(claim.holder, sizeof(claim.holder), "%s", e->id);
    snprintf(claim.run, sizeof(claim.run), "%s", e->run);
    snprintf(claim.last, sizeof(claim.last), "%s", e->id);
    claim.term = (seen ? seen->term : 0) + !same;
    return claim;
}

int64_t election_seq_after(int64_t last_seq)
{
    return ((last_seq + SINK_SEQ_BLOCK / 2) / SINK_SEQ_BLOCK + 1) * SINK_SEQ_BLOCK;
}
