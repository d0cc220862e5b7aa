#include "doctor/local_result.h"

#include "base/clock.h"
#include "base/mask.h"
#include "doctor/broker_address.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define MB            1e6
#define DISK_FULL     (16 * MB)  /* the next day of a small recorder does not fit */
#define DISK_LOW      (500 * MB) /* a week of a usual one does not */
#define FILES_LOW     1000.0
#define SKEW_OFF_S    5   /* stamps of the database are visibly wrong */
#define SKEW_WRONG_S  300 /* sessions, the day of the token and certificates are too */
#define URL_TEXT      MASK_URL_BYTES
#define DURATION_TEXT 32

/* --- configuration ---------------------------------------------------------------------------- */

struct step config_refused(const char *path, int rc, const struct err *err)
{
    struct step step = step_begin(STEP_CONFIG, "read %s", path);
    enum finding finding = rc == -ENOENT   ? FINDING_CONFIG_MISSING
                           : rc == -EACCES ? FINDING_CONFIG_UNREADABLE
                                           : FINDING_CONFIG_INVALID;
    step_came_back(&step, "it cannot be used");
    step_fail(&step, finding, "%s", err->text);
    if (rc == -EISDIR)
        step_todo(&step, "name the file with -c FILE");
    return step;
}

static void judge_terminal(struct step *step, const char *url)
{
    char api[ADDRESS_BYTES];
    address_of_api(api, url);
    step_fail(step, FINDING_TERMINAL_ADDRESS,
              "broker.url is the host of the browser terminal (Matriz), which has another login "
              "and no Primary API");
    if (*api)
        step_todo(step, "set broker.url to the broker's API host, probably %s", api);
    else
        step_todo(step, "set broker.url to the API host, such as https://api.NAME.xoms.com.ar/");
}

static void judge_path(struct step *step, const char *url, enum finding finding, const char *what)
{
    char api[ADDRESS_BYTES];
    step_fail(step, finding, "broker.url is the address of %s, not the base of the API", what);
    step_todo(step, "set broker.url to the address of the API without a path, probably %s",
              address_of_api(api, url));
}

static void judge_stream_url(struct step *step, const char *stream_url)
{
    if (address_kind(stream_url) != ADDRESS_TERMINAL)
        return;
    step_fail(step, FINDING_STREAM_TERMINAL,
              "broker.stream_url is the host of the browser terminal (Matriz), which does not know "
              "the token of the API");
    step_todo(step, "remove broker.stream_url: the stream is on the API host, at the path /");
}

static void judge_url(struct step *step, const char *url)
{
    switch (address_kind(url)) {
    case ADDRESS_API:
        break;
    case ADDRESS_TERMINAL:
        judge_terminal(step, url);
        break;
    case ADDRESS_PAGE:
        judge_path(step, url, FINDING_PAGE_ADDRESS, "a web page");
        break;
    case ADDRESS_ENDPOINT:
        judge_path(step, url, FINDING_ENDPOINT_ADDRESS, "one request");
        break;
    case ADDRESS_PATH:
        step_warn(step, FINDING_ODD_ADDRESS,
                  "broker.url has a path, which the API hosts do not have");
        step_todo(step, "remove the path, unless a proxy of yours needs it");
        break;
    case ADDRESS_WEBSITE:
        step_warn(step, FINDING_ODD_ADDRESS, "broker.url looks like a broker's web site");
        step_todo(step, "API hosts are named like https://api.NAME.xoms.com.ar/");
        break;
    }
}

struct step config_of_replica(const char *path, const char *servers)
{
    struct step step = step_begin(STEP_CONFIG, "read %s", path);
    step_came_back(&step, "source.nats is %s: a replica, which asks no broker", servers);
    step_good(&step, "the configuration is valid");
    return step;
}

struct step config_result(const char *path, const char *url, const char *stream_url,
                          bool allow_insecure)
{
    char shown[URL_TEXT];
    struct step step = step_begin(STEP_CONFIG, "read %s", path);
    step_came_back(&step, "broker.url is %s", mask_url(shown, sizeof(shown), url));
    step_good(&step, "the configuration is valid");
    if (allow_insecure) {
        step_warn(&step, FINDING_UNENCRYPTED,
                  "broker.allow_insecure permits unencrypted connections");
        step_todo(&step, "remove it if broker.url begins with https");
    }
    judge_url(&step, url);
    if (step.state != STEP_FAILED)
        judge_stream_url(&step, stream_url);
    return step;
}

/* --- password, files, database, disk ---------------------------------------------------------- */

struct step password_result(const char *origin, int rc, const struct err *err, const char *doubt)
{
    struct step step = step_begin(STEP_PASSWORD, "read the password from %s", origin);
    enum finding finding = rc == -ENOENT   ? FINDING_PASSWORD_MISSING
                           : rc == -EACCES ? FINDING_PASSWORD_EXPOSED
                                           : FINDING_PASSWORD_INVALID;
    step_came_back(&step, rc ? "it cannot be used" : "one line");
    step_good(&step, "the password can be read, and by nobody else");
    if (rc)
        step_fail(&step, finding, "%s", err->text);
    if (step.finding == FINDING_PASSWORD_INVALID)
        step_todo(&step, "write the password on one line, and nothing else");
    if (!rc && doubt) {
        step_warn(&step, FINDING_ODD_PASSWORD, "the password may be mistyped: %s", doubt);
        step_todo(&step, "correct %s if that is not intended", origin);
    }
    return step;
}

struct step folders_result(const char *state_dir, const char *user, const char *problem,
                           int problems)
{
    struct step step =
        step_begin(STEP_FOLDERS, "state_dir %s and the other paths, as user '%s'", state_dir, user);
    step_came_back(&step, "%d problem%s", problems, problems == 1 ? "" : "s");
    step_good(&step, "the service can read and write its files");
    if (problems)
        step_fail(&step, FINDING_FOLDERS, "%s", problem);
    return step;
}

static enum finding database_finding(int rc)
{
    switch (rc) {
    case -EPROTO:
        return FINDING_DATABASE_NEWER;
    case -EMEDIUMTYPE:
    case -EISDIR:
        return FINDING_DATABASE_FOREIGN;
    case -EACCES:
        return FINDING_DATABASE_CLOSED;
    default:
        return FINDING_DATABASE_DAMAGED;
    }
}

struct step database_result(const char *path, int rc, const struct err *err, long long rows)
{
    struct step step = step_begin(STEP_DATABASE, "open %s and read its quotes", path);
    if (rc == -ENOENT) {
        step_came_back(&step, "nothing is recorded yet");
        step_good(&step, "'cinta run' creates it when it starts to record");
        return step;
    }
    step_came_back(&step, rc ? "it cannot be read" : "quotes of %lld instruments", rows);
    step_good(&step, "the database can be read ('cinta verify' checks all of it)");
    if (!rc)
        return step;
    step_fail(&step, database_finding(rc), "%s", err->text);
    if (step.finding == FINDING_DATABASE_DAMAGED)
        step_todo(&step, "run 'cinta verify'; if the database is damaged, put back a backup, or "
                         "move the file away and let 'cinta run' create another one");
    return step;
}

static void put_size(char out[DURATION_TEXT], double bytes)
{
    if (bytes >= 1000 * MB)
        snprintf(out, DURATION_TEXT, "%.1f GB", bytes / (1000 * MB));
    else
        snprintf(out, DURATION_TEXT, "%.1f MB", bytes / MB);
}

struct step disk_result(const struct disk_facts *disk)
{
    char room[DURATION_TEXT], size[DURATION_TEXT];
    struct step step = step_begin(STEP_DISK, "ask for the free space of %s", disk->path);
    if (isnan(disk->free_bytes)) {
        step_came_back(&step, "no answer");
        step_good(&step, "unknown");
        return step;
    }
    put_size(room, disk->free_bytes);
    put_size(size, disk->database_bytes);
    step_came_back(&step, "%s free; %s%s", room,
                   isnan(disk->database_bytes) ? "no database yet" : "the database has ",
                   isnan(disk->database_bytes) ? "" : size);
    step_good(&step, "there is room to record");
    if (disk->free_bytes < DISK_FULL || disk->free_files < 1) {
        step_fail(&step, FINDING_DISK_FULL, "the disk of %s is full (%s free)", disk->path,
                  disk->free_files < 1 ? "no file" : room);
        step_todo(&step, "free some space, set store.keep_days, or move store.path");
    } else if (disk->free_bytes < DISK_LOW || disk->free_files < FILES_LOW) {
        step_warn(&step, FINDING_DISK_LOW, "the disk of %s is nearly full (%s free)", disk->path,
                  room);
        step_todo(&step, "free some space, or set store.keep_days");
    }
    return step;
}

/* --- a running service ------------------------------------------------------------------------ */

static void put_duration(char out[DURATION_TEXT], double s)
{
    if (s < 120)
        snprintf(out, DURATION_TEXT, "%.0f s", s);
    else if (s < 2.0 * S_PER_HOUR)
        snprintf(out, DURATION_TEXT, "%.0f min", s / S_PER_MIN);
    else if (s < 2.0 * S_PER_DAY)
        snprintf(out, DURATION_TEXT, "%.1f h", s / S_PER_HOUR);
    else
        snprintf(out, DURATION_TEXT, "%.0f days", s / S_PER_DAY);
}

static bool is_in_mode(const struct doctor_service *service, const char *mode)
{
    return service->running && strcmp(service->mode, mode) == 0;
}

struct step service_result(const struct doctor_service *service, const char *state_dir, bool stream)
{
    char since[DURATION_TEXT];
    struct step step = step_begin(STEP_SERVICE, "ask the service with state_dir %s", state_dir);
    if (!service->running) {
        step_came_back(&step, "no service answers");
        step_good(&step, "no service runs, so nothing of it is disturbed");
        return step;
    }
    if (is_in_mode(service, "replica")) {
        step_came_back(&step, "it runs as a replica");
        step_good(&step, "'cinta status' shows how far it has read the stream of NATS");
        return step;
    }
    put_duration(since, service->mode_for_s);
    step_came_back(&step, "it runs; mode '%s' for %s", service->mode, since);
    if (is_in_mode(service, "streaming")) {
        step_good(&step,
                  "the service receives %.0f instruments by WebSocket: its connection is "
                  "left alone, and its token is used",
                  service->streamed);
        step.finding = FINDING_SERVICE_STREAMS;
        return step;
    }
    if (is_in_mode(service, "standby")) {
        step_good(&step, "it stands by: another recorder has the lease and asks the broker");
        return step;
    }
    if (!stream) {
        step_good(&step, "the service polls by REST, as configured; its token is used");
        return step;
    }
    step_warn(&step, FINDING_SERVICE_POLLS, "the service runs without a working stream (mode '%s')",
              service->mode);
    step_todo(&step, "'cinta status' shows its last events");
    return step;
}

bool service_is_mute(const struct doctor_service *service)
{
    return is_in_mode(service, "stale");
}

const char *service_has_stream(const struct doctor_service *service)
{
    if (is_in_mode(service, "streaming") || service_is_mute(service))
        return "the running service has the stream of this user";
    if (is_in_mode(service, "connecting") || is_in_mode(service, "subscribing"))
        return "the running service is connecting its stream: run it again in a minute";
    return NULL;
}

struct step service_stream_result(const struct doctor_service *service)
{
    char since[DURATION_TEXT];
    struct step step = step_begin(STEP_SUBSCRIPTION, "ask the service about its stream");
    put_duration(since, service->mode_for_s);
    step_came_back(&step, "mode '%s' for %s", service->mode, since);
    step_fail(&step, FINDING_SILENT,
              "the stream of the running service is connected, and no data arrives");
    step_todo(&step, "check session and holidays in the configuration; the service polls by REST "
                     "and subscribes again by itself; to test another connection, stop it first");
    return step;
}

/* --- clock ------------------------------------------------------------------------------------ */

struct step clock_result(int64_t broker_ns, int64_t now_ns, int64_t took_ms)
{
    char ours[CLOCK_TEXT], theirs[CLOCK_TEXT], text[DURATION_TEXT];
    struct step step = step_begin(STEP_CLOCK, "compare this clock with the broker's header Date");
    if (!broker_ns) {
        step_came_back(&step, "no such header; here it is %s", art_zone_text(ours, now_ns));
        step_good(&step, "the clock could not be compared");
        return step;
    }
    /* The header has whole seconds, and was written before the answer arrived. */
    double skew_s = (double)(now_ns - broker_ns) / 1e9;
    double doubt_s = 1 + (double)took_ms / 1000;
    double off_s = skew_s > doubt_s ? skew_s - doubt_s : skew_s < -1 ? -skew_s - 1 : 0;
    step_came_back(&step, "broker %s, here %s", art_zone_text(theirs, broker_ns),
                   art_zone_text(ours, now_ns));
    step_good(&step, "the clocks agree");
    if (off_s < SKEW_OFF_S)
        return step;
    put_duration(text, off_s);
    const char *way = skew_s > 0 ? "ahead of" : "behind";
    if (off_s < SKEW_WRONG_S)
        step_warn(&step, FINDING_CLOCK_OFF, "this machine's clock is %s %s the broker's", text,
                  way);
    else
        step_fail(&step, FINDING_CLOCK_WRONG,
                  "this machine's clock is %s %s the broker's: stamps, session hours and the day "
                  "of the token are wrong",
                  text, way);
    step_todo(&step, "set the clock and keep it set by NTP (timedatectl set-ntp true)");
    return step;
}
