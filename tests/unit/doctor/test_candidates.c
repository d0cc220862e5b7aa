#include "doctor/candidates.h"

#include "support/t.h"

#define MOST 3

static void order(void **state)
{
    (void)state;
    static const struct {
        const char *symbols[8], *best[MOST];
    } rows[] = {
        {{0}, {0}},
        {{"I.RFX20"}, {"I.RFX20"}},
        {{"I.RFX20", "SOJ.ROS/MAY27"}, {"SOJ.ROS/MAY27", "I.RFX20"}},
        {{"GGAL/DIC26", "DLR/ENE27", "DLR/DIC26", "DLR/DIC26/ENE27"},
         {"DLR/DIC26", "DLR/ENE27", "GGAL/DIC26"}},
        {{"MERV - XMEV - I.MERVAL", "MERV - XMEV - AL30 - 24hs", "MERV - XMEV - X - CI"},
         {"MERV - XMEV - AL30 - 24hs", "MERV - XMEV - X - CI", "MERV - XMEV - I.MERVAL"}},
        {{"DLR/DIC26 1600 C", "SOJ.ROS/MAY27", "MERV - XMEV - GD30 - CI"},
         {"MERV - XMEV - GD30 - CI", "SOJ.ROS/MAY27", "DLR/DIC26 1600 C"}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *best[MOST] = {0};
        size_t count = 0, expected = 0;
        while (rows[i].symbols[count])
            count++;
        while (expected < MOST && rows[i].best[expected])
            expected++;
        t_row(count ? rows[i].symbols[0] : "none");
        t_int(candidates(rows[i].symbols, count, best, MOST), expected);
        for (size_t k = 0; k < expected; k++)
            t_str(best[k], rows[i].best[k]);
    }
}

static void any_order_of_the_list_gives_the_same(void **state)
{
    (void)state;
    static const char *const symbols[] = {"DLR/DIC26", "DLR/ENE27", "I.RFX20", "ORO/DIC26"};
    const char *wanted[2], *best[2], *turned[4];
    t_int(candidates(symbols, 4, wanted, 2), 2);
    for (size_t shift = 1; shift < 4; shift++) {
        for (size_t i = 0; i < 4; i++)
            turned[i] = symbols[(i + shift) % 4];
        t_int(candidates(turned, 4, best, 2), 2);
        t_str(best[0], wanted[0]);
        t_str(best[1], wanted[1]);
    }
}

static void indices(void **state)
{
    (void)state;
    t_int(candidate_is_index("I.RFX20"), true);
    t_int(candidate_is_index("MERV - XMEV - I.MERVAL"), true);
    t_int(candidate_is_index("DLR/DIC26"), false);
    t_int(candidate_is_index("MERV - XMEV - IRSA - 24hs"), false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order),
        cmocka_unit_test(any_order_of_the_list_gives_the_same),
        cmocka_unit_test(indices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
