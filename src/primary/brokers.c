#include "primary/brokers.h"

#include "base/near.h"

#include <string.h>
#include <strings.h>

// clang-format off
#define XOMS(name)   {name, "https://api." name ".xoms.com.ar/", "", false}
#define MATRIZ(name) {name, "https://api." name ".matrizoms.com.ar/", "", false}

const struct broker_host broker_hosts[] = {
    {"remarkets", "https://api.remarkets.primary.com.ar/", "free sandbox", true},
    {"primary",   "https://api.primary.com.ar/",           "after homologation", false},
    XOMS("adcap"),
    XOMS("bcch"),
    XOMS("cocos"),
    XOMS("dmabroker"),
    XOMS("eco"),
    XOMS("lbo"),
    XOMS("nasini"),
    XOMS("veta"),
    MATRIZ("bbsa"),
    MATRIZ("demo"),
    MATRIZ("latinsecurities"),
};
// clang-format on

const size_t broker_hosts_count = sizeof(broker_hosts) / sizeof(broker_hosts[0]);

const struct broker_host *broker_host_find(const char *name)
{
    for (size_t i = 0; i < broker_hosts_count; i++) {
        if (strcasecmp(broker_hosts[i].name, name) == 0)
            return &broker_hosts[i];
    }
    return NULL;
}

const struct broker_host *broker_host_near(const char *name)
{
    const struct broker_host *meant = NULL;
    int best = near_limit(name) + 1;
    for (size_t i = 0; i < broker_hosts_count; i++) {
        int distance = near_distance(name, broker_hosts[i].name);
        if (distance < best) {
            best = distance;
            meant = &broker_hosts[i];
        }
    }
    return meant;
}

/* Compares "https://" and the host only: the port and the path may differ. */
const struct broker_host *broker_host_of_url(const char *url)
{
    for (size_t i = 0; i < broker_hosts_count; i++) {
        size_t len = strlen(broker_hosts[i].url) - 1;
        if (strncasecmp(broker_hosts[i].url, url, len) == 0 &&
            (!url[len] || strchr("/:", url[len])))
            return &broker_hosts[i];
    }
    return NULL;
}
