#include "doctor/transport_result.h"

#include "base/clock.h"
#include "base/mask.h"

#include <errno.h>
#include <string.h>

/* --- proxy, DNS, TCP -------------------------------------------------------------------------- */

struct step proxy_result(const char *proxy, bool tls)
{
    char shown[MASK_URL_BYTES];
    struct step step = step_begin(STEP_PROXY, "read https_proxy, all_proxy and no_proxy");
    if (*proxy) {
        step_came_back(&step, "%s", mask_url(shown, sizeof(shown), proxy));
        step_good(&step, "connections to the broker go through this proxy");
    } else {
        step_came_back(&step, "no proxy for this address");
        step_good(&step, tls ? "the connection is direct"
                             : "the connection is direct, as always without TLS");
    }
    return step;
}

static bool says(const char *text, const char *part)
{
    return strcasestr(text, part) != NULL;
}

/* glibc's texts of EAI_NONAME and EAI_NODATA; other failures are of the DNS itself. */
static bool is_unknown_name(const char *why)
{
    return says(why, "not known") || says(why, "No address associated");
}

struct step dns_result(const char *host, const char *addresses, const char *why, int64_t ms)
{
    struct step step = step_begin(STEP_DNS, "look up %s", host);
    step.ms = ms;
    if (addresses) {
        step_came_back(&step, "%s", addresses);
        step_good(&step, "the name exists");
        return step;
    }
    step_came_back(&step, "%s", why ? why : "no answer in time");
    if (!why) {
        step_fail(&step, FINDING_DNS_SLOW, "the DNS of this machine does not answer");
        step_todo(&step, "check the network and /etc/resolv.conf");
    } else if (is_unknown_name(why)) {
        step_fail(&step, FINDING_NAME_UNKNOWN, "there is no host named '%s'", host);
        step_todo(&step, "check the name of the broker in broker.url: "
                         "https://api.NAME.xoms.com.ar/");
    } else {
        step_fail(&step, FINDING_DNS_FAILED, "the DNS of this machine failed: %s", why);
        step_todo(&step, "check the network and /etc/resolv.conf, then try again");
    }
    return step;
}

static void judge_connect(struct step *step, const struct tcp_facts *tcp)
{
    const char *what = tcp->proxy ? "the proxy" : "the broker's host";
    switch (tcp->rc) {
    case -ECONNREFUSED:
        step_fail(step, FINDING_TCP_REFUSED, "%s refuses connections at %s port %d", what,
                  tcp->host, tcp->port);
        step_todo(step, "check host and port in %s; if they are right, the server is down",
                  tcp->proxy ? "https_proxy" : "broker.url");
        break;
    case -ETIMEDOUT:
        step_fail(step, FINDING_TCP_TIMEOUT, "%s does not answer at %s port %d", what, tcp->host,
                  tcp->port);
        step_todo(step, "check whether a firewall blocks the connection, or the network is down");
        break;
    default:
        step_fail(step, FINDING_TCP_UNREACHABLE, "%s cannot be reached: %s", what,
                  strerror(-tcp->rc));
        step_todo(step, "check this machine's network connection and routes");
        break;
    }
    if (tcp->proxy)
        step->finding = FINDING_PROXY;
}

struct step tcp_result(const struct tcp_facts *tcp)
{
    struct step step = step_begin(STEP_TCP, "connect to %s port %d", tcp->host, tcp->port);
    step.ms = tcp->ms;
    step_came_back(&step, "%s: %s", tcp->address, tcp->rc ? strerror(-tcp->rc) : "connected");
    step_good(&step, tcp->proxy ? "the proxy can be reached" : "the host can be reached");
    if (tcp->rc)
        judge_connect(&step, tcp);
    return step;
}

/* --- TLS -------------------------------------------------------------------------------------- */

static const struct tls_reason {
    const char *part; /* of libcurl's or OpenSSL's text */
    enum finding finding;
} tls_reasons[] = {
    {"not yet valid", FINDING_TLS_NOT_YET},
    {"expired", FINDING_TLS_EXPIRED},
    {"subject name", FINDING_TLS_NAME},
    {"hostname mismatch", FINDING_TLS_NAME},
    {"IP address mismatch", FINDING_TLS_NAME},
    {"self-signed certificate in certificate chain", FINDING_TLS_ISSUER},
    {"self signed certificate in certificate chain", FINDING_TLS_ISSUER},
    {"self-signed", FINDING_TLS_SELF_SIGNED},
    {"self signed", FINDING_TLS_SELF_SIGNED},
    {"local issuer", FINDING_TLS_ISSUER},
    {"verify the first certificate", FINDING_TLS_ISSUER},
    {"unable to get issuer", FINDING_TLS_ISSUER},
    {"protocol version", FINDING_TLS_VERSION},
    {"unsupported protocol", FINDING_TLS_VERSION},
    {"no protocols available", FINDING_TLS_VERSION},
    {"handshake failure", FINDING_TLS_VERSION},
    {"no shared cipher", FINDING_TLS_VERSION},
    {"legacy sigalg", FINDING_TLS_VERSION},
    {"dh key too small", FINDING_TLS_VERSION},
    {"key too small", FINDING_TLS_VERSION},
    {"md too weak", FINDING_TLS_VERSION},
    {"does not speak TLS", FINDING_TLS_NONE},
    {"wrong version number", FINDING_TLS_NONE},
    {"packet length too long", FINDING_TLS_NONE},
    {"CONNECT tunnel", FINDING_PROXY},
    {"proxy", FINDING_PROXY},
    {"timeout", FINDING_NO_ANSWER},
    {"timed out", FINDING_NO_ANSWER},
};

static enum finding reason_of(const char *words)
{
    for (size_t i = 0; i < sizeof(tls_reasons) / sizeof(tls_reasons[0]); i++) {
        if (says(words, tls_reasons[i].part))
            return tls_reasons[i].finding;
    }
    return FINDING_TLS_OTHER;
}

/* The server's clock lies within the validity, and ours does not. It is not proven, but it is the
 * only evidence there is. */
static bool is_our_clock(const struct tls_facts *tls)
{
    const struct certificate *seen = tls->seen;
    if (!seen || !seen->server_ns || !seen->from_ns || !seen->until_ns)
        return false;
    return seen->server_ns >= seen->from_ns && seen->server_ns <= seen->until_ns &&
           (tls->now_ns < seen->from_ns || tls->now_ns > seen->until_ns);
}

static void judge_dates(struct step *step, const struct tls_facts *tls)
{
    char text[CLOCK_TEXT], ours[CLOCK_TEXT];
    const struct certificate *seen = tls->seen;
    bool expired = step->finding == FINDING_TLS_EXPIRED;
    if (is_our_clock(tls)) {
        step_fail(step, FINDING_TLS_CLOCK,
                  "the certificate is valid, but not at the time of this machine's clock (%s), "
                  "which is wrong",
                  art_zone_text(ours, tls->now_ns));
        step_todo(step, "set the clock (timedatectl set-ntp true)");
        return;
    }
    if (seen && seen->until_ns)
        art_zone_text(text, expired ? seen->until_ns : seen->from_ns);
    else
        *text = '\0';
    step_fail(step, step->finding, "the certificate of %s %s%s%s", tls->host,
              expired ? "has expired" : "is not valid yet",
              !*text    ? ""
              : expired ? ", on "
                        : ", only from ",
              text);
    step_todo(step,
              "check this machine's clock (%s); if it is right, the broker must replace the "
              "certificate",
              art_zone_text(ours, tls->now_ns));
}

static void judge_name(struct step *step, const struct tls_facts *tls)
{
    const struct certificate *seen = tls->seen;
    const char *names = !seen ? "" : *seen->names ? seen->names : seen->subject;
    step_fail(step, FINDING_TLS_NAME, "the certificate is not for %s%s%s%s", tls->host,
              *names ? " but for \"" : "", names, *names ? "\"" : "");
    step_todo(step, "check the host in broker.url; if it is right, another machine answers for it");
}

/* With the system's authorities a public broker verifies: an unknown issuer is then an interception
 * by a firewall or virus scanner, or a wrong CA bundle. */
static void judge_issuer(struct step *step, const struct tls_facts *tls)
{
    const struct certificate *seen = tls->seen;
    const char *issuer = seen ? seen->issuer : "";
    bool self = step->finding == FINDING_TLS_SELF_SIGNED;
    step_fail(step, step->finding, "the certificate of %s is %s%s%s%s", tls->host,
              self ? "signed by itself" : "issued by an unknown authority", *issuer ? " (\"" : "",
              issuer, *issuer ? "\")" : "");
    if (tls->own_authority)
        step_todo(step, "broker.ca_file does not have this authority: correct or remove it");
    else
        step_todo(step, "if that is a firewall of your network that decrypts connections, exempt "
                        "this host or set broker.ca_file to its authority; else install "
                        "ca-certificates");
}

static void judge_tls(struct step *step, const struct tls_facts *tls)
{
    step->finding = reason_of(tls->words);
    switch (step->finding) {
    case FINDING_TLS_EXPIRED:
    case FINDING_TLS_NOT_YET:
        judge_dates(step, tls);
        return;
    case FINDING_TLS_NAME:
        judge_name(step, tls);
        return;
    case FINDING_TLS_SELF_SIGNED:
    case FINDING_TLS_ISSUER:
        judge_issuer(step, tls);
        return;
    case FINDING_TLS_VERSION:
        step_fail(step, FINDING_TLS_VERSION,
                  "%s offers no version or cipher of TLS that is still secure", tls->host);
        step_todo(step, "check host and port; an old device may answer in place of the broker");
        return;
    case FINDING_TLS_NONE:
        step_fail(step, FINDING_TLS_NONE, "%s does not speak TLS on port %d", tls->host, tls->port);
        step_todo(step, "correct the port in broker.url, which is 443 at the brokers");
        return;
    case FINDING_NO_ANSWER:
        step_fail(step, FINDING_NO_ANSWER,
                  "%s accepts the connection and does not answer the TLS handshake", tls->host);
        step_todo(step, "try again; if it persists, check host and port, and whether a firewall "
                        "blocks encrypted connections");
        return;
    case FINDING_PROXY:
        step_fail(step, FINDING_PROXY, "the proxy does not connect to the broker: %s", tls->words);
        step_todo(step, "check https_proxy, the proxy's login and its rules, or add the host to "
                        "no_proxy");
        return;
    default:
        step_fail(step, FINDING_TLS_OTHER, "no encrypted connection to %s: %s", tls->host,
                  tls->words);
        step_todo(step, "check host and port in broker.url, and what stands between: proxy, "
                        "firewall");
        return;
    }
}

struct step tls_result(const struct tls_facts *tls)
{
    struct step step = step_begin(STEP_TLS, "TLS with %s port %d%s, verified", tls->host, tls->port,
                                  tls->proxy ? " through the proxy" : "");
    step.ms = tls->ms;
    step_came_back(&step, "%s", tls->words ? tls->words : "a valid certificate");
    step_good(&step, "it is the broker's host, and nobody reads the connection");
    if (tls->words)
        judge_tls(&step, tls);
    return step;
}
