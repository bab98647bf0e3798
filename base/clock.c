/* clock.c: the monotonic and the wall clock, and the two ways other programs write a date. Any thread.
 */
#include "base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t wall_offset;
static pthread_once_t wall_once = PTHREAD_ONCE_INIT;

static void read_offset(void)
{
    const char *s = getenv("FERRYD_TEST_WALL_OFFSET");

    wall_offset = s != NULL ? strtoll(s, NULL, 10) : 0;
}

int64_t clock_mono_ms(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_wall_ms(void)
{
    struct timespec ts;

    (void)pthread_once(&wall_once, read_offset);
    (void)clock_gettime(CLOCK_REALTIME, &ts);
    return ((int64_t)ts.tv_sec + wall_offset) * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_wall(void)
{
    return clock_wall_ms() / 1000;
}

/* A time that no calendar holds is shown as the epoch: a stamp is never an error for its reader. */
static void to_utc(int64_t wall, struct tm *tm)
{
    time_t t = wall < 0 || wall > INT64_C(253402300799) ? 0 : (time_t)wall;

    memset(tm, 0, sizeof *tm);
    (void)gmtime_r(&t, tm);
}

void clock_format_utc(int64_t wall, char out[21])
{
    struct tm tm;

    to_utc(wall, &tm);
    (void)strftime(out, 21, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static const char day_names[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char month_names[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static char *put_number(char *at, int n, int width)
{
    for (int i = width; i-- > 0; n /= 10)
        at[i] = (char)('0' + n % 10);
    return at + width;
}

static char *put_text(char *at, const char *text)
{
    while (*text != '\0')
        *at++ = *text++;
    return at;
}

/* By hand: it is written several times for every request. */
void clock_format_http(int64_t wall, char out[30])
{
    struct tm tm;
    char *at = out;

    to_utc(wall, &tm);
    at = put_text(at, day_names[tm.tm_wday % 7]);
    at = put_text(at, ", ");
    at = put_number(at, tm.tm_mday, 2);
    *at++ = ' ';
    at = put_text(at, month_names[tm.tm_mon % 12]);
    *at++ = ' ';
    at = put_number(at, tm.tm_year + 1900, 4);
    *at++ = ' ';
    at = put_number(at, tm.tm_hour, 2);
    *at++ = ':';
    at = put_number(at, tm.tm_min, 2);
    *at++ = ':';
    at = put_number(at, tm.tm_sec, 2);
    at = put_text(at, " GMT");
    *at = '\0';
}

static int two_digits(const char *s)
{
    if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9')
        return -1;
    return (s[0] - '0') * 10 + (s[1] - '0');
}

/* "+01:30" or "Z" at the end of a date-time, in seconds. -1: neither. */
static int parse_offset(const char *s, int *seconds)
{
    int hours, minutes;

    *seconds = 0;
    if (strcmp(s, "Z") == 0)
        return 0;
    if ((s[0] != '+' && s[0] != '-') || strlen(s) != 6 || s[3] != ':')
        return -1;
    hours = two_digits(s + 1);
    minutes = two_digits(s + 4);
    if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59)
        return -1;
    *seconds = (hours * 60 + minutes) * (s[0] == '-' ? -60 : 60);
    return 0;
}

static bool has_shape(const char *s)
{
    static const char shape[] = "0000-00-00T00:00:00";

    for (size_t i = 0; i < sizeof shape - 1; i++)
        if (shape[i] == '0' ? s[i] < '0' || s[i] > '9' : s[i] != shape[i])
            return false;
    return true;
}

int clock_parse_utc(const char *s, int64_t *wall)
{
    struct tm tm = {0};
    int offset, day;

    if (!has_shape(s))
        return -1;
    tm.tm_year = two_digits(s) * 100 + two_digits(s + 2) - 1900;
    tm.tm_mon = two_digits(s + 5) - 1;
    tm.tm_mday = day = two_digits(s + 8);
    tm.tm_hour = two_digits(s + 11);
    tm.tm_min = two_digits(s + 14);
    tm.tm_sec = two_digits(s + 17);
    s += 19;
    if (*s == '.') {
        size_t digits = strspn(s + 1, "0123456789");
        if (digits == 0)
            return -1;
        s += 1 + digits;
    }
    if (parse_offset(s, &offset) < 0 || tm.tm_mon < 0 || tm.tm_mon > 11 || day < 1 || day > 31 ||
        tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 59)
        return -1;
    *wall = (int64_t)timegm(&tm) - offset;
    return tm.tm_mday == day ? 0 : -1; /* timegm makes 1 March of 30 February */
}

/* Only IMF-fixdate: the two obsolete forms of RFC 9110 have not been sent for decades, and a date that is not
 * understood only makes a conditional request an unconditional one. */
int clock_parse_http(const char *s, int64_t *wall)
{
    struct tm tm = {0};
    int century, year;
    bool known = false;

    if (strlen(s) != 29 || memcmp(s + 3, ", ", 2) != 0 || s[7] != ' ' || s[11] != ' ' || s[16] != ' ' ||
        s[19] != ':' || s[22] != ':' || memcmp(s + 25, " GMT", 4) != 0)
        return -1;
    for (int i = 0; i < 12; i++) {
        if (memcmp(s + 8, month_names[i], 3) == 0) {
            tm.tm_mon = i;
            known = true;
        }
    }
    century = two_digits(s + 12);
    year = two_digits(s + 14);
    tm.tm_mday = two_digits(s + 5);
    tm.tm_hour = two_digits(s + 17);
    tm.tm_min = two_digits(s + 20);
    tm.tm_sec = two_digits(s + 23);
    if (!known || century < 0 || year < 0 || tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour < 0 ||
        tm.tm_hour > 23 || tm.tm_min < 0 || tm.tm_min > 59 || tm.tm_sec < 0 || tm.tm_sec > 60)
        return -1;
    tm.tm_year = century * 100 + year - 1900;
    *wall = (int64_t)timegm(&tm);
    return 0;
}
