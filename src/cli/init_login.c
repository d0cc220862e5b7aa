#include "cli/init_login.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mask.h"
#include "broker/list_cache.h"
#include "cli/init_dialog.h"
#include "cli/prompt.h"
#include "setup/broker_test.h"

#include <errno.h>
#include <stdio.h>

#define LOGINS_MAX 3

static int status_of(enum broker_test_end end)
{
    switch (end) {
    case BROKER_TEST_OK:
        return STATUS_OK;
    case BROKER_TEST_REFUSED:
        return STATUS_REFUSED;
    case BROKER_TEST_UNAVAILABLE:
        return STATUS_UNREACHABLE;
    case BROKER_TEST_FAILED:
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
    const struct selection_input input = {init->config, NULL, art_day(clock_now().wall_ns)};
    struct json_parser *parser = json_parser_create();
    if (!parser)
        return err_set(err, -ENOMEM, "out of memory") == 0;
    bool usable = selection_read(&selection, &input, parser, &reply, err) == REPLY_OK;
    if (usable) {
        init_dialog_selection(&selection);
        selection_unfound(&selection, show_missing, NULL);
        selection_finish(&selection);
    }
    json_parser_destroy(parser);
    return usable;
}

static void check_symbols(struct init *init)
{
    struct err err = {0};
    if (broker_test_list(init->config, init->token.token, &init->list, &err) == BROKER_TEST_OK &&
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
    if (end == BROKER_TEST_OK)
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
    return init_compose(init) == STATUS_OK;
}

/* At most LOGINS_MAX logins: brokers lock a user after several refused ones. */
int init_login(struct init *init)
{
    char broker[MASK_URL_BYTES];
    struct err why = {0};
    if (init->no_test)
        return STATUS_OK;
    enum broker_test_end end = log_in(init, &why);
    for (int tries = 1; end == BROKER_TEST_REFUSED && init->asks && tries < LOGINS_MAX; tries++) {
        if (!correct_login(init, &why))
            break;
        end = log_in(init, &why);
    }
    if (end != BROKER_TEST_OK)
        return not_logged_in(init, end, &why);
    printf("logged in at %s as %s\n", mask_url(broker, sizeof(broker), init->config->broker.url),
           init->config->broker.user);
    check_symbols(init);
    return STATUS_OK;
}
