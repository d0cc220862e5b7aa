#include "base/num.h"
#include "cli/cmd.h"
#include "net/loop.h"
#include "sim/broker.h"
#include "sim/universe.h"

#include <errno.h>
#include <getopt.h>
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

static int take_number(const struct cmd *self, const char *name, double min, double max,
                       double *out)
{
    if (num_parse(optarg, strlen(optarg), out) && *out >= min && *out <= max)
        return 0;
    return cmd_usage(self, "--%s takes a number from %g to %g, not '%s'", name, min, max, optarg);
}

static int take_whole(const struct cmd *self, const char *name, double min, double max, double *out)
{
    int rc = take_number(self, name, min, max, out);
    if (rc == 0 && *out != floor(*out))
        rc = cmd_usage(self, "--%s takes a whole number, not '%s'", name, optarg);
    return rc;
}

static int take_address(const struct cmd *self, struct options *o)
{
    const char *colon = strrchr(optarg, ':');
    double port;
    size_t len = colon ? (size_t)(colon - optarg) : 0;
    if (!colon || len == 0 || len >= sizeof(o->host) ||
        !num_parse(colon + 1, strlen(colon + 1), &port) || port < 0 || port > 65535 ||
        port != floor(port))
        return cmd_usage(self, "--listen takes host:port such as 127.0.0.1:0, not '%s'", optarg);
    memcpy(o->host, optarg, len);
    o->host[len] = '\0';
    o->broker.port = (int)port;
    return 0;
}

enum { LISTEN = 1, READY_FILE, INSTRUMENTS, RATE, SEED, USER, PASSWORD, TOKEN_TTL, FAULTS };

static const struct option longs[] = {
    {"listen", required_argument, NULL, LISTEN},
    {"ready-file", required_argument, NULL, READY_FILE},
    {"instruments", required_argument, NULL, INSTRUMENTS},
    {"rate", required_argument, NULL, RATE},
    {"seed", required_argument, NULL, SEED},
    {"user", required_argument, NULL, USER},
    {"password", required_argument, NULL, PASSWORD},
    {"token-ttl", required_argument, NULL, TOKEN_TTL},
    {"faults", required_argument, NULL, FAULTS},
    {0},
};

static int take_option(const struct cmd *self, int option, struct options *o)
{
    double number = 0;
    int rc = 0;
    switch (option) {
    case LISTEN:
        return take_address(self, o);
    case READY_FILE:
        o->ready_file = optarg;
        return 0;
    case INSTRUMENTS:
        rc = take_whole(self, "instruments", 1, UNIVERSE_MAX, &number);
        o->broker.instruments = (int)number;
        return rc;
    case RATE:
        return take_number(self, "rate", 0, 1e6, &o->broker.rate);
    case SEED:
        rc = take_whole(self, "seed", 0, 9007199254740992.0, &number);
        o->broker.seed = (uint64_t)number;
        return rc;
    case USER:
        o->broker.user = optarg;
        return 0;
    case PASSWORD:
        o->broker.password = optarg;
        return 0;
    case TOKEN_TTL:
        rc = take_number(self, "token-ttl", 0.01, 1e6, &number);
        o->broker.token_ttl_ms = (int64_t)(number * 1000);
        return rc;
    case FAULTS:
        o->broker.faults_path = optarg;
        return 0;
    default:
        return cmd_usage(self, "no option '%s'", optarg);
    }
}

static int parse_options(const struct cmd *self, int argc, char **argv, struct options *o)
{
    int option, rc = 0;
    opterr = 0;
    while (rc == 0 && (option = getopt_long(argc, argv, ":", longs, NULL)) != -1) {
        if (option == '?' || option == ':')
            return cmd_usage(self, "%s '%s'",
                             option == ':' ? "a value is missing for" : "no option",
                             argv[optind - 1]);
        rc = take_option(self, option, o);
    }
    if (rc == 0 && optind < argc)
        rc = cmd_usage(self, "takes no argument '%s'", argv[optind]);
    return rc;
}

/* --- running ---------------------------------------------------------------------------------- */

/* Whole or not at all: who waits for the file may read it as soon as it is there. */
static int write_ready_file(const char *path, const char *url)
{
    char beside[4096];
    if (snprintf(beside, sizeof(beside), "%s.new", path) >= (int)sizeof(beside))
        return -ENAMETOOLONG;
    FILE *file = fopen(beside, "w");
    if (!file)
        return -errno;
    int failed = fprintf(file, "%s\n", url) < 0;
    failed |= fclose(file) != 0;
    if (failed || rename(beside, path))
        return -EIO;
    return 0;
}

static void on_stop(void *arg)
{
    loop_stop(arg);
}

static int announce(const struct options *o, const struct broker *broker)
{
    char url[128];
    snprintf(url, sizeof(url), "http://%s:%d/", o->host, broker_port(broker));
    printf("cinta sim: %s (%d instruments, %g changes/s, user %s)\n", url, o->broker.instruments,
           o->broker.rate, o->broker.user);
    fflush(stdout);
    int rc = o->ready_file ? write_ready_file(o->ready_file, url) : 0;
    if (rc)
        fprintf(stderr, "cinta sim: cannot write %s: %s\n", o->ready_file, strerror(-rc));
    return rc;
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
                   .token_ttl_ms = INT64_C(86400) * 1000},
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
    .summary = "a simulated broker: strict logins, a plausible market, scripted faults",
    .help = "      --listen ADDR        host:port (default 127.0.0.1:0, which picks a port)\n"
            "      --ready-file FILE    gets http://host:port/ once it listens\n"
            "      --instruments N      1 to 12000 (default 100)\n"
            "      --rate R             quote changes per second over all (default 20)\n"
            "      --seed S             the same seed makes the same market (default 1)\n"
            "      --user U             default demo\n"
            "      --password P         default demo\n"
            "      --token-ttl SECONDS  how long a token lives (default 86400)\n"
            "      --faults FILE        misbehaviour: docs/simulator.md has the kinds\n"
            "\n"
            "GET /sim/stats tells what was asked; POST /sim/expire kills all tokens.\n",
    .run = run,
};
