#include "base/num.h"
#include "cli/args.h"
#include "files/new_file.h"
#include "net/loop.h"
#include "sim/account.h"
#include "sim/broker.h"
#include "sim/universe.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
    char host[64];
    const char *ready_file;
    struct broker_config broker;
};

/* --- options ---------------------------------------------------------------------------------- */

enum {
    LISTEN,
    READY_FILE,
    INSTRUMENTS,
    RATE,
    SEED,
    USER,
    PASSWORD,
    TOKEN_TTL,
    FAULTS,
    STREAM_AUTH,
    STREAM_IDLE
};

static const struct option_row options[] = {
    [LISTEN] = {"listen", 0, "ADDR", "host:port (default 127.0.0.1:0, which picks a port)"},
    [READY_FILE] = {"ready-file", 0, "FILE", "write http://host:port/ to FILE once it listens"},
    [INSTRUMENTS] = {"instruments", 0, "N", "1 to 12000 (default 100)"},
    [RATE] = {"rate", 0, "R", "quote changes per second, all instruments (default 20)"},
    [SEED] = {"seed", 0, "S", "the same seed gives the same market (default 1)"},
    [USER] = {"user", 0, "U", "accepted user (default demo)"},
    [PASSWORD] = {"password", 0, "P", "accepted password (default demo)"},
    [TOKEN_TTL] = {"token-ttl", 0, "SEC", "lifetime of a token (default 86400)"},
    [FAULTS] = {"faults", 0, "FILE", "faults to simulate; the kinds are in docs/simulator.md"},
    [STREAM_AUTH] = {"stream-auth", 0, "HOW", "header (default), cookie, query or any"},
    [STREAM_IDLE] = {"stream-idle", 0, "SEC", "close idle streams after SEC; 0 (default): never"},
    {0},
};

struct option_value {
    const struct cmd *cmd;
    const char *name, *text;
};

static int take_number(struct option_value v, double min, double max, double *out)
{
    if (num_parse(v.text, strlen(v.text), out) && *out >= min && *out <= max)
        return 0;
    return cmd_usage(v.cmd, "--%s: '%s' is not a number from %.15g to %.15g", v.name, v.text, min,
                     max);
}

static int take_whole(struct option_value v, double min, double max, double *out)
{
    int rc = take_number(v, min, max, out);
    if (rc == 0 && *out != floor(*out))
        rc = cmd_usage(v.cmd, "--%s: '%s' is not a whole number", v.name, v.text);
    return rc;
}

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
    if (len == 0 || len >= host_bytes || (!brackets && memchr(text, ':', len)) ||
        !num_parse(colon + 1, strlen(colon + 1), &number) || number < 0 || number > 65535 ||
        number != floor(number))
        return false;
    memcpy(host, text, len);
    host[len] = '\0';
    *port = (int)number;
    return true;
}

static int take_address(struct option_value v, struct options *o)
{
    if (split_address(v.text, o->host, sizeof(o->host), &o->broker.port))
        return 0;
    return cmd_usage(v.cmd, "--listen: '%s' is not host:port, such as 127.0.0.1:0 or [::1]:0",
                     v.text);
}

static int take_word(struct option_value v, const char **out)
{
    if (!*v.text || strlen(v.text) > DOOR_WORD_MAX)
        return cmd_usage(v.cmd, "--%s: the value must have 1 to %d characters", v.name,
                         DOOR_WORD_MAX);
    *out = v.text;
    return 0;
}

static int take_proofs(struct option_value v, unsigned *out)
{
    static const struct {
        const char *name;
        unsigned proofs;
    } ways[] = {{"header", DOOR_HEADER},
                {"cookie", DOOR_COOKIE},
                {"query", DOOR_QUERY},
                {"any", DOOR_HEADER | DOOR_COOKIE | DOOR_QUERY}};
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        if (strcmp(v.text, ways[i].name) == 0) {
            *out = ways[i].proofs;
            return 0;
        }
    }
    return cmd_usage(v.cmd, "--%s: '%s' is not valid; allowed: header, cookie, query, any", v.name,
                     v.text);
}

static int take_option(int option, struct option_value v, struct options *o)
{
    double number = 0;
    int rc = 0;
    switch (option) {
    case LISTEN:
        return take_address(v, o);
    case READY_FILE:
        o->ready_file = v.text;
        return 0;
    case INSTRUMENTS:
        rc = take_whole(v, 1, UNIVERSE_MAX, &number);
        o->broker.instruments = (int)number;
        return rc;
    case RATE:
        return take_number(v, 0, 1e6, &o->broker.rate);
    case SEED:
        rc = take_whole(v, 0, 9007199254740992.0, &number);
        o->broker.seed = (uint64_t)number;
        return rc;
    case USER:
        return take_word(v, &o->broker.user);
    case PASSWORD:
        return take_word(v, &o->broker.password);
    case TOKEN_TTL:
        rc = take_number(v, 0.01, 1e6, &number);
        o->broker.token_ttl_ms = (int64_t)(number * 1000);
        return rc;
    case FAULTS:
        o->broker.faults_path = v.text;
        return 0;
    case STREAM_AUTH:
        return take_proofs(v, &o->broker.stream_proofs);
    case STREAM_IDLE:
        rc = take_number(v, 0, 86400, &number);
        o->broker.stream_idle_ms = (int64_t)(number * 1000);
        return rc;
    }
    return 0;
}

static int parse_options(const struct cmd *self, int argc, char **argv, struct options *o)
{
    struct args args;
    struct option_value v = {.cmd = self};
    int option, rc = 0;

    args_init(&args, self, argc, argv);
    while (rc == 0 && (option = args_next(&args, &v.text)) != ARGS_END) {
        if (option == ARGS_WRONG)
            return STATUS_USAGE;
        v.name = options[option].name;
        rc = take_option(option, v, o);
    }
    return rc ? rc : args_none_left(&args);
}

/* --- running ---------------------------------------------------------------------------------- */

/* Written atomically: a program that waits for the file may read it as soon as it exists. */
static int write_ready_file(const char *path, const char *url)
{
    char line[160];
    struct err err;
    int len = snprintf(line, sizeof(line), "%s\n", url);
    int rc = new_file_put(path, 0644, line, (size_t)len, &err);
    if (rc)
        fprintf(stderr, "cinta sim: %s\n", err.text);
    return rc;
}

static void on_stop(void *arg)
{
    loop_stop(arg);
}

static int announce(const struct options *o, const struct broker *broker)
{
    char url[128];
    bool brackets = strchr(o->host, ':');
    snprintf(url, sizeof(url), "http://%s%s%s:%d/", brackets ? "[" : "", o->host,
             brackets ? "]" : "", broker_port(broker));
    printf("cinta sim: %s (%d instruments, %g changes/s, user %s)\n", url, o->broker.instruments,
           o->broker.rate, o->broker.user);
    fflush(stdout);
    return o->ready_file ? write_ready_file(o->ready_file, url) : 0;
}

static int serve(struct loop *loop, const struct options *o)
{
    struct broker *broker;
    struct err err;
    if (broker_create(&broker, loop, &o->broker, &err)) {
        fprintf(stderr, "cinta sim: %s\n", err.text);
        return STATUS_FAILED;
    }
    struct loop_signal *terminate = loop_signal_create(loop, SIGTERM, on_stop, loop);
    struct loop_signal *interrupt = loop_signal_create(loop, SIGINT, on_stop, loop);
    int failed = announce(o, broker);
    if (!failed)
        loop_run(loop);
    loop_signal_destroy(terminate);
    loop_signal_destroy(interrupt);
    broker_destroy(broker);
    return failed ? STATUS_FAILED : STATUS_OK;
}

static int run(const struct cmd *self, int argc, char **argv)
{
    struct options o = {
        .host = "127.0.0.1",
        .broker = {.instruments = 100,
                   .rate = 20,
                   .seed = 1,
                   .user = "demo",
                   .password = "demo",
                   .token_ttl_ms = INT64_C(86400) * 1000,
                   .stream_proofs = DOOR_HEADER},
    };
    int status = parse_options(self, argc, argv, &o);
    if (status)
        return status;
    o.broker.host = o.host;
    signal(SIGPIPE, SIG_IGN);
    struct loop *loop = loop_create();
    if (!loop)
        return STATUS_FAILED;
    status = serve(loop, &o);
    loop_destroy(loop);
    return status;
}

const struct cmd cmd_sim = {
    .name = "sim",
    .arguments = "[options]",
    .summary = "runs a simulated broker, with faults on request",
    .options = options,
    .notes = "GET /sim/stats returns counts of the requests; POST /sim/expire expires all\n"
             "tokens; POST /sim/stream?kind=mute (or reset, goodbye...) applies that fault to\n"
             "all streams.\n",
    .run = run,
};
