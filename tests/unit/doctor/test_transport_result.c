#include "doctor/transport_result.h"

#include "base/clock.h"
#include "support/t.h"

#include <errno.h>

#define DAY(n) ((n)*NS_PER_DAY)

static void expect(const struct step *step, enum finding finding, const char *words)
{
    char all[2 * STEP_TEXT + 8];
    snprintf(all, sizeof(all), "%s | %s", step->meaning, step->todo);
    t_str(finding_key(step->finding), finding_key(finding));
    t_int(step->state, finding == FINDING_NONE ? STEP_OK : STEP_FAILED);
    t_int(*step->todo != '\0', finding != FINDING_NONE);
    t_contains(all, words);
}

static void names(void **state)
{
    (void)state;
    struct step step = dns_result("h", "1.2.3.4", NULL, 3);
    expect(&step, FINDING_NONE, "exists");
    t_int(step.ms, 3);
    step = dns_result("h", NULL, "Name or service not known", 3);
    expect(&step, FINDING_NAME_UNKNOWN, "no host named 'h'");
    step = dns_result("h", NULL, "No address associated with hostname", 3);
    expect(&step, FINDING_NAME_UNKNOWN, "broker.url");
    step = dns_result("h", NULL, "Temporary failure in name resolution", 3);
    expect(&step, FINDING_DNS_FAILED, "resolv.conf");
    step = dns_result("h", NULL, NULL, 5000);
    expect(&step, FINDING_DNS_SLOW, "does not answer");
}

static void connections(void **state)
{
    (void)state;
    static const struct {
        int rc;
        bool proxy;
        enum finding finding;
        const char *words;
    } rows[] = {
        {0, false, FINDING_NONE, "the host"},
        {0, true, FINDING_NONE, "the proxy"},
        {-ECONNREFUSED, false, FINDING_TCP_REFUSED, "broker.url"},
        {-ECONNREFUSED, true, FINDING_PROXY, "https_proxy"},
        {-ETIMEDOUT, false, FINDING_TCP_TIMEOUT, "firewall"},
        {-ENETUNREACH, false, FINDING_TCP_UNREACHABLE, "unreachable"},
        {-EHOSTUNREACH, false, FINDING_TCP_UNREACHABLE, "route"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct tcp_facts facts = {"h", 443, "1.2.3.4", rows[i].proxy, rows[i].rc, 7};
        t_row(rows[i].words);
        struct step step = tcp_result(&facts);
        expect(&step, rows[i].finding, rows[i].words);
    }
}

static void proxies(void **state)
{
    (void)state;
    struct step step = proxy_result("", true);
    expect(&step, FINDING_NONE, "direct");
    step = proxy_result("http://u:hunter2@proxy:3128", true);
    expect(&step, FINDING_NONE, "through this proxy");
    t_int(strstr(step.came_back, "hunter2") == NULL, true);
}

static const struct certificate good = {"CN = api", "O = Authority", "DNS:api.example",
                                        DAY(100),   DAY(200),        0};

/* The texts of libcurl 7.88 and 8.14 with OpenSSL 3. */
static void certificates(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        int64_t now_ns, server_ns;
        bool own;
        enum finding finding;
        const char *says;
    } rows[] = {
        {NULL, DAY(150), 0, false, FINDING_NONE, "nobody reads"},
        {"TLS: SSL certificate problem: certificate has expired", DAY(250), 0, false,
         FINDING_TLS_EXPIRED, "has expired, on 1970-07-19"},
        {"TLS: SSL certificate problem: certificate has expired", DAY(250), DAY(250), false,
         FINDING_TLS_EXPIRED, "must replace"},
        {"TLS: SSL certificate problem: certificate has expired", DAY(250), DAY(150), false,
         FINDING_TLS_CLOCK, "set the clock"},
        {"TLS: SSL certificate problem: certificate is not yet valid", DAY(50), 0, false,
         FINDING_TLS_NOT_YET, "only from 1970-04-10"},
        {"TLS: SSL certificate problem: certificate is not yet valid", DAY(50), DAY(150), false,
         FINDING_TLS_CLOCK, "set the clock"},
        {"TLS: SSL: no alternative certificate subject name matches target host name 'h'", DAY(150),
         0, false, FINDING_TLS_NAME, "but for \"DNS:api.example\""},
        {"TLS: SSL: no alternative certificate subject name matches target ipv4 address '1.2.3.4'",
         DAY(150), 0, false, FINDING_TLS_NAME, "broker.url"},
        {"TLS: SSL certificate problem: self-signed certificate", DAY(150), 0, false,
         FINDING_TLS_SELF_SIGNED, "signed by itself"},
        {"TLS: SSL certificate problem: self-signed certificate in certificate chain", DAY(150), 0,
         false, FINDING_TLS_ISSUER, "decrypts connections"},
        {"TLS: SSL certificate problem: unable to get local issuer certificate", DAY(150), 0, false,
         FINDING_TLS_ISSUER, "\"O = Authority\""},
        {"TLS: SSL certificate problem: unable to get local issuer certificate", DAY(150), 0, true,
         FINDING_TLS_ISSUER, "broker.ca_file does not have this authority"},
        {"TLS: OpenSSL/3: error:0A00042E:SSL routines::tlsv1 alert protocol version", DAY(150), 0,
         false, FINDING_TLS_VERSION, "still secure"},
        {"TLS: OpenSSL/3: error:0A000102:SSL routines::unsupported protocol", DAY(150), 0, false,
         FINDING_TLS_VERSION, "still secure"},
        {"TLS: error:0A000410:SSL routines::sslv3 alert handshake failure", DAY(150), 0, false,
         FINDING_TLS_VERSION, "still secure"},
        {"the server does not speak TLS on this port: correct the port", DAY(150), 0, false,
         FINDING_TLS_NONE, "443"},
        {"the connection broke: CONNECT tunnel failed, response 407", DAY(150), 0, false,
         FINDING_PROXY, "https_proxy"},
        {"no connection: SSL connection timeout", DAY(150), 0, false, FINDING_NO_ANSWER,
         "does not answer the TLS handshake"},
        {"TLS: SSL_ERROR_SYSCALL", DAY(150), 0, false, FINDING_TLS_OTHER, "SYSCALL"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct certificate seen = good;
        seen.server_ns = rows[i].server_ns;
        const struct tls_facts facts = {.host = "h",
                                        .port = 443,
                                        .words = rows[i].words,
                                        .seen = &seen,
                                        .now_ns = rows[i].now_ns,
                                        .own_authority = rows[i].own};
        t_row(rows[i].words ? rows[i].words : "verified");
        struct step step = tls_result(&facts);
        expect(&step, rows[i].finding, rows[i].says);
    }
}

/* When the certificate could not be looked at, the reason alone must do. */
static void without_a_certificate(void **state)
{
    (void)state;
    static const char *const words[] = {"certificate has expired", "subject name", "self-signed"};
    for (size_t i = 0; i < 3; i++) {
        t_row(words[i]);
        const struct tls_facts facts = {.host = "h", .port = 443, .words = words[i]};
        struct step step = tls_result(&facts);
        t_int(step.state, STEP_FAILED);
        t_int(strstr(step.meaning, "1970") == NULL && strstr(step.meaning, "\"\"") == NULL, true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(connections),
        cmocka_unit_test(proxies),
        cmocka_unit_test(certificates),
        cmocka_unit_test(without_a_certificate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
