/*
 * wipe: makes libcurl forget.
 *
 * libcurl copies header values into buffers of its own and frees those without a thought. While a
 * request with a secret in it is alive, everything libcurl frees is overwritten first. What a TLS
 * or HTTP/2 library keeps is beyond its reach.
 */
#ifndef NET_WIPE_H
#define NET_WIPE_H

int wipe_setup(void);  /* initialises libcurl, once for all; 0 or -ENOMEM */
void wipe_begin(void); /* one more request with a secret; any thread */
void wipe_end(void);

#endif
