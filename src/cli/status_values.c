#include "cli/status_values.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

double status_number(const struct json *object, const char *key)
{
    double value = NAN;
    json_number(json_get(object, key), &value);
    return value;
}

/* For counts: 0 when the key is absent. */
double status_count(const struct json *object, const char *key)
{
    double value = status_number(object, key);
    return isnan(value) ? 0 : value;
}

const char *status_text(const struct json *object, const char *key)
{
    const char *value = json_string(json_get(object, key));
    return value ? value : "";
}

bool status_flag(const struct json *object, const char *key)
{
    return json_is_true(json_get(object, key));
}

char *status_age_text(char *out, double seconds)
{
    double minutes = floor(seconds / 60), hours = floor(minutes / 60), days = floor(hours / 24);
    if (isnan(seconds))
        snprintf(out, STATUS_AGE_TEXT, "never");
    else if (seconds < 60)
        snprintf(out, STATUS_AGE_TEXT, "%.1f s", seconds < 0 ? 0 : seconds);
    else if (minutes < 60)
        snprintf(out, STATUS_AGE_TEXT, "%.0f min %.0f s", minutes, floor(fmod(seconds, 60)));
    else if (hours < 24)
        snprintf(out, STATUS_AGE_TEXT, "%.0f h %.0f min", hours, fmod(minutes, 60));
    else
        snprintf(out, STATUS_AGE_TEXT, "%.0f d %.0f h", days, fmod(hours, 24));
    return out;
}

char *status_size_text(char *out, double bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    int unit = 0;
    while (bytes >= 1000 && unit < 4) {
        bytes /= 1000;
        unit++;
    }
    snprintf(out, STATUS_AGE_TEXT, unit ? "%.1f %s" : "%.0f %s", isnan(bytes) ? 0 : bytes,
             units[unit]);
    return out;
}

/* "3.2 s ago", "never". */
const char *status_ago(char out[STATUS_AGE_TEXT], const struct json *object, const char *key)
{
    double seconds = status_number(object, key);
    char age[STATUS_AGE_TEXT];
    snprintf(out, STATUS_AGE_TEXT, "%.20s%s", status_age_text(age, seconds),
             isnan(seconds) ? "" : " ago");
    return out;
}

/* An ISO 8601 time as "16:10:52 ART", with the date when it is not today; "-" when there is none.
 */
const char *status_moment(char out[CLOCK_TEXT], const char *iso, int64_t now_ns)
{
    int64_t ns;
    if (!clock_parse_text(iso, &ns))
        return "-";
    strcat(art_short_text(out, ns, now_ns), " ART");
    return out;
}

/* A future time, with its date: "Fri 2026-11-27 17:05 ART". */
const char *status_future(char out[CLOCK_TEXT], const char *iso)
{
    int64_t ns;
    char time[CLOCK_TEXT];
    if (!clock_parse_text(iso, &ns))
        return "-";
    snprintf(out, CLOCK_TEXT, "%s %.16s ART", clock_weekday(art_day(ns)), art_text(time, ns));
    return out;
}

/* Only the date in Argentina. */
const char *status_day(char out[CLOCK_TEXT], const char *iso)
{
    int64_t ns;
    return clock_parse_text(iso, &ns) ? clock_day_text(out, art_day(ns)) : "-";
}

void status_title(struct buf *out, const char *name)
{
    buf_printf(out, "%-*s ", STATUS_TITLE_WIDTH, name);
}
