#include "doctor/checkup.h"

#include "base/rng.h"
#include "broker/broker_ask.h"
#include "doctor/terminal_result.h"
#include "matriz/address.h"

#define URL_BYTES     1024
#define PROFILE_BYTES (64 * 1024)

struct asked {
    struct checkup *checkup;
    struct terminal_facts facts;
    int64_t began_ms;
};

static void on_profile(void *arg, const struct http_reply *http)
{
    struct asked *asked = arg;
    struct checkup *c = asked->checkup;
    asked->facts.ms = clock_now().mono_ms - asked->began_ms;
    struct step step = terminal_result(c->parser, http, &asked->facts);
    checkup_add(c, &step);
}

static void ask_profile(struct checkup *c, const char *base, bool here)
{
    struct buf url;
    struct rng rng = {.state = (uint64_t)clock_now().wall_ns};
    struct asked asked = {.checkup = c, .facts = {base, here, 0}};
    const struct broker_ask ask = {c->loop, &c->config->broker,
                                   checkup_timeout_ms(c, CHECKUP_TIMEOUT_MS)};
    checkup_take_turn(c, BUDGET_PROFILE);
    asked.began_ms = clock_now().mono_ms;
    buf_init(&url, URL_BYTES);
    matriz_put_url(&url, base, MATRIZ_PATH_PROFILE, clock_now().wall_ns / NS_PER_MS,
                   rng_next(&rng));
    const struct broker_ask_get get = {buf_text(&url), NULL, PROFILE_BYTES};
    broker_ask_get(&ask, &get, on_profile, &asked, NULL);
    buf_finish(&url);
}

/* The login failed because the address is not that of an API. */
static bool is_another_site(const struct checkup *c)
{
    return checkup_failed(c, STEP_LOGIN) && checkup_class(c) == DOCTOR_PATH;
}

void terminal_steps(struct checkup *c)
{
    const struct config_broker *broker = &c->config->broker;
    if (is_another_site(c))
        ask_profile(c, broker->url, true);
    else if (*broker->matriz_url && !checkup_has_dialect(c, "matriz"))
        ask_profile(c, broker->matriz_url, false);
}
