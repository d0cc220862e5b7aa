#include "nats/link.h"

#include "base/array.h"
#include "base/log.h"
#include "base/secret.h"
#include "files/secret_file.h"
#include "nats/library.h"

#include <errno.h>
#include <limits.h>
#include <nats/nats.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CREDENTIAL    "cinta-nats-password" /* of systemd */
#define PING_MS       10000 /* a server that answers two pings no more is gone: half a minute */
#define PINGS_OUT_MAX 2
#define URL_BYTES     512
#define KEY_BYTES     64

struct nats_link {
    natsConnection *connection;
    jsCtx *jetstream;
    char server[URL_BYTES];
    natsSubscription **retired;
    size_t retired_count, retired_cap;
};

/* --- errors ----------------------------------------------------------------------------------- */

static int errno_of(natsStatus status)
{
    switch (status) {
    case NATS_CONNECTION_AUTH_FAILED:
    case NATS_NOT_PERMITTED:
        return -EACCES;
    case NATS_SSL_ERROR:
    case NATS_SECURE_CONNECTION_WANTED:
    case NATS_SECURE_CONNECTION_REQUIRED:
        return -EPROTO;
    case NATS_NO_SERVER:
    case NATS_IO_ERROR:
    case NATS_TIMEOUT:
    case NATS_NO_RESPONDERS:
    case NATS_CONNECTION_CLOSED:
    case NATS_CONNECTION_DISCONNECTED:
    case NATS_STALE_CONNECTION:
        return -EHOSTUNREACH;
    case NATS_NOT_FOUND:
        return -ENOENT;
    case NATS_NO_MEMORY:
        return -ENOMEM;
    default:
        return -EIO;
    }
}

/* "(conn.c:2088): No server available" without the place in the library's source. */
static const char *without_place(const char *text)
{
    const char *end = *text == '(' ? strstr(text, "): ") : NULL;
    return end ? end + 3 : text;
}

/* What the library or the server says beyond the status; "" = nothing. */
static const char *detail_of(const struct nats_link *link, natsStatus status)
{
    natsStatus last = NATS_OK;
    const char *detail = nats_GetLastError(&last), *told = NULL;
    if (last != status || !detail)
        detail = "";
    if (link && link->connection &&
        natsConnection_GetLastError(link->connection, &told) != NATS_OK && told && !*detail)
        detail = told;
    detail = without_place(detail);
    return strcmp(detail, natsStatus_GetText(status)) == 0 ? "" : detail;
}

int nats_link_fail(const struct nats_link *link, int status, const char *what, struct err *err)
{
    const char *detail = detail_of(link, (natsStatus)status);
    return err_set(err, errno_of((natsStatus)status), "%s: %s%s%s", what,
                   natsStatus_GetText((natsStatus)status), *detail ? ": " : "", detail);
}

/* --- settings --------------------------------------------------------------------------------- */

/* Without it the library writes errors to stderr. */
static void on_error(natsConnection *connection, natsSubscription *subscription, natsStatus status,
                     void *arg)
{
    (void)connection;
    (void)subscription;
    (void)status;
    (void)arg;
}

static natsStatus set_servers(natsOptions *options, const char *servers)
{
    const char *urls[NATS_SERVERS_MAX];
    int count = 0;
    bool secure = false;
    char *copy = strdup(servers), *rest = copy, *url;
    if (!copy)
        return NATS_NO_MEMORY;
    while (count < NATS_SERVERS_MAX && (url = strsep(&rest, ","))) {
        url += strspn(url, " ");
        url[strcspn(url, " ")] = '\0';
        secure |= strncmp(url, "tls://", 6) == 0;
        if (*url)
            urls[count++] = url;
    }
    natsStatus s = natsOptions_SetServers(options, urls, count);
    if (s == NATS_OK && secure)
        s = natsOptions_SetSecure(options, true);
    free(copy);
    return s;
}

static int64_t wait_of(const struct nats_settings *settings)
{
    return settings->wait_ms ? settings->wait_ms : NATS_WAIT_MS;
}

static natsStatus set_fixed(natsOptions *o, const struct nats_settings *settings)
{
    natsStatus s = set_servers(o, settings->servers);
    if (s == NATS_OK)
        s = natsOptions_SetName(o, settings->name);
    if (s == NATS_OK)
        s = natsOptions_SetTimeout(o, wait_of(settings));
    if (s == NATS_OK)
        s = natsOptions_SetAllowReconnect(o, false);
    if (s == NATS_OK) /* they may have addresses that this host cannot reach */
        s = natsOptions_SetIgnoreDiscoveredServers(o, true);
    if (s == NATS_OK)
        s = natsOptions_SetPingInterval(o, PING_MS);
    if (s == NATS_OK)
        s = natsOptions_SetMaxPingsOut(o, PINGS_OUT_MAX);
    if (s == NATS_OK)
        s = natsOptions_SetWriteDeadline(o, wait_of(settings));
    if (s == NATS_OK)
        s = natsOptions_SetErrorHandler(o, on_error, NULL);
    return s;
}

/* "sink.ca_file" */
static char *key_of(char out[KEY_BYTES], const struct nats_settings *settings, const char *key)
{
    snprintf(out, KEY_BYTES, "%s.%s", settings->section, key);
    return out;
}

static int checked(const struct nats_settings *settings, natsStatus s, const char *key,
                   struct err *err)
{
    char name[KEY_BYTES];
    return s == NATS_OK ? 0 : nats_link_fail(NULL, (int)s, key_of(name, settings, key), err);
}

static int set_tls(natsOptions *o, const struct nats_settings *settings, struct err *err)
{
    natsStatus s = NATS_OK;
    if (*settings->ca_file)
        s = natsOptions_LoadCATrustedCertificates(o, settings->ca_file);
    if (s != NATS_OK)
        return checked(settings, s, "ca_file", err);
    if (*settings->certificate_file)
        s = natsOptions_LoadCertificatesChain(o, settings->certificate_file, settings->key_file);
    return checked(settings, s, "certificate_file", err);
}

static int read_password(const struct nats_settings *settings, struct secret *out, struct err *err)
{
    char path[PATH_MAX], key[KEY_BYTES];
    struct secret_file file = {.path = settings->password_file,
                               .what = "password",
                               .key = key_of(key, settings, "password_file"),
                               .credential = CREDENTIAL,
                               .user = geteuid()};
    if (!*settings->password_file || access(settings->password_file, R_OK)) {
        file.from_systemd = secret_file_passed(CREDENTIAL, path, sizeof(path));
        file.path = file.from_systemd ? path : settings->password_file;
    }
    if (!*file.path)
        return err_set(err, -ENOENT,
                       "no password for %s.user: set %s to a file of mode 600, or give it as "
                       "systemd credential '" CREDENTIAL "'",
                       settings->section, file.key);
    return secret_file_read(&file, out, err);
}

static int read_token(const struct nats_settings *settings, struct secret *out, struct err *err)
{
    char key[KEY_BYTES];
    return secret_file_read(&(struct secret_file){.path = settings->token_file,
                                                  .what = "token",
                                                  .key = key_of(key, settings, "token_file"),
                                                  .credential = "cinta-nats-token",
                                                  .user = geteuid()},
                            out, err);
}

static int set_who(natsOptions *o, const struct nats_settings *settings, struct err *err)
{
    struct secret secret = {0};
    natsStatus s;
    bool user = *settings->user != '\0';
    if (!user && !*settings->token_file) {
        s = *settings->credentials_file
                ? natsOptions_SetUserCredentialsFromFiles(o, settings->credentials_file, NULL)
                : NATS_OK;
        return checked(settings, s, "credentials_file", err);
    }
    int rc = user ? read_password(settings, &secret, err) : read_token(settings, &secret, err);
    if (rc)
        return rc;
    log_secret(secret.text);
    s = user ? natsOptions_SetUserInfo(o, settings->user, secret.text)
             : natsOptions_SetToken(o, secret.text);
    secret_wipe(&secret);
    return checked(settings, s, user ? "user" : "token_file", err);
}

static int set_all(natsOptions *o, const struct nats_settings *settings, struct err *err)
{
    int rc = checked(settings, set_fixed(o, settings), "nats", err);
    if (rc == 0)
        rc = set_tls(o, settings, err);
    return rc ? rc : set_who(o, settings, err);
}

/* --- opening ---------------------------------------------------------------------------------- */

static int connect_to(struct nats_link *link, natsOptions *options,
                      const struct nats_settings *settings, struct err *err)
{
    jsOptions wait;
    natsStatus s = natsConnection_Connect(&link->connection, options);
    if (s != NATS_OK) {
        char what[URL_BYTES];
        snprintf(what, sizeof(what), "cannot connect to %.200s", settings->servers);
        return nats_link_fail(NULL, (int)s, what, err);
    }
    jsOptions_Init(&wait);
    wait.Wait = wait_of(settings);
    s = natsConnection_JetStream(&link->jetstream, link->connection, &wait);
    if (s != NATS_OK)
        return nats_link_fail(link, (int)s, "JetStream", err);
    if (natsConnection_GetConnectedUrl(link->connection, link->server, URL_BYTES) != NATS_OK)
        link->server[0] = '\0';
    return 0;
}

int nats_link_open(struct nats_link **out, const struct nats_settings *settings, struct err *err)
{
    natsOptions *options = NULL;
    int rc = nats_library_load(err);
    if (rc)
        return rc;
    struct nats_link *link = calloc(1, sizeof(*link));
    if (!link || natsOptions_Create(&options) != NATS_OK) {
        free(link);
        return err_set(err, -ENOMEM, "out of memory");
    }
    rc = set_all(options, settings, err);
    if (rc == 0)
        rc = connect_to(link, options, settings, err);
    natsOptions_Destroy(options);
    if (rc)
        nats_link_close(link);
    else
        *out = link;
    return rc;
}

void nats_link_retire(struct nats_link *link, natsSubscription *subscription)
{
    if (!subscription)
        return;
    natsSubscription_Unsubscribe(subscription);
    link->retired = array_must_grow(link->retired, &link->retired_cap, link->retired_count + 1,
                                    sizeof(*link->retired));
    link->retired[link->retired_count++] = subscription;
}

void nats_link_close(struct nats_link *link)
{
    if (!link)
        return;
    if (link->jetstream)
        jsCtx_Destroy(link->jetstream);
    if (link->connection)
        natsConnection_Destroy(link->connection);
    for (size_t i = 0; i < link->retired_count; i++)
        natsSubscription_Destroy(link->retired[i]);
    free(link->retired);
    free(link);
}

bool nats_link_up(const struct nats_link *link)
{
    return !natsConnection_IsClosed(link->connection);
}

const char *nats_link_server(const struct nats_link *link)
{
    return link->server;
}

struct __natsConnection *nats_link_connection(const struct nats_link *link)
{
    return link->connection;
}

struct __jsCtx *nats_link_jetstream(const struct nats_link *link)
{
    return link->jetstream;
}
