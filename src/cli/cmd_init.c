#include "cli/commands.h"
#include "cli/init_dialog.h"
#include "cli/init_files.h"
#include "cli/init_login.h"
#include "cli/option_values.h"
#include "cli/prompt.h"
#include "files/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- options ---------------------------------------------------------------------------------- */

struct options {
    const char *broker, *url, *user, *password_file, *db, *state_dir, *ca_file;
    struct option_texts symbols, match, dir;
    bool password_stdin, no_test, yes, force;
};

static const struct option_row options[] = {
    {"broker", 'b', "NAME", "remarkets, cocos, veta, ...: see the list below",
     OPTION_TEXT(struct options, broker)},
    {"url", 0, "URL", "or its API address, https://api.NAME.xoms.com.ar/",
     OPTION_TEXT(struct options, url)},
    {"user", 'u', "USER", "the user name at the broker", OPTION_TEXT(struct options, user)},
    {"password-file", 0, "FILE", "read the password from FILE",
     OPTION_TEXT(struct options, password_file)},
    {"password-stdin", 0, NULL, "read the password from standard input",
     OPTION_FLAG(struct options, password_stdin)},
    {"symbols", 's', "LIST", "symbols to record, separated by commas; may be repeated",
     OPTION_TEXTS(struct options, symbols)},
    {"match", 'm', "LIST", "globs to record, such as 'DLR/*'; may be repeated",
     OPTION_TEXTS(struct options, match)},
    {"db", 0, "FILE", "the database", OPTION_TEXT(struct options, db)},
    {"state-dir", 0, "DIR", "folder for the token and other state",
     OPTION_TEXT(struct options, state_dir)},
    {"ca-file", 0, "FILE", "PEM file of authorities (default: the system's)",
     OPTION_TEXT(struct options, ca_file)},
    {"no-test", 0, NULL, "write the files without testing the login",
     OPTION_FLAG(struct options, no_test)},
    {"yes", 'y', NULL, "ask nothing: use the defaults", OPTION_FLAG(struct options, yes)},
    {"force", 'f', NULL, "replace existing files (mode and owner stay)",
     OPTION_FLAG(struct options, force)},
    {0},
};

static int take_texts(struct setup *setup, const struct option_texts *texts, enum setup_kind kind,
                      struct err *err)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < texts->count; i++)
        rc = setup_record(setup, texts->item[i], kind, err);
    return rc;
}

/* The name of the option whose value is wrong, or NULL. --url replaces the address of --broker. */
static const char *take_values(struct setup *setup, const struct options *o, struct err *err)
{
    if (o->broker && setup_broker(setup, o->broker, err))
        return "broker";
    if (o->url && setup_broker(setup, o->url, err))
        return "url";
    if (o->user && setup_user(setup, o->user, err))
        return "user";
    if (take_texts(setup, &o->symbols, SETUP_SYMBOL, err))
        return "symbols";
    if (take_texts(setup, &o->match, SETUP_GLOB, err))
        return "match";
    if (o->db && setup_path(setup->db, o->db, err))
        return "db";
    if (o->state_dir && setup_path(setup->state_dir, o->state_dir, err))
        return "state-dir";
    if (o->ca_file && setup_path(setup->ca_file, o->ca_file, err))
        return "ca-file";
    return NULL;
}

static int take_dir(struct init *init, const struct option_texts *dir)
{
    struct err err;
    int rc = dir->count ? setup_path(init->setup.dir, dir->item[0], &err)
                        : setup_default_dir(init->setup.dir, &err);
    if (rc == 0)
        rc = setup_file(init->conf_path, &init->setup, "cinta.conf", &err);
    if (rc == 0)
        rc = setup_file(init->password_path, &init->setup, "password", &err);
    return rc ? cmd_usage(init->self, "%s", err.text) : STATUS_OK;
}

static int take_options(struct init *init, const struct options *o)
{
    struct err err;
    const char *wrong = take_values(&init->setup, o, &err);
    if (wrong)
        return cmd_usage(init->self, "--%s: %s", wrong, err.text);
    if (o->password_file && o->password_stdin)
        return cmd_usage(init->self,
                         "--password-file and --password-stdin exclude each other: give one");
    init->asks = !o->yes && prompt_possible();
    init->force = o->force;
    init->no_test = o->no_test;
    return take_dir(init, &o->dir);
}

/* --- values that the options do not give ------------------------------------------------------ */

static int read_password_file(struct init *init, const char *path, struct err *err)
{
    char name[PATH_MAX + 32];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, -errno, "cannot read the password in %s: %s", path, strerror(errno));
    snprintf(name, sizeof(name), "the password in %s", path);
    int rc = secret_read(fd, name, &init->password, err);
    close(fd);
    return rc;
}

/* From the source in the options. Standard input may be a terminal, which must not echo it. */
static int read_password(struct init *init, const char *path)
{
    struct err err;
    int rc;
    if (path)
        rc = read_password_file(init, path, &err);
    else if (isatty(STDIN_FILENO))
        rc = prompt_secret("Password (not shown): ", &init->password, &err);
    else
        rc = secret_read(STDIN_FILENO, "the password in standard input", &init->password, &err);
    return rc ? cmd_fail(init->self, STATUS_FAILED, "%s", err.text) : STATUS_OK;
}

static int name_missing(const struct init *init)
{
    const struct setup *setup = &init->setup;
    const char *broker = *setup->url ? "" : " --broker (or --url)";
    const char *user = *setup->user ? "" : " --user";
    const char *password = init->password.text ? "" : " --password-file (or --password-stdin)";
    if (!*broker && !*user && !*password)
        return STATUS_OK;
    return cmd_usage(init->self, "missing, and cannot be asked for without a terminal:%s%s%s",
                     broker, user, password);
}

static int gather(struct init *init, const struct options *o)
{
    struct setup *setup = &init->setup;
    struct err err;
    int status = STATUS_OK;
    if (o->password_file || o->password_stdin)
        status = read_password(init, o->password_file);
    if (status == STATUS_OK && init->asks && init_dialog_ask(setup, &init->password, &err))
        return cmd_fail(init->self, STATUS_FAILED, "%s: nothing was written", err.text);
    if (status == STATUS_OK)
        status = name_missing(init);
    if (status)
        return status;
    int rc = setup->symbols.count + setup->match.count
                 ? 0
                 : setup_record(setup, SETUP_RECORD, SETUP_EITHER, &err);
    if (rc == 0)
        rc = setup_data(setup, NULL, &err);
    return rc ? cmd_fail(init->self, STATUS_FAILED, "%s", err.text) : STATUS_OK;
}

/* --- the command ------------------------------------------------------------------------------ */

static int work(struct init *init, const struct options *o)
{
    int status = take_options(init, o);
    if (status == STATUS_OK)
        status = init_files_look(init);
    if (status == STATUS_OK)
        status = gather(init, o);
    if (status == STATUS_OK)
        status = init_files_room(init);
    if (status == STATUS_OK)
        status = init_compose(init);
    if (status == STATUS_OK)
        status = init_login(init);
    if (status == STATUS_OK)
        status = init_files_write(init);
    if (status == STATUS_OK)
        init_dialog_next(&init->setup, init_files_hand_over(init));
    return status;
}

static int run(const struct cmd *self, void *given)
{
    struct init init;
    umask(022);
    secret_guard();
    init_begin(&init, self);
    int status = work(&init, given);
    init_finish(&init);
    return status;
}

const struct cmd cmd_init = {
    .name = "init",
    .usage = "[options] [DIR]",
    .summary = "asks for broker and login, tests them, writes a configuration",
    .options = options,
    .operands = {"DIR", NULL, 0, 1, NULL, offsetof(struct options, dir)},
    .notes = "Tests the login, then writes DIR/cinta.conf and DIR/password (mode 0600). At a\n"
             "terminal it asks for the values that the options do not give. The default DIR\n"
             "is /etc/cinta for root, else ~/.config/cinta; database and state are then in\n"
             "/var/lib/cinta or ~/.local/share/cinta. With any other DIR they are in DIR.\n"
             "\n"
             "Brokers: remarkets (free sandbox), primary, adcap, bcch, cocos, dmabroker, eco,\n"
             "lbo, nasini, veta, bbsa, demo, latinsecurities; any other with --url.\n"
             "\n"
             "Exit status: 0 written, 1 failed, 2 wrong usage, 69 broker unreachable, 77\n"
             "credentials refused; nothing is written unless it is 0.\n",
    .options_bytes = sizeof(struct options),
    .run = run,
};
