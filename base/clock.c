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

/* '0': a digit, 'a': a letter, '_': a digit or a blank; else the character itself. What follows is free. */
static bool has_shape(const char *s, const char *shape)
{
    for (; *shape != '\0'; s++, shape++) {
        bool digit = *s >= '0' && *s <= '9', letter = (*s | 0x20) >= 'a' && (*s | 0x20) <= 'z';
        if (*shape == '0'   ? !digit
            : *shape == 'a' ? !letter
            : *shape == '_' ? !digit && *s != ' '
                            : *s != *shape)
            return false;
    }
    return true;
}

int clock_parse_utc(const char *s, int64_t *wall)
{
    struct tm tm = {0};
    int offset, day;

    if (!has_shape(s, "0000-00-00T00:00:00"))
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

static int month_of(const char *s)
{
    for (int i = 0; i < 12; i++)
        if (memcmp(s, month_names[i], 3) == 0)
            return i;
    return -1;
}

/* A year of two digits is never more than fifty years to come. */
static int whole_year(int year)
{
    struct tm now;

    to_utc(clock_wall(), &now);
    year += now.tm_year + 1900 - now.tm_year % 100;
    return year > now.tm_year + 1900 + 50 ? year - 100 : year;
}

/* A date, a time of day and a year, each where it stands; the month by its name. */
static int assemble(const char *day, const char *month, int year, const char *time, int64_t *wall)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month_of(month)};

    tm.tm_mday = day[0] == ' ' ? day[1] - '0' : two_digits(day);
    tm.tm_hour = two_digits(time);
    tm.tm_min = two_digits(time + 3);
    tm.tm_sec = two_digits(time + 6);
    if (tm.tm_mon < 0 || tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59 ||
        tm.tm_sec > 60)
        return -1;
    *wall = (int64_t)timegm(&tm);
    return 0;
}

/* IMF-fixdate, and the two that RFC 9110 section 5.6.7 calls obsolete and wants understood: of RFC 850, whose
 * name of the day is written out, and asctime's. */
int clock_parse_http(const char *s, int64_t *wall)
{
    size_t n = strlen(s), name = strcspn(s, ",");

    if (n == 29 && has_shape(s, "aaa, 00 aaa 0000 00:00:00 GMT"))
        return assemble(s + 5, s + 8, two_digits(s + 12) * 100 + two_digits(s + 14), s + 17, wall);
    if (n == 24 && has_shape(s, "aaa aaa _0 00:00:00 0000"))
        return assemble(s + 8, s + 4, two_digits(s + 20) * 100 + two_digits(s + 22), s + 11, wall);
    if (name >= 6 && name <= 9 && n == name + 24 && has_shape(s, "aaaaaa") &&
        has_shape(s + name, ", 00-aaa-00 00:00:00 GMT"))
        return assemble(s + name + 2, s + name + 5, whole_year(two_digits(s + name + 9)), s + name + 12,
                        wall);
    return -1;
}
