#include "base/log.h"
#include "broker/credentials.h"
#include "broker/list_cache.h"
#include "cli/args.h"
#include "cli/init_dialog.h"
#include "cli/prompt.h"
#include "config/config_parser.h"
#include "files/run_as.h"
#include "files/run_lock.h"
#include "files/state_folder.h"
#include "primary/reference.h"
#include "setup/broker_test.h"
#include "setup/setup_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOGINS_MAX 3

/* The state of one run: options, answers, and what is written. */
struct init {
    const struct cmd *self;
    const char *password_file;
    bool password_stdin, force, yes, no_test;
    bool asks; /* at a terminal, without --yes */

    struct setup setup;
    struct secret password;
    char conf_path[PATH_MAX], password_path[PATH_MAX];
    struct buf text;
    struct config *config;     /* parsed from `text` */
    struct cached_token token; /* "" = not logged in */
    struct buf list;
};

/* --- options ---------------------------------------------------------------------------------- */

enum {
    BROKER,
    URL,
    USER,
    PASSWORD_FILE,
    PASSWORD_STDIN,
    SYMBOLS,
    MATCH,
    DB,
    STATE_DIR,
    CA_FILE,
    NO_TEST,
    YES,
    FORCE
};

static const struct option_row options[] = {
    [BROKER] = {"broker", 'b', "NAME", "remarkets, cocos, veta, ...: see the list below"},
    [URL] = {"url", 0, "URL", "or its API address, https://api.NAME.xoms.com.ar/"},
    [USER] = {"user", 'u', "USER", "the user name at the broker"},
    [PASSWORD_FILE] = {"password-file", 0, "FILE", "read the password from FILE"},
    [PASSWORD_STDIN] = {"password-stdin", 0, NULL, "read the password from standard input"},
    [SYMBOLS] = {"symbols", 's', "LIST", "symbols to record, separated by commas; may be repeated"},
    [MATCH] = {"match", 'm', "LIST", "globs to record, such as 'DLR/*'; may be repeated"},
    [DB] = {"db", 0, "FILE", "the database"},
    [STATE_DIR] = {"state-dir", 0, "DIR", "folder for the token and other state"},
    [CA_FILE] = {"ca-file", 0, "FILE", "PEM file of authorities (default: the system's)"},
    [NO_TEST] = {"no-test", 0, NULL, "write the files without testing the login"},
    [YES] = {"yes", 'y', NULL, "ask nothing: use the defaults"},
    [FORCE] = {"force", 'f', NULL, "replace existing files (mode and owner stay)"},
    {0},
};

static int take_option(struct init *init, int option, const char *value, struct err *err)
{
    struct setup *setup = &init->setup;
    switch (option) {
    case BROKER:
    case URL:
        return setup_broker(setup, value, err);
    case USER:
        return setup_user(setup, value, err);
    case PASSWORD_FILE:
        init->password_file = value;
        return 0;
    case SYMBOLS:
        return setup_record(setup, value, SETUP_SYMBOL, err);
    case MATCH:
        return setup_record(setup, value, SETUP_GLOB, err);
    case DB:
        return setup_path(setup->db, value, err);
    case STATE_DIR:
        return setup_path(setup->state_dir, value, err);
    case CA_FILE:
        return setup_path(setup->ca_file, value, err);
    case PASSWORD_STDIN:
        init->password_stdin = true;
        return 0;
    case NO_TEST:
        init->no_test = true;
        return 0;
    case YES:
        init->yes = true;
        return 0;
    case FORCE:
        init->force = true;
        return 0;
    }
    return 0;
}

static int take_dir(struct init *init, const struct args *args)
{
    struct err err;
    int count;
    const char *const *rest = args_rest(args, &count);
    if (count > 1)
        return cmd_usage(init->self, "takes one DIR, not %d", count);
    int rc = count ? setup_path(init->setup.dir, rest[0], &err)
                   : setup_default_dir(init->setup.dir, &err);
    if (rc == 0)
        rc = setup_file(init->conf_path, &init->setup, "cinta.conf", &err);
    if (rc == 0)
        rc = setup_file(init->password_path, &init->setup, "password", &err);
    return rc ? cmd_usage(init->self, "%s", err.text) : STATUS_OK;
}

static int parse_options(struct init *init, int argc, char **argv)
{
    struct args args;
    struct err err;
    const char *value;
    int option;

    args_init(&args, init->self, argc, argv);
    while ((option = args_next(&args, &value)) >= 0) {
        if (take_option(init, option, value, &err))
            return cmd_usage(init->self, "--%s: %s", options[option].name, err.text);
    }
    if (option == ARGS_WRONG)
        return STATUS_USAGE;
    if (init->password_file && init->password_stdin)
        return cmd_usage(init->self,
                         "--password-file and --password-stdin exclude each other: give one");
    init->asks = !init->yes && prompt_possible();
    return take_dir(init, &args);
}

/* --- values that the options do not give ------------------------------------------------------ */

static int read_password_file(struct init *init, struct err *err)
{
    int fd = open(init->password_file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, -errno, "cannot read the password in %s: %s", init->password_file,
                       strerror(errno));
    int rc = credentials_read(fd, init->password_file, &init->password, err);
    close(fd);
    return rc;
}

/* From the source in the options. Standard input may be a terminal, which must not echo it. */
static int read_password(struct init *init)
{
    struct err err;
    int rc;
    if (init->password_file)
        rc = read_password_file(init, &err);
    else if (isatty(STDIN_FILENO))
        rc = prompt_secret("Password (not shown): ", &init->password, &err);
    else
        rc = credentials_read(STDIN_FILENO, "standard input", &init->password, &err);
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

static int gather(struct init *init)
{
    struct setup *setup = &init->setup;
    struct err err;
    int status = STATUS_OK;
    if (init->password_file || init->password_stdin)
        status = read_password(init);
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

/* --- before anything is asked or written ------------------------------------------------------ */

static int look_for_files(const struct init *init)
{
    struct err err;
    if (setup_files_look(&init->setup, init->force, &err))
        return cmd_fail(init->self, STATUS_FAILED, "%s", err.text);
    return STATUS_OK;
}

/* Before the login, because brokers limit logins: it would be wasted if the files cannot be
 * written.
 */
static int look_for_room(const struct init *init)
{
    struct err err;
    if (setup_files_room(&init->setup, &err))
        return cmd_fail(init->self, STATUS_FAILED, "%s", err.text);
    return STATUS_OK;
}

static int compose(struct init *init)
{
    struct err err;
    if (setup_text(&init->setup, &init->text, &err) ||
        config_parse(buf_text(&init->text), init->text.len_bytes, init->conf_path, &init->config,
                     &err))
        return cmd_fail(init->self, STATUS_CONFIG, "%s", err.text);
    return STATUS_OK;
}

/* --- testing the login ------------------------------------------------------------------------ */

static int status_of(enum broker_test_end end)
{
    switch (end) {
    case TRIAL_OK:
        return STATUS_OK;
    case TRIAL_REFUSED:
        return STATUS_REFUSED;
    case TRIAL_UNAVAILABLE:
        return STATUS_UNREACHABLE;
    case TRIAL_FAILED:
        break;
    }
    return STATUS_FAILED;
}

static int not_logged_in(struct init *init, enum broker_test_end end, const struct err *why)
{
    cmd_fail(init->self, 0, "not logged in: %s", why->text);
    if (init->asks && prompt_yes("Write the configuration anyway? [y/N] "))
        return STATUS_OK;
    fputs("Nothing was written; with --no-test it is written without a login.\n", stderr);
    return status_of(end);
}

static void show_missing(void *arg, const char *text, const char *words)
{
    (void)arg;
    (void)text;
    printf("  %s\n", words);
}

static bool show_selection(const struct init *init, struct err *err)
{
    struct selection selection;
    struct reply reply = list_cache_reply(&init->list);
    struct json_parser *parser = json_parser_create();
    if (!parser)
        return err_set(err, -ENOMEM, "out of memory") == 0;
    bool usable = selection_read(&selection, init->config, parser, &reply, err) == REPLY_OK;
    if (usable) {
        init_dialog_selection(&selection);
        selection_unfound(&selection, parser, &reply, show_missing, NULL);
        selection_finish(&selection);
    }
    json_parser_destroy(parser);
    return usable;
}

static void check_symbols(struct init *init)
{
    struct err err = {0};
    if (broker_test_list(init->config, init->token.token, &init->list, &err) == TRIAL_OK &&
        show_selection(init, &err))
        return;
    buf_clear(&init->list);
    cmd_fail(init->self, 0, "the broker's list of instruments: %s", err.text);
}

static enum broker_test_end log_in(struct init *init, struct err *why)
{
    if (init->asks)
        fprintf(stderr, "\nlogging in, which may take %d s ...\n",
                (int)(init->config->broker.timeout_ms / 1000));
    log_secret(init->password.text);
    enum broker_test_end end = broker_test_login(init->config, &init->password, &init->token, why);
    if (end == TRIAL_OK)
        log_secret(init->token.token);
    return end;
}

/* The other answers stay. False: no further login is wanted. */
static bool correct_login(struct init *init, const struct err *why)
{
    struct err err;
    cmd_fail(init->self, 0, "not logged in: %s", why->text);
    if (init_dialog_login(&init->setup, &init->password, &err))
        return false;
    config_free(init->config);
    init->config = NULL;
    buf_clear(&init->text);
    return compose(init) == STATUS_OK;
}

/* At most LOGINS_MAX logins: brokers lock a user after several refused ones. */
static int ask_broker(struct init *init)
{
    struct err why = {0};
    if (init->no_test)
        return STATUS_OK;
    enum broker_test_end end = log_in(init, &why);
    for (int tries = 1; end == TRIAL_REFUSED && init->asks && tries < LOGINS_MAX; tries++) {
        if (!correct_login(init, &why))
            break;
        end = log_in(init, &why);
    }
    if (end != TRIAL_OK)
        return not_logged_in(init, end, &why);
    printf("logged in at %s as %s\n", init->config->broker.url, init->config->broker.user);
    check_symbols(init);
    return STATUS_OK;
}

/* --- writing the files and the state for the service ------------------------------------------ */

/* Files that are replaced keep their modes. */
static void print_written(const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0)
        printf("wrote %s (%04o)\n", path, (unsigned)st.st_mode & 07777);
}

static int write_files(const struct init *init)
{
    struct err err;
    if (setup_files_write(&init->setup, &init->text, &init->password, init->force, &err))
        return cmd_fail(init->self, STATUS_FAILED, "%s; nothing was written", err.text);
    print_written(init->conf_path);
    print_written(init->password_path);
    return STATUS_OK;
}

static int save_answers(struct init *init, struct err *err)
{
    const struct config *config = init->config;
    int rc = token_cache_save(config->state_dir, config->broker.url, config->broker.user,
                              &init->token, err);
    if (rc == 0 && init->list.len_bytes)
        rc = list_cache_save(config, buf_text(&init->list), init->list.len_bytes, err);
    return rc;
}

static int save_under_lock(struct init *init, struct err *err)
{
    int rc = state_folder_check(init->config->state_dir, err);
    if (rc)
        return rc;
    int lock = run_lock_take(init->config->state_dir, err);
    if (lock < 0)
        return lock;
    rc = save_answers(init, err);
    close(lock);
    return rc;
}

/*
 * Saves the token and the list of instruments in state_dir, so that the service requests neither
 * again today. As root, the process first changes to the owner of that folder, because a service
 * running as that user could not read root's files; nothing else is left to do as root. A running
 * service has its own token and list. Returns whether one is running.
 */
static bool hand_over(struct init *init)
{
    struct err err = {0};
    struct run_as owner;
    if (!*init->token.token)
        return false;
    int rc = run_as_needed(init->config->state_dir, &owner) ? run_as_become(&owner, &err) : 0;
    if (rc == 0)
        rc = save_under_lock(init, &err);
    if (rc && rc != -EBUSY)
        cmd_fail(init->self, 0, "%s", err.text);
    return rc == -EBUSY;
}

static int work(struct init *init, int argc, char **argv)
{
    int status = parse_options(init, argc, argv);
    if (status == STATUS_OK)
        status = look_for_files(init);
    if (status == STATUS_OK)
        status = gather(init);
    if (status == STATUS_OK)
        status = look_for_room(init);
    if (status == STATUS_OK)
        status = compose(init);
    if (status == STATUS_OK)
        status = ask_broker(init);
    if (status == STATUS_OK)
        status = write_files(init);
    if (status == STATUS_OK)
        init_dialog_next(&init->setup, hand_over(init));
    return status;
}

static int run(const struct cmd *self, int argc, char **argv)
{
    struct init init = {.self = self};
    umask(022);
    secret_guard();
    buf_init(&init.text, CONFIG_BYTES_MAX);
    buf_init(&init.list, REFERENCE_LIST_BYTES);
    int status = work(&init, argc, argv);
    buf_finish(&init.list);
    buf_finish(&init.text);
    config_free(init.config);
    setup_finish(&init.setup);
    secret_wipe(&init.password);
    explicit_bzero(&init.token, sizeof(init.token));
    return status;
}

const struct cmd cmd_init = {
    .name = "init",
    .arguments = "[options] [DIR]",
    .summary = "asks for broker and login, tests them, writes a configuration",
    .options = options,
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
    .run = run,
};
