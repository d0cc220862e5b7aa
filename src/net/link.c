#include "net/link.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define USER_AGENT "cinta/" CINTA_VERSION

int link_init(struct link *link, const char *ca_file, int64_t connect_timeout_ms, struct err *err)
{
    *link = (struct link){.connect_timeout_ms = connect_timeout_ms};
    if (ca_file && *ca_file) {
        if (access(ca_file, R_OK))
            return err_set(err, -errno, "cannot read broker.ca_file '%s': %s", ca_file,
                           strerror(errno));
        link->ca_file = strdup(ca_file);
        if (!link->ca_file)
            return err_set(err, -ENOMEM, "out of memory");
    }
    return proxy_env_read(&link->proxies) ? err_set(err, -ENOMEM, "out of memory") : 0;
}

void link_finish(struct link *link)
{
    free(link->ca_file);
    proxy_env_finish(&link->proxies);
}

const char *link_proxy(const struct link *link, bool tls, const char *host, int port)
{
    return proxy_for(&link->proxies, tls, host, port);
}

/* Programs that the service starts must not inherit its connections. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)arg;
    (void)purpose;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

void link_apply(const struct link *link, void *easy)
{
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, USER_AGENT);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, ""); /* net/proxy has decided */
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)link->connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* never wait for libcurl's resolver */
    if (link->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, link->ca_file);
}
