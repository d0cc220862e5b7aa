/*
 * slow_dns: simulates a DNS that hangs; preloaded into the real binary.
 *
 * Names under "test" resolve to 127.0.0.1 as soon as the file named by SLOW_DNS_HOLD does not
 * exist; "unknown.test" does not exist, and the look-up of "failing.test" fails. Other names are
 * resolved by the system.
 */
#include <dlfcn.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

typedef int look_up_fn(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static bool ends_in(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static void hang(const char *host)
{
    static const struct timespec moment = {.tv_nsec = 10 * 1000 * 1000};
    const char *hold = getenv("SLOW_DNS_HOLD");
    struct stat st;
    if (!hold || stat(hold, &st))
        return;
    fprintf(stderr, "slow_dns: the look-up of %s hangs\n", host);
    while (stat(hold, &st) == 0)
        nanosleep(&moment, NULL);
}

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    look_up_fn *next;
    *(void **)&next = dlsym(RTLD_NEXT, "getaddrinfo");
    if (!host || !ends_in(host, ".test"))
        return next(host, service, hints, out);
    hang(host);
    if (strcmp(host, "unknown.test") == 0)
        return EAI_NONAME;
    if (strcmp(host, "failing.test") == 0)
        return EAI_AGAIN;
    return next("127.0.0.1", service, hints, out);
}
