#include "broker/list_cache.h"

#include "base/clock.h"
#include "support/folder.h"

#include <errno.h>

#define URL         "https://api.broker.example/"
#define FILE_OF_URL "instruments-https%3A%2F%2Fapi.broker.example%2F.json"
#define BODY        "{\"status\":\"OK\",\"instruments\":[]}"

static struct config at(struct folder *folder, const char *url)
{
    return (struct config){.state_dir = folder->path, .broker.url = (char *)url};
}

static void save(struct folder *folder, const char *url, const char *body)
{
    struct config config = at(folder, url);
    struct err err = {0};
    if (list_cache_save(&config, body, strlen(body), &err))
        fail_msg("%s: %s", t_row_name, err.text);
}

/* The body, "" if there is none; valid until the next call. */
static const char *load(struct folder *folder, const char *url, bool *today, int rc)
{
    static char body[4096];
    struct config config = at(folder, url);
    struct buf out;
    buf_init(&out, sizeof(body) - 1);
    int64_t day;
    t_int(list_cache_load(&config, &out, &day), rc);
    if (rc == 0)
        *today = day == art_day(clock_now().wall_ns);
    memcpy(body, buf_text(&out), out.len_bytes + 1);
    buf_finish(&out);
    return body;
}

static void drop(struct folder *folder, const char *name)
{
    t_int(unlink(folder_file(folder, name)), 0);
}

static void round_trip(void **state)
{
    struct folder *folder = *state;
    bool today = false;
    save(folder, URL, "[]");
    save(folder, URL, BODY);
    t_str(load(folder, URL, &today, 0), BODY);
    t_true(today);
    t_int(file_mode(folder_file(folder, FILE_OF_URL)), 0600);
    drop(folder, FILE_OF_URL);
}

static void any_bytes(void **state)
{
    struct folder *folder = *state;
    struct config config = at(folder, URL);
    static const char body[] = "a\0b\r\n\xff";
    struct buf out;
    int64_t today;
    buf_init(&out, 100);
    t_int(list_cache_save(&config, body, sizeof(body), NULL), 0);
    t_int(list_cache_load(&config, &out, &today), 0);
    t_int(out.len_bytes, sizeof(body));
    t_int(memcmp(out.data, body, sizeof(body)), 0);
    buf_finish(&out);
    drop(folder, FILE_OF_URL);
}

static void one_file_per_broker(void **state)
{
    struct folder *folder = *state;
    bool today;
    static const char *const others[] = {"https://api.other.example/", "http://api.broker.example/",
                                         "https://api.broker.example:8443/",
                                         "https://api.broker.example/x/"};
    save(folder, URL, BODY);
    for (size_t i = 0; i < T_COUNT(others); i++) {
        t_row(others[i]);
        load(folder, others[i], &today, -ENOENT);
    }
    save(folder, others[0], "other");
    t_str(load(folder, URL, &today, 0), BODY);
    t_str(load(folder, others[0], &today, 0), "other");
    drop(folder, FILE_OF_URL);
    drop(folder, "instruments-https%3A%2F%2Fapi.other.example%2F.json");
}

/* A URL must not lead to a file outside of the directory. */
static void a_url_is_one_file_name(void **state)
{
    struct folder *folder = *state;
    bool today;
    static const char url[] = "https://a.example/../../../tmp/x/";
    save(folder, url, BODY);
    t_str(load(folder, url, &today, 0), BODY);
    drop(folder, "instruments-https%3A%2F%2Fa.example%2F..%2F..%2F..%2Ftmp%2Fx%2F.json");
}

static void set_time(const char *path, int64_t ns)
{
    const struct timespec time = {ns / NS_PER_S, ns % NS_PER_S};
    t_int(utimensat(AT_FDCWD, path, (struct timespec[2]){time, time}, 0), 0);
}

/* Repeated if midnight passed during the test. */
static void the_day_of_the_file(void **state)
{
    struct folder *folder = *state;
    int64_t before, now = clock_now().wall_ns;
    save(folder, URL, BODY);
    do {
        before = now;
        const int64_t tomorrow = art_next_day_ns(before), midnight = tomorrow - NS_PER_DAY;
        const struct {
            const char *name;
            int64_t modified_ns;
            bool today;
        } rows[] = {
            {"now", before, true},
            {"the first moment of the day", midnight, true},
            {"the last moment of yesterday", midnight - 1, false},
            {"the last moment of the day", tomorrow - 1, true},
            {"tomorrow", tomorrow, false},
            {"a week ago", before - 7 * NS_PER_DAY, false},
            {"1970", 0, false},
        };
        for (size_t i = 0; i < T_COUNT(rows); i++) {
            bool today = !rows[i].today;
            t_row(rows[i].name);
            set_time(folder_file(folder, FILE_OF_URL), rows[i].modified_ns);
            t_str(load(folder, URL, &today, 0), BODY);
            if (art_day(clock_now().wall_ns) == art_day(before))
                t_int(today, rows[i].today);
        }
        now = clock_now().wall_ns;
    } while (art_day(now) != art_day(before));
    drop(folder, FILE_OF_URL);
}

static void a_file_others_could_change_is_not_used(void **state)
{
    struct folder *folder = *state;
    bool today;
    static const mode_t modes[] = {0640, 0604, 0620, 0602, 0666};
    save(folder, URL, BODY);
    for (size_t i = 0; i < T_COUNT(modes); i++) {
        t_int(chmod(folder_file(folder, FILE_OF_URL), modes[i]), 0);
        t_str(load(folder, URL, &today, -ENOENT), "");
    }
    drop(folder, FILE_OF_URL);
    t_int(mkdir(folder_file(folder, FILE_OF_URL), 0700), 0);
    load(folder, URL, &today, -ENOENT);
    t_int(rmdir(folder_file(folder, FILE_OF_URL)), 0);
}

static void longer_than_the_buffer(void **state)
{
    struct folder *folder = *state;
    struct config config = at(folder, URL);
    struct buf out;
    int64_t today;
    save(folder, URL, BODY);
    buf_init(&out, strlen(BODY) - 1);
    t_int(list_cache_load(&config, &out, &today), -ENOENT);
    buf_finish(&out);
    drop(folder, FILE_OF_URL);
}

static void a_path_that_cannot_be_written(void **state)
{
    struct folder *folder = *state;
    struct config config = at(folder, URL);
    struct err err = {0};
    char nowhere[PATH_MAX], *url = malloc(10001);
    bool today;

    snprintf(nowhere, sizeof(nowhere), "%s", folder_file(folder, "none"));
    config.state_dir = nowhere;
    t_int(list_cache_save(&config, BODY, strlen(BODY), &err), -ENOENT);
    t_int(err.code, -ENOENT);
    t_contains(err.text, nowhere);
    t_contains(err.text, "downloads it again");

    memset(url, 'a', 10000);
    for (size_t len = 300; len <= 10000;
         len += 9700) { /* longer than a file name may be, than a path may be */
        url[len] = '\0';
        config = at(folder, url);
        t_int(list_cache_save(&config, BODY, strlen(BODY), &err), -ENAMETOOLONG);
        load(folder, url, &today, -ENOENT);
        url[len] = 'a';
    }
    free(url);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(round_trip),
        IN_FOLDER(any_bytes),
        IN_FOLDER(one_file_per_broker),
        IN_FOLDER(a_url_is_one_file_name),
        IN_FOLDER(the_day_of_the_file),
        IN_FOLDER(a_file_others_could_change_is_not_used),
        IN_FOLDER(longer_than_the_buffer),
        IN_FOLDER(a_path_that_cannot_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
