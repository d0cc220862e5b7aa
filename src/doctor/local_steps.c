#include "doctor/checkup.h"

#include "base/log.h"
#include "broker/credentials.h"
#include "config/path_check.h"
#include "files/owner.h"
#include "files/path.h"
#include "files/run_as.h"
#include "store/read/reader.h"
#include "store/read/verify.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define VERIFY_BYTES (64 * 1000 * 1000) /* a larger database takes too long to read completely */

/* --- configuration and password --------------------------------------------------------------- */

static bool load(struct checkup *c)
{
    struct err err = {0};
    const char *path = c->parts->config_path;
    int rc = config_load(path, &c->config, &err);
    struct step step = rc                      ? config_refused(path, rc, &err)
                       : checkup_is_replica(c) ? config_of_replica(path, c->config->source.nats)
                                               : config_result(path, c->config->broker.url,
                                                               c->config->broker.stream_url,
                                                               c->config->broker.allow_insecure);
    checkup_add(c, &step);
    return rc == 0;
}

static void read_password(struct checkup *c, uid_t user)
{
    char path[PATH_MAX];
    struct err err = {0};
    struct credentials *credentials = credentials_create();
    if (!credentials) {
        checkup_skip(c, STEP_PASSWORD, "out of memory");
        return;
    }
    credentials_judge_for(credentials, user);
    const char *origin = credentials_origin(credentials, c->config, path, sizeof(path));
    int rc = credentials_password(credentials, c->config, &c->password, &err);
    if (rc == 0)
        log_secret(c->password.text);
    struct step step =
        password_result(origin, rc, &err, rc ? NULL : credentials_doubt(&c->password));
    checkup_add(c, &step);
    credentials_destroy(credentials);
}

/* --- files ------------------------------------------------------------------------------------ */

struct problems {
    char first[STEP_TEXT];
    int count;
};

static void on_problem(void *arg, const char *words)
{
    struct problems *problems = arg;
    if (problems->count++ == 0)
        snprintf(problems->first, sizeof(problems->first), "%s", words);
}

static void check_folders(struct checkup *c)
{
    struct problems problems = {.count = 0};
    char user[OWNER_NAME];
    path_check(c->config, on_problem, &problems);
    struct step step = folders_result(c->config->state_dir, owner_name(user, geteuid()),
                                      problems.first, problems.count);
    checkup_add(c, &step);
}

static int on_count(void *arg, int columns, const struct reader_value *values)
{
    (void)columns;
    *(long long *)arg = strtoll(values[0].text, NULL, 10);
    return 0;
}

static void on_finding(void *arg, const char *what, bool good, const char *detail)
{
    struct err *first = arg;
    if (!good && !first->code)
        err_set(first, -EBADMSG, "the database is damaged: %s: %s", what, detail);
}

static int read_database(const char *path, long long *rows, struct err *err)
{
    struct reader *reader;
    int rc = reader_open(&reader, path, err);
    if (rc)
        return rc;
    rc = reader_select(reader, READER_QUERY("SELECT count(*) FROM quote"), on_count, rows, err);
    reader_close(reader);
    return rc;
}

/* An older schema is no fault: the service upgrades it. */
static int verify(const char *path, struct err *err)
{
    struct err found = {0}, why;
    struct stat st;
    int bad = 0;
    if (stat(path, &st) || st.st_size > VERIFY_BYTES)
        return 0;
    if (verify_database(path, on_finding, &found, &bad, &why) || !bad)
        return 0;
    *err = found;
    return found.code;
}

static void check_database(struct checkup *c)
{
    const char *path = c->config->store.path;
    struct err err = {0};
    long long rows = 0;
    int rc = read_database(path, &rows, &err);
    if (rc == 0)
        rc = verify(path, &err);
    struct step step = database_result(path, rc, &err, rows);
    checkup_add(c, &step);
}

static void check_disk(struct checkup *c)
{
    char folder[PATH_MAX], found[PATH_MAX];
    struct statvfs disk;
    struct stat st;
    struct disk_facts facts = {folder, NAN, NAN, NAN};
    if (path_folder(c->config->store.path, folder) == 0 && owner_nearest(folder, found, &st) == 0 &&
        statvfs(found, &disk) == 0) {
        facts.free_bytes = (double)disk.f_bavail * (double)disk.f_frsize;
        if (disk.f_files)
            facts.free_files = (double)disk.f_favail;
    }
    if (stat(c->config->store.path, &st) == 0)
        facts.database_bytes = (double)st.st_size;
    struct step step = disk_result(&facts);
    checkup_add(c, &step);
}

static void ask_service(struct checkup *c)
{
    c->parts->service(c->config->state_dir, &c->service);
    struct step step = service_result(&c->service, c->config->state_dir, c->config->stream.enable);
    checkup_add(c, &step);
}

/* --- all -------------------------------------------------------------------------------------- */

/*
 * Root may do everything: the files are checked as the user who owns them, who runs the service.
 * The password file is read before, because it may be root's.
 */
static bool become_service(struct checkup *c, const struct run_as *service)
{
    struct err err;
    if (run_as_become(service, &err) == 0)
        return true;
    struct step step = step_begin(STEP_FOLDERS, "become the user of the service");
    step_fail(&step, FINDING_FOLDERS, "%s", err.text);
    checkup_add(c, &step);
    return false;
}

bool local_steps(struct checkup *c)
{
    struct run_as service = {geteuid(), getegid()};
    if (!load(c))
        return false;
    bool other = run_as_needed(c->config->state_dir, &service) ||
                 run_as_needed(c->config->store.path, &service);
    if (!checkup_is_replica(c))
        read_password(c, service.uid);
    if (other && !become_service(c, &service))
        return false;
    check_folders(c);
    check_database(c);
    check_disk(c);
    ask_service(c);
    return !checkup_failed(c, STEP_CONFIG); /* the password must not be sent to a wrong host */
}
