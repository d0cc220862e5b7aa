/*
 * wipe: overwrites memory that libcurl frees.
 *
 * libcurl copies header values into its own buffers and frees those without clearing them. While a
 * request that contains a secret exists, everything libcurl frees is overwritten first. Memory of
 * the TLS and HTTP/2 libraries is not covered.
 */
#ifndef NET_WIPE_H
#define NET_WIPE_H

int wipe_setup(void);  /* initialises libcurl once per process; 0 or -ENOMEM */
void wipe_begin(void); /* one more request with a secret; any thread */
void wipe_end(void);

#endif
