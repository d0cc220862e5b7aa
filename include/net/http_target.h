/*
 * http_target: the URL of a request, in the two parts that libcurl gets. Pure.
 *
 * libcurl parses, copies and prints a whole URL several times for each request, a byte at a time. A
 * target that must be sent as it is needs none of that (CURLOPT_REQUEST_TARGET).
 */
#ifndef NET_HTTP_TARGET_H
#define NET_HTTP_TARGET_H

#define HTTP_TARGET_BASE_BYTES 512

struct http_target {
    char base[HTTP_TARGET_BASE_BYTES]; /* "scheme://host:port/" */
    const char *path;                  /* of the URL, from '/' on, with the query; borrowed */
};

/*
 * 0, or -EINVAL: libcurl must read the URL itself, because it is not absolute, or has a fragment, a
 * dot segment that is removed ("/../"), a blank, or a byte that is invalid in a URL.
 */
int http_target_of(struct http_target *target, const char *url);

#endif
