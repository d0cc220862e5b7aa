/* Who has the lease: each state with what is seen of the key, and whole stories of two recorders.
 */
#include "lease/election.h"

#include "support/t.h"

#define MINE     "aa"
#define MY_RUN   "01"
#define DURATION 10000

static struct lease_record held_by(const char *holder, const char *run)
{
    struct lease_record record = {.term = 7};
    snprintf(record.holder, sizeof(record.holder), "%s", holder);
    snprintf(record.run, sizeof(record.run), "%s", run);
    snprintf(record.last, sizeof(record.last), "%s", *holder ? holder : "bb");
    return record;
}

static struct election_step see(struct election *e, uint64_t revision, const char *holder,
                                const char *run, int64_t now_ms)
{
    const struct lease_record record = held_by(holder, run);
    return election_saw(e, &(struct sighting){SIGHTING_FOUND, revision, &record}, now_ms);
}

static struct election_step miss(struct election *e, int64_t now_ms)
{
    return election_saw(e, &(struct sighting){.kind = SIGHTING_MISSING}, now_ms);
}

static struct election_step unreachable(struct election *e, int64_t now_ms)
{
    return election_saw(e, &(struct sighting){.kind = SIGHTING_NONE}, now_ms);
}

/* The first look of a process. */
static void the_first_look(void **state)
{
    static const struct {
        const char *name;
        bool held;
        enum sighting_kind kind;
        const char *holder, *run;
        enum election_action action;
        enum election_phase phase;
    } rows[] = {
        {"never written", false, SIGHTING_MISSING, "", "", ELECTION_TAKE, ELECTION_WAITING},
        {"given up", false, SIGHTING_FOUND, "", "", ELECTION_TAKE, ELECTION_WAITING},
        {"another one's", false, SIGHTING_FOUND, "bb", "02", ELECTION_LOOK, ELECTION_STANDBY},
        {"of the process before this one", true, SIGHTING_FOUND, MINE, "00", ELECTION_TAKE,
         ELECTION_WAITING},
        {"of a copy of the state folder", false, SIGHTING_FOUND, MINE, "00", ELECTION_LOOK,
         ELECTION_STANDBY},
        {"taken by another one meanwhile", true, SIGHTING_FOUND, "bb", "02", ELECTION_LOOK,
         ELECTION_STANDBY},
        {"no server", true, SIGHTING_NONE, "", "", ELECTION_LOOK, ELECTION_WAITING},
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct election e = election_init(MINE, MY_RUN, DURATION, rows[i].held);
        const struct lease_record record = held_by(rows[i].holder, rows[i].run);
        const struct sighting sighting = {rows[i].kind, 5, &record};
        t_row(rows[i].name);
        t_int(election_saw(&e, &sighting, 1000).action, rows[i].action);
        t_int(e.phase, rows[i].phase);
        t_true(!election_holds(&e, 1000));
    }
}

static void a_standby_takes_what_is_not_renewed(void **state)
{
    struct election e = election_init(MINE, MY_RUN, DURATION, false);
    (void)state;
    t_int(see(&e, 5, "bb", "02", 1000).next_ms, 2000);
    t_int(see(&e, 5, "bb", "02", 10999).action, ELECTION_LOOK);
    t_int(see(&e, 6, "bb", "02", 11000).action, ELECTION_LOOK); /* renewed */
    t_int(see(&e, 6, "bb", "02", 20999).action, ELECTION_LOOK);
    t_int(see(&e, 6, "bb", "02", 21000).action, ELECTION_TAKE);
    t_int(e.revision, 6);
    struct election_step step = election_wrote(&e, 7, 21005);
    t_int(step.action, ELECTION_LOOK);
    t_int(step.next_ms, 21005 + DURATION / 3);
    t_true(election_holds(&e, 21005 + DURATION - DURATION / 10 - 1));
    t_true(!election_holds(&e, 21005 + DURATION - DURATION / 10));
}

static void a_standby_takes_at_once_what_is_given_up(void **state)
{
    struct election e = election_init(MINE, MY_RUN, DURATION, false);
    (void)state;
    see(&e, 5, "bb", "02", 1000);
    t_int(see(&e, 6, "", "", 2000).action, ELECTION_TAKE);
    /* Another standby was faster. */
    t_int(see(&e, 7, "cc", "03", 2050).action, ELECTION_LOOK);
    t_int(e.phase, ELECTION_STANDBY);
}

/* The holder could not renew either: it gets the time to do so. */
static void the_wait_begins_again_after_an_outage(void **state)
{
    struct election e = election_init(MINE, MY_RUN, DURATION, false);
    (void)state;
    see(&e, 5, "bb", "02", 1000);
    unreachable(&e, 5000);
    unreachable(&e, 60000);
    t_int(see(&e, 5, "bb", "02", 61000).action, ELECTION_LOOK);
    t_int(see(&e, 5, "bb", "02", 70999).action, ELECTION_LOOK);
    t_int(see(&e, 5, "bb", "02", 71000).action, ELECTION_TAKE);
}

/* The servers keep it in memory: after their restart the holder writes it again. */
static void a_lost_key_is_the_holders_first(void **state)
{
    struct election standby = election_init(MINE, MY_RUN, DURATION, false);
    (void)state;
    see(&standby, 5, "bb", "02", 1000);
    t_int(miss(&standby, 2000).action, ELECTION_LOOK);
    t_int(miss(&standby, 11999).action, ELECTION_LOOK);
    t_int(miss(&standby, 12000).action, ELECTION_TAKE);
    t_int(standby.revision, 0);
    struct election holder = election_init(MINE, MY_RUN, DURATION, false);
    miss(&holder, 1000);
    election_wrote(&holder, 1, 1000);
    t_int(miss(&holder, 2000).action, ELECTION_RENEW);
    t_int(holder.revision, 0);
}

static void a_holder_that_was_cut_off(void **state)
{
    static const struct {
        const char *name, *holder, *run;
        enum election_action action;
        enum election_phase phase;
    } rows[] = {
        {"nobody took it", MINE, MY_RUN, ELECTION_RENEW, ELECTION_ACTIVE},
        {"another one took it", "bb", "02", ELECTION_LOOK, ELECTION_STANDBY},
        {"and gave it up", "", "", ELECTION_LOOK, ELECTION_STANDBY},
        {"a copy of the state folder took it", MINE, "99", ELECTION_LOOK, ELECTION_STANDBY},
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct election e = election_init(MINE, MY_RUN, DURATION, false);
        t_row(rows[i].name);
        miss(&e, 1000);
        election_wrote(&e, 5, 1000);
        t_int(unreachable(&e, 5000).action, ELECTION_LOOK);
        unreachable(&e, 50000);
        t_int(e.phase, ELECTION_ACTIVE);
        t_true(!election_holds(&e, 50000));
        t_int(see(&e, 6, rows[i].holder, rows[i].run, 51000).action, rows[i].action);
        t_int(e.phase, rows[i].phase);
    }
}

static void the_last_holder_without_servers(void **state)
{
    struct election e = election_init(MINE, MY_RUN, DURATION, true);
    (void)state;
    unreachable(&e, 1000);
    unreachable(&e, 10999);
    t_int(e.phase, ELECTION_WAITING);
    unreachable(&e, 11000);
    t_int(e.phase, ELECTION_ALONE);
    struct election lost = e;
    t_int(see(&e, 5, MINE, "00", 20000).action, ELECTION_TAKE);
    t_int(miss(&lost, 20000).action, ELECTION_TAKE);
    t_int(see(&lost, 5, "bb", "02", 20000).action, ELECTION_LOOK);
    t_int(lost.phase, ELECTION_STANDBY);
    struct election other = election_init(MINE, MY_RUN, DURATION, false);
    unreachable(&other, 1000);
    unreachable(&other, 99000);
    t_int(other.phase, ELECTION_WAITING);
}

static void the_value(void **state)
{
    struct election e = election_init(MINE, MY_RUN, DURATION, false);
    struct lease_record theirs = held_by("bb", "02"), own = held_by(MINE, "00");
    (void)state;
    struct lease_record claim = election_claim(&e, &theirs);
    t_str(claim.holder, MINE);
    t_str(claim.run, MY_RUN);
    t_str(claim.last, MINE);
    t_int(claim.term, 8);
    t_int(claim.duration_ms, DURATION);
    t_int(election_claim(&e, &own).term, 7);
    t_int(election_claim(&e, NULL).term, 1);
    t_true(election_is_change(&e, &theirs));
    t_true(!election_is_change(&e, &own));
    t_true(!election_is_change(&e, NULL));
}

static void numbers_of_two_holders_differ(void **state)
{
    static const struct {
        int64_t last, after;
    } rows[] = {
        {0, 1000000000},          {1, 1000000000},          {499999999, 1000000000},
        {500000000, 2000000000}, /* the other one may still record without the lease */
        {1000000000, 2000000000}, {1499999999, 2000000000}, {1500000000, 3000000000},
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_int(election_seq_after(rows[i].last), rows[i].after);
        t_true(rows[i].after - rows[i].last >= 500000000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_look),
        cmocka_unit_test(a_standby_takes_what_is_not_renewed),
        cmocka_unit_test(a_standby_takes_at_once_what_is_given_up),
        cmocka_unit_test(the_wait_begins_again_after_an_outage),
        cmocka_unit_test(a_lost_key_is_the_holders_first),
        cmocka_unit_test(a_holder_that_was_cut_off),
        cmocka_unit_test(the_last_holder_without_servers),
        cmocka_unit_test(the_value),
        cmocka_unit_test(numbers_of_two_holders_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
