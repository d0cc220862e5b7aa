#include "base/clock.h"

#include <string.h>
#include <time.h>

#define ART_OFFSET_NS (ART_UTC_MINUTES * NS_PER_MIN)

struct now clock_now(void)
{
    struct timespec mono, wall;
    clock_gettime(CLOCK_MONOTONIC, &mono);
    clock_gettime(CLOCK_REALTIME, &wall);
    return (struct now){
        .mono_ms = (int64_t)mono.tv_sec * 1000 + mono.tv_nsec / NS_PER_MS,
        .wall_ns = (int64_t)wall.tv_sec * NS_PER_S + wall.tv_nsec,
    };
}

int64_t clock_boot_ms(void)
{
    struct timespec boot;
    clock_gettime(CLOCK_BOOTTIME, &boot);
    return (int64_t)boot.tv_sec * 1000 + boot.tv_nsec / NS_PER_MS;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int64_t art_day(int64_t wall_ns)
{
    return floor_div(wall_ns + ART_OFFSET_NS, NS_PER_DAY);
}

int64_t art_day_begins_ns(int64_t day)
{
    return day * NS_PER_DAY - ART_OFFSET_NS;
}

int64_t art_next_day_ns(int64_t wall_ns)
{
    return art_day_begins_ns(art_day(wall_ns) + 1);
}

static int two_digits(const char *text)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
        return -1;
    return (text[0] - '0') * 10 + text[1] - '0';
}

const char *clock_weekday(int64_t day)
{
    static const char *const names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    return names[((day + 3) % 7 + 7) % 7]; /* 1970-01-01 was a Thursday */
}

bool clock_parse_day(const char *text, int32_t *out)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
        return false;
    int century = two_digits(text), in_century = two_digits(text + 2);
    int month = two_digits(text + 5), day = two_digits(text + 8);
    int year = century * 100 + in_century;
    if (century < 0 || in_century < 0 || year < 1970 || year > 2199 || month < 1 || month > 12)
        return false;
    int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (day < 1 || day > before[month] - before[month - 1] + (month == 2 && leap))
        return false;
    int leaps = (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 - (1969 / 4 - 19 + 4);
    *out = (year - 1970) * 365 + leaps + before[month - 1] + (month > 2 && leap) + day - 1;
    return true;
}

/* --- text: without strftime(), because an export prints millions of time stamps --------------- */

static char *put_digits(char *out, int digits, int64_t value)
{
    for (int i = digits; i-- > 0; value /= 10)
        out[i] = (char)('0' + value % 10);
    return out + digits;
}

/* Years begin on March 1 here: then the leap day is the last day of a year, and each group of five
 * months has 153 days. */
static char *put_day(char *out, int64_t day)
{
    int64_t since = day + 719468; /* 0000-03-01 */
    int64_t era = floor_div(since, 146097), in_era = since - era * 146097;
    int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * in_year + 2) / 153; /* 0 = March */
    year += era * 400 + (month >= 10);
    out = put_digits(out, 4, year);
    *out++ = '-';
    out = put_digits(out, 2, month < 10 ? month + 3 : month - 9);
    *out++ = '-';
    return put_digits(out, 2, in_year - (153 * month + 2) / 5 + 1);
}

char *clock_text(char *out, int64_t wall_ns)
{
    int64_t seconds = floor_div(wall_ns, NS_PER_S); /* in the years 1677 to 2262 */
    int64_t day = floor_div(seconds, S_PER_DAY), in_day = seconds - day * S_PER_DAY;
    int64_t ns = wall_ns % NS_PER_S;
    char *end = put_day(out, day);
    *end++ = 'T';
    end = put_digits(end, 2, in_day / S_PER_HOUR);
    *end++ = ':';
    end = put_digits(end, 2, in_day / 60 % 60);
    *end++ = ':';
    end = put_digits(end, 2, in_day % 60);
    *end++ = '.';
    end = put_digits(end, 3, (ns < 0 ? ns + NS_PER_S : ns) / NS_PER_MS);
    *end++ = 'Z';
    *end = '\0';
    return out;
}

bool clock_parse_text(const char *text, int64_t *out)
{
    static const char form[] = "####-##-##T##:##:##.###Z";
    char day_text[11];
    int32_t day;
    if (strlen(text) != sizeof(form) - 1)
        return false;
    for (size_t i = 0; form[i]; i++) {
        if (form[i] == '#' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    }
    memcpy(day_text, text, 10);
    day_text[10] = '\0';
    int hour = two_digits(text + 11), minute = two_digits(text + 14),
        second = two_digits(text + 17);
    int ms = (text[20] - '0') * 100 + two_digits(text + 21);
    if (!clock_parse_day(day_text, &day) || hour > 23 || minute > 59 || second > 59)
        return false;
    *out = day * NS_PER_DAY + ((hour * 60 + minute) * 60 + second) * NS_PER_S + ms * NS_PER_MS;
    return true;
}

char *art_text(char *out, int64_t wall_ns)
{
    clock_text(out, wall_ns + ART_OFFSET_NS);
    out[10] = ' ';
    out[19] = '\0';
    return out;
}

char *art_zone_text(char *out, int64_t wall_ns)
{
    return strcat(art_text(out, wall_ns), " ART");
}

char *art_short_text(char *out, int64_t wall_ns, int64_t now_ns)
{
    art_text(out, wall_ns);
    if (art_day(wall_ns) == art_day(now_ns))
        memmove(out, out + 11, 9);
    else
        out[16] = '\0';
    return out;
}

char *clock_day_text(char *out, int64_t day)
{
    *put_day(out, day) = '\0';
    return out;
}
