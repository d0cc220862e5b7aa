#include "net/wipe.h"

#include <curl/curl.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static atomic_int secrets; /* number of existing requests that contain a secret */
static CURLcode setup_result;

static void wiping_free(void *p)
{
    if (p && atomic_load_explicit(&secrets, memory_order_relaxed))
        explicit_bzero(p, malloc_usable_size(p));
    free(p);
}

static void *wiping_realloc(void *old, size_t size)
{
    if (!old || !atomic_load_explicit(&secrets, memory_order_relaxed))
        return realloc(old, size);
    size_t had = malloc_usable_size(old);
    void *p = malloc(size);
    if (!p)
        return NULL;
    memcpy(p, old, had < size ? had : size);
    wiping_free(old);
    return p;
}

static void setup(void)
{
    setup_result = curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wiping_free, wiping_realloc,
                                        strdup, calloc);
}

int wipe_setup(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, setup);
    return setup_result == CURLE_OK ? 0 : -ENOMEM;
}

void wipe_begin(void)
{
    atomic_fetch_add(&secrets, 1);
}

void wipe_end(void)
{
    atomic_fetch_sub(&secrets, 1);
}
