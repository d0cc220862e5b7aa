#include "base/digest.h"

#include "support/t.h"

/* Output of `openssl mac -macopt hexkey:000... -macopt size:16 SIPHASH`. */
static const struct {
    const char *text, *expected;
} vectors[] = {
    {"", "5049D74780A3E07D4202AB47D4CEF2F4"},
    {"a", "FFCC4E749C37A0BEE6C404890ECD7325"},
    {"1234567", "4E5A8E02996376DEA74B29EA17430FBD"},
    {"12345678", "18FFFDCE1B2379E93644FF5B0D68B7F1"},
    {"123456789", "BB762C2BD72BCC1EBAD9734DF0272E2A"},
    {"{\"status\":\"OK\"}", "D7BC83BBCDD5C8892620AE2A95BE915C"},
    {"0123456789abcdef", "F7B74FB64F39B8EC1F3A905B2189F0D6"},
};

static const char *hex(struct digest digest)
{
    static char out[33];
    for (int i = 0; i < 16; i++)
        snprintf(out + 2 * i, 3, "%02X", (unsigned)(digest.half[i / 8] >> 8 * (i % 8)) & 0xff);
    return out;
}

static void known_answers(void **state)
{
    unsigned char all[255];
    (void)state;
    for (size_t i = 0; i < T_COUNT(vectors); i++) {
        t_row(vectors[i].text);
        t_str(hex(digest_of(vectors[i].text, strlen(vectors[i].text))), vectors[i].expected);
    }
    t_row("1 to 255");
    for (int i = 0; i < 255; i++)
        all[i] = (unsigned char)(i + 1);
    t_str(hex(digest_of(all, sizeof(all))), "65440C2B029731A9ECAE1EC00FFE8B71");
    t_row("");
}

static void every_bit_changes_the_digest(void **state)
{
    char text[64] = "";
    (void)state;
    struct digest before = digest_of(text, sizeof(text));
    t_true(digest_equal(before, digest_of(text, sizeof(text))));
    for (size_t bit = 0; bit < 8 * sizeof(text); bit++) {
        text[bit / 8] = (char)(1 << bit % 8);
        t_true(!digest_equal(before, digest_of(text, sizeof(text))));
        text[bit / 8] = 0;
    }
    for (size_t len = 0; len < sizeof(text); len++)
        t_true(!digest_equal(before, digest_of(text, len)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(every_bit_changes_the_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
