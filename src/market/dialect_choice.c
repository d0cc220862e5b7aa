#include "market/dialect_choice.h"

#include <stddef.h>

#define PATIENCE_MS  30000  /* without streaming, before another one connects too */
#define TRIAL_MIN_MS 300000 /* between two trials of the preferred ones */
#define TRIAL_MAX_MS 1800000
#define TRY_MS       60000 /* a trial without data ends */
#define PROVE_MS     10000 /* a preferred one must stream so long before it is used again */
#define LEAVE_MS     10000 /* for the instruments to move to the new main one */

static unsigned bit(int dialect)
{
    return 1U << dialect;
}

static unsigned preferred(const struct dialect_choice *c)
{
    return bit(c->main) - 1;
}

/* The most preferred one of a set, or -1. */
static int first_of(unsigned set)
{
    for (int i = 0; i < DIALECTS_MAX; i++) {
        if (set & bit(i))
            return i;
    }
    return -1;
}

static void schedule_trial(struct dialect_choice *c, int64_t now_ms)
{
    int64_t wait_ms = TRIAL_MIN_MS;
    for (int i = 0; i < c->failed_trials && wait_ms < TRIAL_MAX_MS; i++)
        wait_ms *= 2;
    if (wait_ms > TRIAL_MAX_MS)
        wait_ms = TRIAL_MAX_MS;
    c->trying = false;
    c->candidate = -1;
    c->trial_ms = now_ms + wait_ms + rng_below(&c->rng, wait_ms / 10);
}

struct dialect_choice dialect_choice_init(int count, int main, int64_t now_ms, uint64_t seed)
{
    struct dialect_choice c = {
        .count = count,
        .main = main,
        .wanted = count ? bit(main) : 0,
        .since_ms = now_ms,
        .rng = {seed},
    };
    schedule_trial(&c, now_ms);
    return c;
}

static void become_main(struct dialect_step *s, int dialect, int64_t now_ms, const char *why)
{
    struct dialect_choice *c = &s->next;
    s->changed = true;
    s->why = why;
    c->main = dialect;
    c->failed_trials = 0;
    schedule_trial(c, now_ms);
}

/* --- the main one does not stream ------------------------------------------------------------- */

static void search(struct dialect_step *s, unsigned streaming, bool in_session, int64_t now_ms)
{
    struct dialect_choice *c = &s->next;
    int found = first_of(streaming & c->wanted);
    if (c->streaming || !in_session || !c->in_session)
        c->since_ms = now_ms;
    c->streaming = false;
    c->leaving_ms = 0; /* the previous main one may stream again */
    if (found >= 0) {
        become_main(s, found, now_ms, "it is the first that delivers data");
        c->streaming = true;
        c->wanted = bit(found);
        return;
    }
    unsigned others = (bit(c->count) - 1) & ~c->wanted;
    if (others && now_ms - c->since_ms >= PATIENCE_MS) {
        c->wanted |= bit(first_of(others));
        c->since_ms = now_ms;
    }
}

/* --- the main one streams --------------------------------------------------------------------- */

static void end_leaving(struct dialect_choice *c, int64_t now_ms)
{
    if (c->leaving_ms && now_ms >= c->leaving_ms) {
        c->leaving_ms = 0;
        c->wanted = bit(c->main);
    }
}

static void begin_trial(struct dialect_choice *c, int64_t now_ms)
{
    c->trying = true;
    c->trial_ms = now_ms;
    c->candidate = -1;
    c->wanted |= preferred(c);
}

static void fail_trial(struct dialect_choice *c, int64_t now_ms)
{
    c->failed_trials++;
    c->wanted &= ~preferred(c);
    schedule_trial(c, now_ms);
}

static void follow_trial(struct dialect_step *s, unsigned streaming, int64_t now_ms)
{
    struct dialect_choice *c = &s->next;
    int candidate = first_of(streaming & preferred(c));
    unsigned before = bit(c->main);
    if (candidate != c->candidate)
        c->candidate_ms = now_ms;
    c->candidate = candidate;
    if (candidate < 0 && now_ms - c->trial_ms >= TRY_MS) {
        fail_trial(c, now_ms);
    } else if (candidate >= 0 && now_ms - c->candidate_ms >= PROVE_MS) {
        become_main(s, candidate, now_ms, "it is preferred, and delivers data again");
        c->wanted = bit(candidate) | before;
        c->leaving_ms = now_ms + LEAVE_MS;
    }
}

static void go_on(struct dialect_step *s, unsigned streaming, bool in_session, int64_t now_ms)
{
    struct dialect_choice *c = &s->next;
    if (!c->streaming)
        c->wanted = bit(c->main) | (c->trying ? preferred(c) : 0);
    c->streaming = true;
    end_leaving(c, now_ms);
    if (c->trying)
        follow_trial(s, streaming, now_ms);
    else if (preferred(c) && !c->leaving_ms && in_session && now_ms >= c->trial_ms)
        begin_trial(c, now_ms);
}

/* --- steps ------------------------------------------------------------------------------------ */

static int64_t earliest(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t wake_ms(const struct dialect_choice *c, bool in_session)
{
    int64_t at_ms = c->leaving_ms ? c->leaving_ms : INT64_MAX;
    bool others = (bit(c->count) - 1) & ~c->wanted;
    if (!c->streaming)
        return in_session && others ? c->since_ms + PATIENCE_MS : INT64_MAX;
    if (c->trying)
        return earliest(at_ms,
                        c->candidate < 0 ? c->trial_ms + TRY_MS : c->candidate_ms + PROVE_MS);
    return preferred(c) && in_session ? earliest(at_ms, c->trial_ms) : at_ms;
}

struct dialect_step dialect_choice_step(struct dialect_choice choice, unsigned streaming,
                                        bool in_session, int64_t now_ms)
{
    struct dialect_step s = {.next = choice};
    if (choice.count && (streaming & bit(choice.main)))
        go_on(&s, streaming, in_session, now_ms);
    else if (choice.count)
        search(&s, streaming, in_session, now_ms);
    s.next.in_session = in_session;
    s.wake_ms = choice.count ? wake_ms(&s.next, in_session) : INT64_MAX;
    return s;
}
