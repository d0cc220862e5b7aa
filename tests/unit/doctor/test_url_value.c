#include "support/t.h"

#include "doctor/url_value.h"
#include "url_samples.h"

static struct url_value value_of(const char *text)
{
    return url_value_of((struct url_part){text, strlen(text)});
}

static void shapes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum url_shape shape;
        const char *words;
    } rows[] = {
        {"", URL_VALUE_EMPTY, "empty"},
        {TOKEN_ENC, URL_VALUE_TOKEN, "44 characters of base64"},
        {TOKEN, URL_VALUE_TOKEN, "44 characters of base64"},
        {"Zk2 7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs=", URL_VALUE_TOKEN,
         "44 characters of base64"},
        {SESSION_ENC, URL_VALUE_SESSION, "64 characters of base64"},
        {COOKIE, URL_VALUE_COOKIE, "79 characters, a cookie"},
        {"_mtz_web_key%3Dabc", URL_VALUE_COOKIE, "16 characters, a cookie"},
        {"SERVERID=s1; _mtz_web_key=abc", URL_VALUE_COOKIE, "29 characters, a cookie"},
        {"1795096978117", URL_VALUE_TIME, "13 characters, the digits of a time"},
        {"1795096978", URL_VALUE_TIME, "10 characters, the digits of a time"},
        {"12345", URL_VALUE_NUMBER, "5 characters, all digits"},
        {"123e4567-e89b-12d3-a456-426614174000", URL_VALUE_UUID, "36 characters, a UUID"},
        {"123e4567-e89b-12d3-a456-42661417400g", URL_VALUE_WORDS, "36 characters"},
        {"deadbeefdeadbeef", URL_VALUE_HEX, "16 characters of hexadecimal"},
        {"abc", URL_VALUE_WORDS, "3 characters"},
        {"x", URL_VALUE_WORDS, "1 character"},
        {"Qw4/7wABAgMEBQYHCAkKCwwN", URL_VALUE_BASE64, "24 characters of base64"},
        {"undefined", URL_VALUE_PLACEHOLDER, "9 characters, a placeholder"},
        {"%3Csession_id%3E", URL_VALUE_PLACEHOLDER, "12 characters, a placeholder"},
        {"${token}", URL_VALUE_PLACEHOLDER, "8 characters, a placeholder"},
        {"YOUR_TOKEN", URL_VALUE_PLACEHOLDER, "10 characters, a placeholder"},
        {"[object%20Object]", URL_VALUE_PLACEHOLDER, "15 characters, a placeholder"},
        {"a%00b", URL_VALUE_OTHER, "3 characters, not all printable ASCII"},
        {"\xc3\xb1", URL_VALUE_OTHER, "2 characters, not all printable ASCII"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char words[URL_VALUE_TEXT];
        const struct url_value value = value_of(rows[i].text);
        t_row(rows[i].text);
        t_int(value.shape, rows[i].shape);
        t_str(url_value_text(words, &value), rows[i].words);
    }
}

static void encodings(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool plus, reserved, twice, invalid;
    } rows[] = {
        {"a+b", true, false, false, false},     {"a b", true, false, false, false},
        {"a/b=", false, true, false, false},    {"a%2Bb%2F%3D", false, false, false, false},
        {"a%252Bb", false, false, true, false}, {"a%25", false, false, false, false},
        {"a%", false, false, false, true},      {"a%2", false, false, false, true},
        {"a%zz", false, false, false, true},    {"", false, false, false, false},
        {"a%2525b", false, false, true, false},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const struct url_value value = value_of(rows[i].text);
        t_row(rows[i].text);
        t_int(value.plus, rows[i].plus);
        t_int(value.reserved, rows[i].reserved);
        t_int(value.twice, rows[i].twice);
        t_int(value.invalid, rows[i].invalid);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes),
        cmocka_unit_test(encodings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
