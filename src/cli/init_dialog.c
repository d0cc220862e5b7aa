#include "cli/init_dialog.h"

#include "base/buf.h"
#include "base/num.h"
#include "cli/prompt.h"
#include "config/config.h"
#include "primary/brokers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_BYTES 4000 /* a line of a terminal has at most 4095 */

/* --- questions -------------------------------------------------------------------------------- */

/* Returns -EINVAL, with the reason in `err`, for a wrong answer; the question is then repeated. */
typedef int take_fn(struct setup *setup, const char *answer, struct err *err);

static const char *trimmed(char *text)
{
    char *end = text + strlen(text);
    while (end > text && end[-1] == ' ')
        *--end = '\0';
    return text + strspn(text, " ");
}

static int ask(const char *question, take_fn *take, struct setup *setup, struct err *err)
{
    char answer[ANSWER_BYTES];
    for (;;) {
        int rc = prompt_line(question, answer, sizeof(answer), err);
        if (rc == 0)
            rc = take(setup, answer, err);
        if (rc != -EINVAL)
            return rc;
        fprintf(stderr, "  %s\n", err->text);
    }
}

static void show_brokers(void)
{
    fputs("Brokers known to speak the Primary API:\n", stderr);
    for (size_t i = 0; i < broker_hosts_count; i++) {
        const struct broker_host *host = &broker_hosts[i];
        fprintf(stderr, "%3zu  %-15s  %-*s%s\n", i + 1, host->name, *host->note ? 39 : 0, host->url,
                host->note);
    }
    fputs("The API host of most others is api.NAME.xoms.com.ar.\n", stderr);
}

/* A name, an address or a number of the list; an empty answer means 1. */
static int take_broker(struct setup *setup, const char *answer, struct err *err)
{
    char text[ANSWER_BYTES];
    double number;
    snprintf(text, sizeof(text), "%s", answer);
    answer = trimmed(text);
    if (!*answer)
        answer = "1";
    if (!num_parse(answer, strlen(answer), &number))
        return setup_broker(setup, answer, err);
    for (size_t i = 0; i < broker_hosts_count; i++) {
        if (number == (double)(i + 1))
            return setup_broker(setup, broker_hosts[i].name, err);
    }
    return err_set(err, -EINVAL, "there is no broker with the number %s in the list", answer);
}

static int take_record(struct setup *setup, const char *answer, struct err *err)
{
    const char *text = answer[strspn(answer, " ")] ? answer : SETUP_RECORD;
    return setup_record(setup, text, SETUP_EITHER, err);
}

static int take_data(struct setup *setup, const char *answer, struct err *err)
{
    char text[ANSWER_BYTES];
    snprintf(text, sizeof(text), "%s", answer);
    answer = trimmed(text);
    return setup_data(setup, *answer ? answer : NULL, err);
}

static int ask_password(struct secret *password, struct err *err)
{
    for (;;) {
        int rc = prompt_secret("Password (not shown): ", password, err);
        if (rc != -EINVAL)
            return rc;
        fprintf(stderr, "  %s\n", err->text);
    }
}

static int ask_data(struct setup *setup, struct err *err)
{
    char question[PATH_MAX + 64], folder[PATH_MAX];
    int rc = setup_default_data(folder, setup->dir, err);
    if (rc)
        return rc;
    snprintf(question, sizeof(question), "Folder of the database [%s]: ", folder);
    return ask(question, take_data, setup, err);
}

static int take_user(struct setup *setup, const char *answer, struct err *err)
{
    char text[ANSWER_BYTES];
    snprintf(text, sizeof(text), "%s", answer);
    return setup_user(setup, trimmed(text), err);
}

static int take_other_user(struct setup *setup, const char *answer, struct err *err)
{
    return answer[strspn(answer, " ")] ? take_user(setup, answer, err) : 0;
}

int init_dialog_login(struct setup *setup, struct secret *password, struct err *err)
{
    char question[SETUP_USER_BYTES + 64];
    snprintf(question, sizeof(question), "User [%s] (Ctrl-D: do not try again): ", setup->user);
    int rc = ask(question, take_other_user, setup, err);
    if (rc)
        return rc;
    secret_wipe(password);
    return ask_password(password, err);
}

int init_dialog_ask(struct setup *setup, struct secret *password, struct err *err)
{
    int rc = 0;
    fprintf(stderr,
            "This writes a configuration to %s. Enter accepts the value in\n"
            "[brackets]; Ctrl-C exits without any change.\n\n",
            setup->dir);
    if (!*setup->url) {
        show_brokers();
        rc = ask("Broker: number, name or address [1]: ", take_broker, setup, err);
    }
    if (rc == 0 && !*setup->user)
        rc = ask("User: ", take_user, setup, err);
    if (rc == 0 && !password->text)
        rc = ask_password(password, err);
    if (rc == 0 && setup->symbols.count + setup->match.count == 0)
        rc = ask("Symbols and globs to record, separated by commas\n[" SETUP_RECORD "]: ",
                 take_record, setup, err);
    if (rc == 0 && !*setup->db && !*setup->state_dir)
        rc = ask_data(setup, err);
    return rc;
}

/* --- output ----------------------------------------------------------------------------------- */

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

void init_dialog_selection(const struct selection *s)
{
    printf("the broker lists %zu instrument%s; %zu of them will be recorded:\n", s->listed,
           plural(s->listed), s->found);
    for (size_t i = 0; i < s->rules.rules_count; i++) {
        const struct rule_match *rule = &s->rules.rules[i];
        if (rule->kind != RULE_SYMBOL)
            printf("  %-30s  %zu\n", rule->text, rule->matched);
        else
            printf("  %-30s  %s\n", rule->text,
                   rule->matched ? "listed"
                                 : "NOT listed: mistyped, or not visible to this account");
    }
    if (s->found == 0)
        puts("  no instrument: correct the section `instruments` of the configuration");
}

/* Quotes a word for a shell: in single quotes unless it has only ordinary characters. */
static void put_word(struct buf *out, const char *text)
{
    static const char ordinary[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+:@%,";
    if (strspn(text, ordinary) == strlen(text)) {
        buf_puts(out, text);
        return;
    }
    buf_puts(out, "'");
    for (const char *c = text; *c; c++)
        buf_printf(out, *c == '\'' ? "'\\''" : "%c", *c);
    buf_puts(out, "'");
}

/* " -c FILE", or nothing when it is the default configuration. */
static void put_option(struct buf *out, const struct setup *setup)
{
    char path[PATH_MAX];
    if (setup_file(path, setup, "cinta.conf", NULL) || strcmp(path, config_default_path()) == 0)
        return;
    buf_puts(out, " -c ");
    put_word(out, path);
}

/* Whether the package's unit is installed and reads the configuration that was written. */
static bool has_unit(const struct setup *setup)
{
    return strcmp(setup->dir, "/etc/cinta") == 0 &&
           access("/lib/systemd/system/cinta.service", F_OK) == 0;
}

void init_dialog_next(const struct setup *setup, bool running)
{
    struct buf option;
    buf_init(&option, 4 * PATH_MAX);
    put_option(&option, setup);
    const char *c = buf_text(&option);
    printf("\nnext:\n  cinta check%s    show the values in use\n"
           "  cinta doctor%s   test broker, login and stream step by step\n",
           c, c);
    if (running)
        puts("A service with this state_dir is running. To make it read the configuration\n"
             "again, send it SIGHUP (systemctl reload cinta).");
    else if (has_unit(setup))
        puts("  systemctl enable --now cinta    start the service\n  cinta status");
    else
        printf("  cinta run%s      run the service in the foreground\n  cinta quotes%s --watch\n",
               c, c);
    if (*c)
        printf("CINTA_CONF in the environment replaces -c: export CINTA_CONF=%s\n",
               c + strlen(" -c "));
    buf_finish(&option);
}
