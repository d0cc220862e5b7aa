#include "base/clock.h"
#include "base/num.h"
#include "cli/commands.h"
#include "cli/option_values.h"
#include "files/new_file.h"
#include "net/loop.h"
#include "sim/account.h"
#include "sim/sim_broker.h"
#include "sim/universe.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct address {
    char host[64];
    int port;
};

struct options {
    struct address listen;
    const char *ready_file, *user, *password, *faults;
    int64_t instruments, seed;
    double rate, token_ttl_s, stream_idle_s;
    int stream_auth; /* index of proofs_names */
};

static const struct options defaults = {
    .listen = {"127.0.0.1", 0},
    .user = "demo",
    .password = "demo",
    .instruments = 100,
    .seed = 1,
    .rate = 20,
    .token_ttl_s = S_PER_DAY,
};

/* --- options ---------------------------------------------------------------------------------- */

/* host:port; an IPv6 address must be in brackets. */
static bool split_address(const char *text, char *host, size_t host_bytes, int *port)
{
    const char *colon = strrchr(text, ':');
    double number;
    size_t len = colon ? (size_t)(colon - text) : 0;
    bool brackets = len > 2 && text[0] == '[' && text[len - 1] == ']';
    if (brackets) {
        text++;
        len -= 2;
    }
    if (len == 0 || len >= host_bytes || (!brackets && (*text == '[' || memchr(text, ':', len))) ||
        !num_parse(colon + 1, strlen(colon + 1), &number) || number < 0 || number > 65535 ||
        number != floor(number))
        return false;
    memcpy(host, text, len);
    host[len] = '\0';
    *port = (int)number;
    return true;
}

static int take_address(const struct option_given *given, void *into)
{
    struct address *address = into;
    if (split_address(given->text, address->host, sizeof(address->host), &address->port))
        return STATUS_OK;
    return cmd_usage(given->cmd, "--listen: '%s' is not host:port, such as 127.0.0.1:0 or [::1]:0",
                     given->text);
}

static int take_word(const struct option_given *given, void *into)
{
    if (!*given->text || strlen(given->text) > ACCOUNT_WORD_MAX)
        return cmd_usage(given->cmd, "--%s: the value must have 1 to %d characters",
                         given->row->name, ACCOUNT_WORD_MAX);
    return option_text(given, into);
}

#define OPTION_LOGIN_WORD(member)                                                                  \
    .take = take_word, .into = OPTION_AT(struct options, member, const char *)

static const char *const proofs_names[] = {"header", "cookie", "query", "any", NULL};
static const unsigned proofs[] = {
    ACCOUNT_HEADER,
    ACCOUNT_COOKIE,
    ACCOUNT_QUERY,
    ACCOUNT_HEADER | ACCOUNT_COOKIE | ACCOUNT_QUERY,
};

static const struct option_row options[] = {
    {"listen", 0, "ADDR", "host:port (default 127.0.0.1:0, which picks a port)",
     .take = take_address, .into = OPTION_AT(struct options, listen, struct address)},
    {"ready-file", 0, "FILE", "write http://host:port/ to FILE once it listens",
     OPTION_TEXT(struct options, ready_file)},
    {"instruments", 0, "N", "1 to 12000 (default 100)",
     OPTION_WHOLE(struct options, instruments, 1, UNIVERSE_MAX)},
    {"rate", 0, "R", "quote changes per second, all instruments (default 20)",
     OPTION_NUMBER(struct options, rate, 0, 1e6)},
    {"seed", 0, "S", "the same seed gives the same market (default 1)",
     OPTION_WHOLE(struct options, seed, 0, 9007199254740992.0)},
    {"user", 0, "U", "accepted user (default demo)", OPTION_LOGIN_WORD(user)},
    {"password", 0, "P", "accepted password (default demo)", OPTION_LOGIN_WORD(password)},
    {"token-ttl", 0, "SEC", "lifetime of a token (default 86400)",
     OPTION_NUMBER(struct options, token_ttl_s, 0.01, 1e6)},
    {"faults", 0, "FILE", "faults to simulate; the kinds are in docs/simulator.md",
     OPTION_TEXT(struct options, faults)},
    {"stream-auth", 0, NULL, "how a stream sends its token (default header)",
     OPTION_CHOICE(struct options, stream_auth, proofs_names)},
    {"stream-idle", 0, "SEC", "close idle streams after SEC; 0 (default): never",
     OPTION_NUMBER(struct options, stream_idle_s, 0, S_PER_DAY)},
    {0},
};

/* --- running ---------------------------------------------------------------------------------- */

/* Written atomically: a program that waits for the file may read it as soon as it exists. */
static int write_ready_file(const char *path, const char *url)
{
    char line[160];
    struct err err;
    int len = snprintf(line, sizeof(line), "%s\n", url);
    int rc = new_file_put(path, FILE_PUBLIC, line, (size_t)len, &err);
    if (rc)
        fprintf(stderr, "cinta sim: %s\n", err.text);
    return rc;
}

static void on_stop(void *arg)
{
    loop_stop(arg);
}

static int announce(const struct options *o, const struct sim_broker *broker)
{
    char url[128];
    bool brackets = strchr(o->listen.host, ':');
    snprintf(url, sizeof(url), "http://%s%s%s:%d/", brackets ? "[" : "", o->listen.host,
             brackets ? "]" : "", sim_broker_port(broker));
    printf("cinta sim: %s (%lld instruments, %g changes/s, user %s)\n", url,
           (long long)o->instruments, o->rate, o->user);
    fflush(stdout);
    return o->ready_file ? write_ready_file(o->ready_file, url) : 0;
}

static struct sim_broker_config config_of(const struct options *o)
{
    return (struct sim_broker_config){
        .host = o->listen.host,
        .port = o->listen.port,
        .instruments = (int)o->instruments,
        .rate = o->rate,
        .seed = (uint64_t)o->seed,
        .user = o->user,
        .password = o->password,
        .token_ttl_ms = (int64_t)(o->token_ttl_s * 1000),
        .faults_path = o->faults,
        .stream_proofs = proofs[o->stream_auth],
        .stream_idle_ms = (int64_t)(o->stream_idle_s * 1000),
    };
}

static int serve(const struct cmd *self, struct loop *loop, const struct options *o)
{
    const struct sim_broker_config config = config_of(o);
    struct sim_broker *broker;
    struct err err;
    if (sim_broker_create(&broker, loop, &config, &err))
        return cmd_fail(self, STATUS_FAILED, "%s", err.text);
    struct loop_signal *terminate = loop_signal_create(loop, SIGTERM, on_stop, loop);
    struct loop_signal *interrupt = loop_signal_create(loop, SIGINT, on_stop, loop);
    int failed = announce(o, broker);
    if (!failed)
        loop_run(loop);
    loop_signal_destroy(terminate);
    loop_signal_destroy(interrupt);
    sim_broker_destroy(broker);
    return failed ? STATUS_FAILED : STATUS_OK;
}

static int run(const struct cmd *self, void *given)
{
    signal(SIGPIPE, SIG_IGN);
    struct loop *loop = loop_create();
    if (!loop)
        return STATUS_FAILED;
    int status = serve(self, loop, given);
    loop_destroy(loop);
    return status;
}

const struct cmd cmd_sim = {
    .name = "sim",
    .usage = "[options]",
    .summary = "runs a simulated broker, with faults on request",
    .options = options,
    .notes = "GET /sim/stats returns counts of the requests; POST /sim/expire expires all\n"
             "tokens; POST /sim/stream?kind=mute (or reset, goodbye...) applies that fault to\n"
             "all streams. These POSTs need X-Username and X-Password, or X-Auth-Token.\n",
    .options_bytes = sizeof(struct options),
    .defaults = &defaults,
    .run = run,
};
