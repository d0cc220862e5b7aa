/*
 * fake_dns: replaces getaddrinfo() in this program, also for libcurl.
 *
 * "good.test" is 127.0.0.1, "six.test" ::1 and 127.0.0.1, "local.test" only a link-local address;
 * the look-up of a name that begins with "hang" blocks until dns_release() and then gives
 * 127.0.0.1; no other name exists.
 */
#ifndef FAKE_DNS_H
#define FAKE_DNS_H

#include "support/t.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>

static struct {
    pthread_mutex_t lock;
    pthread_cond_t change;
    int calls, hanging;
    bool released, down; /* down: look-ups fail with a time-out */
} dns = {.lock = PTHREAD_MUTEX_INITIALIZER, .change = PTHREAD_COND_INITIALIZER};

static struct addrinfo *dns_address(int family, const char *text, struct addrinfo *next)
{
    struct {
        struct addrinfo info;
        struct sockaddr_in6 address;
    } *a = calloc(1, sizeof(*a));
    struct sockaddr_in *in = (void *)&a->address;
    a->info.ai_family = family;
    a->info.ai_socktype = SOCK_STREAM;
    a->info.ai_addr = (void *)&a->address;
    a->info.ai_addrlen = family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(*in);
    a->info.ai_next = next;
    a->address.sin6_family = (sa_family_t)family;
    inet_pton(family, text, family == AF_INET6 ? (void *)&a->address.sin6_addr : &in->sin_addr);
    return &a->info;
}

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    (void)service;
    (void)hints;
    pthread_mutex_lock(&dns.lock);
    dns.calls++;
    if (strncmp(host, "hang", 4) == 0) {
        dns.hanging++;
        pthread_cond_broadcast(&dns.change);
        while (!dns.released)
            pthread_cond_wait(&dns.change, &dns.lock);
        dns.hanging--;
        pthread_cond_broadcast(&dns.change);
    }
    bool down = dns.down;
    pthread_mutex_unlock(&dns.lock);
    *out = NULL;
    if (down)
        return EAI_AGAIN;
    if (strcmp(host, "six.test") == 0)
        *out = dns_address(AF_INET6, "::1", dns_address(AF_INET, "127.0.0.1", NULL));
    else if (strcmp(host, "local.test") == 0)
        *out = dns_address(AF_INET6, "fe80::1", NULL);
    else if (strcmp(host, "good.test") == 0 || strncmp(host, "hang", 4) == 0)
        *out = dns_address(AF_INET, "127.0.0.1", NULL);
    return *out ? 0 : EAI_NONAME;
}

void freeaddrinfo(struct addrinfo *list)
{
    while (list) {
        struct addrinfo *next = list->ai_next;
        free(list);
        list = next;
    }
}

static void dns_set(bool *flag, bool value)
{
    pthread_mutex_lock(&dns.lock);
    *flag = value;
    pthread_cond_broadcast(&dns.change);
    pthread_mutex_unlock(&dns.lock);
}

__attribute__((unused)) static int dns_calls(void)
{
    pthread_mutex_lock(&dns.lock);
    int calls = dns.calls;
    pthread_mutex_unlock(&dns.lock);
    return calls;
}

/* Waits until `count` look-ups are blocked. */
__attribute__((unused)) static void dns_until_hanging(int count)
{
    pthread_mutex_lock(&dns.lock);
    while (dns.hanging != count)
        pthread_cond_wait(&dns.change, &dns.lock);
    pthread_mutex_unlock(&dns.lock);
}

/* Unblocks the blocked look-ups and waits until they have ended. A look-up that is started but not
 * yet blocked would block forever: call dns_until_hanging() first. */
static void dns_release(void)
{
    dns_set(&dns.released, true);
    dns_until_hanging(0);
    dns_set(&dns.released, false);
}

#endif
