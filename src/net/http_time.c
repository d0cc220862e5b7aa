#include "net/http_time.h"

#include "base/clock.h"

#include <curl/curl.h>
#include <string.h>

#define DATE_BYTES_MAX 63 /* "Sunday, 06-Nov-94 08:49:37 GMT" has 30 */

bool http_time_ns(const char *text, size_t len_bytes, int64_t *out)
{
    char date[DATE_BYTES_MAX + 1];
    if (len_bytes > DATE_BYTES_MAX)
        return false;
    memcpy(date, text, len_bytes);
    date[len_bytes] = '\0';
    time_t then = curl_getdate(date, NULL);
    if (then < 0)
        return false;
    *out = then < INT64_MAX / NS_PER_S ? (int64_t)then * NS_PER_S : INT64_MAX;
    return true;
}
