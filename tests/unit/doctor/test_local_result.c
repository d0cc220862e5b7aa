#include "doctor/local_result.h"

#include "base/clock.h"
#include "support/t.h"

#include <errno.h>

static void expect(const struct step *step, enum step_state state, enum finding finding,
                   const char *words)
{
    t_str(step_state_name(step->state), step_state_name(state));
    t_str(finding_key(step->finding), finding_key(finding));
    char all[2 * STEP_TEXT + 8];
    snprintf(all, sizeof(all), "%s | %s", step->meaning, step->todo);
    t_contains(all, words);
    t_int(*step->tried && *step->came_back && *step->meaning, true);
}

static void configurations(void **state)
{
    (void)state;
    static const struct {
        const char *url, *stream_url;
        bool insecure;
        enum step_state state;
        enum finding finding;
        const char *words;
    } rows[] = {
        {"https://api.x.xoms.com.ar/", "", false, STEP_OK, FINDING_NONE, "valid"},
        {"https://api.x.xoms.com.ar/", "wss://api.x.xoms.com.ar/ws", false, STEP_OK, FINDING_NONE,
         "valid"},
        {"https://api.x.xoms.com.ar/", "", true, STEP_WARNING, FINDING_UNENCRYPTED, "remove it"},
        {"https://matriz.x.xoms.com.ar/", "", false, STEP_FAILED, FINDING_TERMINAL_ADDRESS,
         "probably https://api.x.xoms.com.ar/"},
        {"https://mtr.primary.ventures/", "", false, STEP_FAILED, FINDING_TERMINAL_ADDRESS,
         "such as https://api.NAME"},
        {"https://api.x.xoms.com.ar/marketdata.html/", "", false, STEP_FAILED, FINDING_PAGE_ADDRESS,
         "a web page"},
        {"https://api.x.xoms.com.ar/auth/getToken/", "", false, STEP_FAILED,
         FINDING_ENDPOINT_ADDRESS, "without a path"},
        {"https://api.x.xoms.com.ar/", "wss://matriz.x.xoms.com.ar/ws", false, STEP_FAILED,
         FINDING_STREAM_TERMINAL, "remove broker.stream_url"},
        {"https://gateway.example/x/", "", false, STEP_WARNING, FINDING_ODD_ADDRESS, "has a path"},
        {"https://www.broker.example/", "", false, STEP_WARNING, FINDING_ODD_ADDRESS, "web site"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        t_row(rows[i].url);
        struct step step =
            config_result("f.conf", rows[i].url, rows[i].stream_url, rows[i].insecure);
        expect(&step, rows[i].state, rows[i].finding, rows[i].words);
    }
}

static void a_password_in_a_url_is_not_shown(void **state)
{
    (void)state;
    struct step step =
        config_result("f.conf", "https://u:hunter2@api.x.com.ar/?token=abcdef", "", false);
    t_int(strstr(step.came_back, "hunter2") == NULL, true);
    t_int(strstr(step.came_back, "abcdef") == NULL, true);
}

static void refused_configurations(void **state)
{
    (void)state;
    struct err err;
    err_set(&err, -EINVAL, "f.conf:3: unknown key");
    struct step step = config_refused("f.conf", -EINVAL, &err);
    expect(&step, STEP_FAILED, FINDING_CONFIG_INVALID, "f.conf:3");
    step = config_refused("f.conf", -ENOENT, &err);
    expect(&step, STEP_FAILED, FINDING_CONFIG_MISSING, "f.conf:3");
    step = config_refused("f.conf", -EACCES, &err);
    expect(&step, STEP_FAILED, FINDING_CONFIG_UNREADABLE, "f.conf:3");
}

static void passwords(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int rc;
        const char *doubt;
        enum step_state state;
        enum finding finding;
    } rows[] = {
        {"good", 0, NULL, STEP_OK, FINDING_NONE},
        {"quoted", 0, "it is in quotation marks", STEP_WARNING, FINDING_ODD_PASSWORD},
        {"missing", -ENOENT, NULL, STEP_FAILED, FINDING_PASSWORD_MISSING},
        {"mode", -EACCES, NULL, STEP_FAILED, FINDING_PASSWORD_EXPOSED},
        {"empty", -EINVAL, NULL, STEP_FAILED, FINDING_PASSWORD_INVALID},
    };
    struct err err;
    err_set(&err, -1, "the reason");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        t_row(rows[i].name);
        struct step step = password_result("/p", rows[i].rc, &err, rows[i].doubt);
        expect(&step, rows[i].state, rows[i].finding,
               rows[i].doubt ? rows[i].doubt
               : rows[i].rc  ? "the reason"
                             : "can be read");
    }
}

static void folders_and_databases(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int rc;
        enum step_state state;
        enum finding finding;
    } rows[] = {
        {"good", 0, STEP_OK, FINDING_NONE},
        {"not yet", -ENOENT, STEP_OK, FINDING_NONE},
        {"newer", -EPROTO, STEP_FAILED, FINDING_DATABASE_NEWER},
        {"of another program", -EMEDIUMTYPE, STEP_FAILED, FINDING_DATABASE_FOREIGN},
        {"a folder", -EISDIR, STEP_FAILED, FINDING_DATABASE_FOREIGN},
        {"not ours", -EACCES, STEP_FAILED, FINDING_DATABASE_CLOSED},
        {"damaged", -EBADMSG, STEP_FAILED, FINDING_DATABASE_DAMAGED},
        {"an I/O error", -EIO, STEP_FAILED, FINDING_DATABASE_DAMAGED},
    };
    struct err err;
    err_set(&err, -1, "the reason");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        t_row(rows[i].name);
        struct step step = database_result("/d", rows[i].rc, &err, 12);
        expect(&step, rows[i].state, rows[i].finding,
               rows[i].state == STEP_FAILED ? "the reason" : "cinta");
    }
    t_row("folders");
    struct step step = folders_result("/s", "alice", "", 0);
    expect(&step, STEP_OK, FINDING_NONE, "can read and write");
    step = folders_result("/s", "alice", "others may write in /s: chmod", 2);
    expect(&step, STEP_FAILED, FINDING_FOLDERS, "others may write");
}

static void disks(void **state)
{
    (void)state;
    static const struct {
        double free_bytes, free_files;
        enum step_state state;
        enum finding finding;
    } rows[] = {
        {50e9, 1e6, STEP_OK, FINDING_NONE},           {50e9, NAN, STEP_OK, FINDING_NONE},
        {400e6, 1e6, STEP_WARNING, FINDING_DISK_LOW}, {50e9, 10, STEP_WARNING, FINDING_DISK_LOW},
        {0, 1e6, STEP_FAILED, FINDING_DISK_FULL},     {1e6, 1e6, STEP_FAILED, FINDING_DISK_FULL},
        {50e9, 0, STEP_FAILED, FINDING_DISK_FULL},    {NAN, NAN, STEP_OK, FINDING_NONE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char name[64];
        snprintf(name, sizeof(name), "%g bytes, %g files", rows[i].free_bytes, rows[i].free_files);
        t_row(name);
        const struct disk_facts facts = {"/d", rows[i].free_bytes, NAN, rows[i].free_files};
        struct step step = disk_result(&facts);
        expect(&step, rows[i].state, rows[i].finding, "");
    }
}

static void services(void **state)
{
    (void)state;
    struct doctor_service service = {0};
    struct step step = service_result(&service, "/s", true);
    expect(&step, STEP_OK, FINDING_NONE, "no service runs");
    service = (struct doctor_service){true, "streaming", 7200, 40, ""};
    step = service_result(&service, "/s", true);
    expect(&step, STEP_OK, FINDING_SERVICE_STREAMS, "receives 40 instruments");
    service = (struct doctor_service){true, "polling", 60, 0, ""};
    step = service_result(&service, "/s", true);
    expect(&step, STEP_WARNING, FINDING_SERVICE_POLLS, "mode 'polling'");
    step = service_result(&service, "/s", false);
    expect(&step, STEP_OK, FINDING_NONE, "as configured");
    service = (struct doctor_service){true, "standby", 60, 0, ""};
    step = service_result(&service, "/s", true);
    expect(&step, STEP_OK, FINDING_NONE, "another recorder has the lease");
    service = (struct doctor_service){true, "replica", 0, 0, ""};
    step = service_result(&service, "/s", true);
    expect(&step, STEP_OK, FINDING_NONE, "how far it has read");
}

/* A second connection could end that of the service. */
static void streams_of_a_service(void **state)
{
    (void)state;
    static const struct {
        const char *mode, *reason; /* NULL = it may be tested */
        bool running, mute;
    } rows[] = {
        {"streaming", "has the stream", true, false},
        {"stale", "has the stream", true, true},
        {"connecting", "is connecting", true, false},
        {"subscribing", "is connecting", true, false},
        {"polling", NULL, true, false},
        {"no token", NULL, true, false},
        {"starting", NULL, true, false},
        {"streaming", NULL, false, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct doctor_service service = {.running = rows[i].running, .mode_for_s = 90};
        snprintf(service.mode, sizeof(service.mode), "%s", rows[i].mode);
        const char *reason = service_has_stream(&service);
        t_row(rows[i].mode);
        t_int(reason != NULL, rows[i].reason != NULL);
        if (reason)
            t_contains(reason, rows[i].reason);
        t_int(service_is_mute(&service), rows[i].mute);
    }
    const struct doctor_service mute = {true, "stale", 90, 0, ""};
    struct step step = service_stream_result(&mute);
    t_int(step.id, STEP_SUBSCRIPTION);
    expect(&step, STEP_FAILED, FINDING_SILENT, "no data arrives");
}

static void clocks(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double ahead_s; /* of this machine */
        int64_t took_ms;
        enum step_state state;
        enum finding finding;
        const char *words;
    } rows[] = {
        {"equal", 0, 10, STEP_OK, FINDING_NONE, "agree"},
        {"the header is truncated", 0.99, 10, STEP_OK, FINDING_NONE, "agree"},
        {"a slow answer", 8, 8000, STEP_OK, FINDING_NONE, "agree"},
        {"some seconds ahead", 20, 10, STEP_WARNING, FINDING_CLOCK_OFF, "19 s ahead"},
        {"some seconds behind", -20, 10, STEP_WARNING, FINDING_CLOCK_OFF, "19 s behind"},
        {"an hour ahead", 3600, 10, STEP_FAILED, FINDING_CLOCK_WRONG, "60 min ahead"},
        {"three hours behind", -10800, 10, STEP_FAILED, FINDING_CLOCK_WRONG, "3.0 h behind"},
        {"ten days ahead", 864000, 10, STEP_FAILED, FINDING_CLOCK_WRONG, "10 days ahead"},
    };
    const int64_t broker_ns = INT64_C(1795096978) * NS_PER_S;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        t_row(rows[i].name);
        struct step step =
            clock_result(broker_ns, broker_ns + (int64_t)(rows[i].ahead_s * 1e9), rows[i].took_ms);
        expect(&step, rows[i].state, rows[i].finding, rows[i].words);
    }
    struct step step = clock_result(0, broker_ns, 10);
    expect(&step, STEP_OK, FINDING_NONE, "could not be compared");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(configurations),
        cmocka_unit_test(a_password_in_a_url_is_not_shown),
        cmocka_unit_test(refused_configurations),
        cmocka_unit_test(passwords),
        cmocka_unit_test(folders_and_databases),
        cmocka_unit_test(disks),
        cmocka_unit_test(services),
        cmocka_unit_test(streams_of_a_service),
        cmocka_unit_test(clocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
