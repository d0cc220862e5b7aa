#include "support/t.h"

#include "matriz/address.h"

static void the_terminal_of_a_broker(void **state)
{
    (void)state;
    static const struct {
        const char *api, *terminal; /* NULL: cannot be derived */
    } rows[] = {
        {"https://api.eco.xoms.com.ar/", "https://matriz.eco.xoms.com.ar/"},
        {"https://API.Eco.xoms.com.AR", "https://matriz.Eco.xoms.com.AR/"},
        {"https://api.eco.xoms.com.ar/path?x", "https://matriz.eco.xoms.com.ar/"},
        {"https://api.a.b.xoms.com.ar/", "https://matriz.a.b.xoms.com.ar/"},
        {"https://api.bbsa.matrizoms.com.ar/", NULL},
        {"https://api.remarkets.primary.com.ar/", NULL},
        {"https://api.xoms.com.ar/", NULL},
        {"https://xapi.eco.xoms.com.ar/", NULL},
        {"https://api.eco.xoms.com.ar.example.com/", NULL},
        {"https://api.eco.xoms.com.ar:8443/", NULL},
        {"https://user@api.eco.xoms.com.ar/", NULL},
        {"http://api.eco.xoms.com.ar/", NULL},
        {"http://127.0.0.1:8000/", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct buf out;
        buf_init(&out, 200);
        t_row(rows[i].api);
        t_int(matriz_base_of(&out, rows[i].api), rows[i].terminal != NULL);
        t_str(buf_text(&out), rows[i].terminal ? rows[i].terminal : "");
        buf_finish(&out);
    }
}

static void guests(void **state)
{
    (void)state;
    static const struct {
        const char *base;
        bool guest;
    } rows[] = {
        {"https://matbarofex.primary.ventures/", true},
        {"https://MTR.primary.ventures", true},
        {"https://matriz.eco.xoms.com.ar/", false},
        {"https://x.mtr.primary.ventures/", false},
        {"https://mtr.primary.ventures.example.com/", false},
        {"https://example.com/mtr.primary.ventures/", false},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].base);
        t_int(matriz_is_guest(rows[i].base), rows[i].guest);
    }
}

static void urls(void **state)
{
    (void)state;
    static const struct {
        const char *base, *stream, *origin;
    } rows[] = {
        {"https://matriz.eco.xoms.com.ar/",
         "wss://matriz.eco.xoms.com.ar/ws?session_id=a%2Bb%2Fc%3D&conn_id=%3D",
         "https://matriz.eco.xoms.com.ar"},
        {"http://127.0.0.1:8000/", "ws://127.0.0.1:8000/ws?session_id=a%2Bb%2Fc%3D&conn_id=%3D",
         "http://127.0.0.1:8000"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct buf out;
        buf_init(&out, 400);
        t_row(rows[i].base);
        matriz_put_stream_url(&out, rows[i].base, "a+b/c=", "=");
        t_str(buf_text(&out), rows[i].stream);
        buf_clear(&out);
        matriz_put_origin(&out, rows[i].base);
        t_str(buf_text(&out), rows[i].origin);
        buf_finish(&out);
    }
}

static void an_empty_id_stays_empty(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 400);
    matriz_put_stream_url(&out, "https://mtr.primary.ventures/", "", "");
    t_str(buf_text(&out), "wss://mtr.primary.ventures/ws?session_id=&conn_id=");
    buf_clear(&out);
    matriz_put_url(&out, "https://mtr.primary.ventures/", MATRIZ_PATH_PROFILE, 1795096978117,
                   UINT64_MAX);
    t_str(buf_text(&out), "https://mtr.primary.ventures/api/v2/profile?_ds=1795096978117-551615");
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_terminal_of_a_broker),
        cmocka_unit_test(guests),
        cmocka_unit_test(urls),
        cmocka_unit_test(an_empty_id_stays_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
