#include "base/buf.h"
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
    struct address matriz; /* host "": there is no terminal */
    const char *ready_file, *user, *password, *faults, *trades;
    int64_t instruments, seed;
    double rate, token_ttl_s, stream_idle_s, clock_skew_s, matriz_session_s, matriz_idle_s;
    int stream_auth;   /* index of proofs_names */
    int market;        /* index of market_states */
    int matriz_refuse; /* an enum terminal_refusal */
    unsigned matriz_checks;
    bool matriz_guest;
};

static const struct options defaults = {
    .listen = {"127.0.0.1", 0},
    .user = "demo",
    .password = "demo",
    .instruments = 100,
    .seed = 1,
    .rate = 20,
    .token_ttl_s = S_PER_DAY,
    .matriz_checks = TERMINAL_CHECK_ALL,
    .matriz_session_s = 2 * S_PER_HOUR,
    .matriz_idle_s = 75,
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
    return cmd_usage(given->cmd, "--%s: '%s' is not host:port, such as 127.0.0.1:0 or [::1]:0",
                     given->row->name, given->text);
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

static const char *const market_states[] = {"open", "closed", NULL};

static const char *const refusals[] = {
    [TERMINAL_REFUSE_REDIRECT] = "redirect",
    [TERMINAL_REFUSE_HTML] = "html",
    [TERMINAL_REFUSE_401] = "401",
    [TERMINAL_REFUSE_403] = "403",
    NULL,
};

/* In the order of the bits of enum terminal_check. */
static const char *const check_names[] = {"ids", "cookie", "origin", "csrf", NULL};

/* The bit of the name that begins at `text`; 0: it is none. */
static unsigned check_named(const char *text, size_t len)
{
    for (unsigned n = 0; check_names[n]; n++) {
        if (strlen(check_names[n]) == len && strncmp(check_names[n], text, len) == 0)
            return 1u << n;
    }
    return 0;
}

/* A list such as "ids,cookie", or "none". */
static int take_checks(const struct option_given *given, void *into)
{
    unsigned checks = 0;
    bool none = strcmp(given->text, "none") == 0;
    for (const char *at = given->text; !none;) {
        size_t len = strcspn(at, ",");
        unsigned check = check_named(at, len);
        if (!check)
            return cmd_usage(given->cmd,
                             "--%s: '%s' is not valid; allowed: none, or a list of ids, cookie, "
                             "origin and csrf, such as ids,cookie",
                             given->row->name, given->text);
        checks |= check;
        if (!at[len])
            break;
        at += len + 1;
    }
    *(unsigned *)into = checks;
    return STATUS_OK;
}

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
    {"trades", 0, "FILE", "keep the trades in FILE, continue with those of today",
     OPTION_TEXT(struct options, trades)},
    {"stream-auth", 0, NULL, "how a stream sends its token (default header)",
     OPTION_CHOICE(struct options, stream_auth, proofs_names)},
    {"stream-idle", 0, "SEC", "close idle streams after SEC; 0 (default): never",
     OPTION_NUMBER(struct options, stream_idle_s, 0, S_PER_DAY)},
    {"market", 0, NULL, "whether it trades (default open)",
     OPTION_CHOICE(struct options, market, market_states)},
    {"clock-skew", 0, "SEC", "shift the Date of answers by SEC, -86400 to 86400",
     OPTION_NUMBER(struct options, clock_skew_s, -S_PER_DAY, S_PER_DAY)},
    {"matriz-listen", 0, "ADDR", "serve the browser terminal too, at host:port",
     .take = take_address, .into = OPTION_AT(struct options, matriz, struct address)},
    {"matriz-check", 0, "LIST", "none, or fewer of ids,cookie,origin,csrf (default)",
     .take = take_checks, .into = OPTION_AT(struct options, matriz_checks, unsigned)},
    {"matriz-refuse", 0, NULL, "how it refuses an ended session (default redirect)",
     OPTION_CHOICE(struct options, matriz_refuse, refusals)},
    {"matriz-guest", 0, NULL, "empty ids suffice; instruments of BYMA are missing",
     OPTION_FLAG(struct options, matriz_guest)},
    {"matriz-session", 0, "SEC", "lifetime of a login to it (default 7200)",
     OPTION_NUMBER(struct options, matriz_session_s, 0.01, 1e6)},
    {"matriz-idle", 0, "SEC", "close sockets without a ping after SEC (default 75)",
     OPTION_NUMBER(struct options, matriz_idle_s, 0.1, S_PER_DAY)},
    {0},
};

/* --- running ---------------------------------------------------------------------------------- */

/* Written atomically: a program that waits for the file may read it as soon as it exists. */
static int write_ready_file(const char *path, const char *lines)
{
    struct err err;
    int rc = new_file_put(path, FILE_PUBLIC, lines, strlen(lines), &err);
    if (rc)
        fprintf(stderr, "cinta sim: %s\n", err.text);
    return rc;
}

static void on_stop(void *arg)
{
    loop_stop(arg);
}

static void put_url(struct buf *out, const struct address *at, int port)
{
    bool brackets = strchr(at->host, ':');
    buf_printf(out, "http://%s%s%s:%d/", brackets ? "[" : "", at->host, brackets ? "]" : "", port);
}

static int announce(const struct options *o, const struct sim_broker *broker)
{
    struct buf url, lines;
    buf_init(&url, 256);
    buf_init(&lines, 1024);
    put_url(&url, &o->listen, sim_broker_port(broker));
    buf_printf(&lines, "%s\n", buf_text(&url));
    printf("cinta sim: %s (%lld instruments, %g changes/s, user %s)\n", buf_text(&url),
           (long long)o->instruments, o->rate, o->user);
    if (*o->matriz.host) {
        buf_clear(&url);
        put_url(&url, &o->matriz, sim_broker_terminal_port(broker));
        buf_printf(&lines, "%s\n", buf_text(&url));
        printf("cinta sim: %s is the browser terminal\n", buf_text(&url));
    }
    fflush(stdout);
    int rc = o->ready_file ? write_ready_file(o->ready_file, buf_text(&lines)) : 0;
    buf_finish(&url);
    buf_finish(&lines);
    return rc;
}

static struct terminal_host_config terminal_of(const struct options *o)
{
    return (struct terminal_host_config){
        .host = *o->matriz.host ? o->matriz.host : NULL,
        .port = o->matriz.port,
        .rules = {o->matriz_checks, (enum terminal_refusal)o->matriz_refuse, o->matriz_guest},
        .session_ms = (int64_t)(o->matriz_session_s * 1000),
        .idle_ms = (int64_t)(o->matriz_idle_s * 1000),
    };
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
        .trades_path = o->trades,
        .stream_proofs = proofs[o->stream_auth],
        .stream_idle_ms = (int64_t)(o->stream_idle_s * 1000),
        .closed = o->market == 1,
        .clock_skew_ms = (int64_t)(o->clock_skew_s * 1000),
        .terminal = terminal_of(o),
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

/* Whether an option was given that has no effect without --matriz-listen. */
static bool configures_terminal(const struct options *o)
{
    return o->matriz_checks != defaults.matriz_checks || o->matriz_guest ||
           o->matriz_refuse != defaults.matriz_refuse ||
           o->matriz_session_s != defaults.matriz_session_s ||
           o->matriz_idle_s != defaults.matriz_idle_s;
}

static int run(const struct cmd *self, void *given)
{
    const struct options *o = given;
    if (!*o->matriz.host && configures_terminal(o))
        return cmd_usage(self, "the options --matriz-... need --matriz-listen ADDR");
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
             "all streams. These POSTs need X-Username and X-Password, or X-Auth-Token.\n"
             "The address of the browser terminal is the second line of the ready file.\n",
    .options_bytes = sizeof(struct options),
    .defaults = &defaults,
    .run = run,
};
