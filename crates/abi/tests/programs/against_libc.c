/* Random inputs, beside the C library: its clocks, localtime_r, mktime and strftime. */
#define _GNU_SOURCE
#include <instanter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int differences, compared;

static uint64_t state = 88172645463325252u;

static uint64_t chance(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* Seconds of the years 1 to 9999. */
static int64_t moment(void)
{
    const int64_t first = -62135596800, last = 253402300799;
    if (chance() % 2)
        return (int64_t)(chance() % (UINT64_C(1) << 32)) - (1 << 28);
    return first + (int64_t)(chance() % (uint64_t)(last - first));
}

static void differ(const char *what, const char *zone, int64_t at, const char *got, const char *want)
{
    if (++differences <= 20)
        printf("%s in %s at %lld: %s, the C library has %s\n", what, zone, (long long)at, got, want);
}

static int later(const struct timespec *a, const instanter_timespec *b)
{
    return a->tv_sec > b->seconds
        || (a->tv_sec == b->seconds && a->tv_nsec > (long)b->nanoseconds);
}

static void clocks(void)
{
    static const clockid_t ids[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW,
        CLOCK_BOOTTIME, CLOCK_TAI, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE,
        CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID };
    struct timespec before, after;
    instanter_timespec ours;
    instanter_time pair;
    size_t i;
    int round;

    for (round = 0; round < 2000; round++)
        for (i = 0; i < sizeof ids / sizeof *ids; i++) {
            clock_gettime(ids[i], &before);
            if (instanter_clock((int32_t)ids[i], &ours) != INSTANTER_STATUS_OK)
                differ("clock", "no zone", (int64_t)ids[i], "an error", "none");
            clock_gettime(ids[i], &after);
            compared++;
            if (later(&before, &ours)
                || after.tv_sec < ours.seconds
                || (after.tv_sec == ours.seconds && after.tv_nsec < (long)ours.nanoseconds))
                differ("clock", "no zone", (int64_t)ids[i], "outside", "two readings around it");
        }
    for (round = 0; round < 2000; round++) {
        clock_gettime(CLOCK_MONOTONIC, &before);
        (round % 2 ? instanter_now : instanter_now_relaxed)(&pair);
        clock_gettime(CLOCK_MONOTONIC, &after);
        compared++;
        if (pair.monotonic_ns > after.tv_sec * INT64_C(1000000000) + after.tv_nsec
            || (round % 2 && pair.monotonic_ns < before.tv_sec * INT64_C(1000000000) + before.tv_nsec))
            differ("now", "no zone", pair.monotonic_ns, "outside", "two readings around it");
    }
}

static void to_local(const char *name, instanter_zone_t zone, int64_t at, struct tm *tm)
{
    char got[128], want[128];
    instanter_local local;
    time_t c = (time_t)at;

    local.size = sizeof local;
    localtime_r(&c, tm);
    snprintf(want, sizeof want, "%ld-%d-%d %d:%d:%d day %d week %d %ld %d %s", tm->tm_year + 1900L,
             tm->tm_mon + 1, tm->tm_mday, tm->tm_hour, tm->tm_min, tm->tm_sec, tm->tm_yday + 1,
             tm->tm_wday, tm->tm_gmtoff, tm->tm_isdst, tm->tm_zone);
    if (instanter_to_local(at, 0, zone, &local) != INSTANTER_STATUS_OK)
        snprintf(got, sizeof got, "an error");
    else
        snprintf(got, sizeof got, "%lld-%d-%d %d:%d:%d day %d week %d %d %d %s",
                 (long long)local.civil.year, local.civil.month, local.civil.day, local.civil.hour,
                 local.civil.minute, local.civil.second, local.civil.day_of_year,
                 local.civil.weekday % 7, local.offset_s, local.is_dst, local.abbreviation);
    compared++;
    if (strcmp(got, want) != 0)
        differ("to_local", name, at, got, want);
}

/* In a gap or a fold the C library takes one of the two, depending on what it did before. */
static void from_local(const char *name, instanter_zone_t zone, const struct tm *fields)
{
    char got[64], want[64];
    instanter_resolved resolved;
    instanter_civil civil;
    struct tm tm = *fields;
    int64_t c;

    memset(&civil, 0, sizeof civil);
    civil.year = tm.tm_year + 1900;
    civil.month = (uint8_t)(tm.tm_mon + 1);
    civil.day = (uint8_t)tm.tm_mday;
    civil.hour = (uint8_t)tm.tm_hour;
    civil.minute = (uint8_t)tm.tm_min;
    civil.second = (uint8_t)tm.tm_sec;
    tm.tm_isdst = -1;
    c = mktime(&tm);
    resolved.size = sizeof resolved;
    compared++;
    if (instanter_from_local(&civil, zone, INSTANTER_POLICY_COMPATIBLE, &resolved)
        != INSTANTER_STATUS_OK) {
        differ("from_local", name, c, "an error", "none");
        return;
    }
    if (c == resolved.earlier || c == resolved.later)
        return;
    snprintf(got, sizeof got, "%lld", (long long)resolved.seconds);
    snprintf(want, sizeof want, "%lld", (long long)c);
    differ("from_local", name, c, got, want);
}

static void strftimes(const char *name, instanter_zone_t zone, int64_t at, const struct tm *tm)
{
    static const char *const patterns[] = { "%Y-%m-%d %H:%M:%S", "%a, %d %b %Y %T %z (%Z)",
        "%A %e %B, day %j, week %V of %G, %U, %W", "%c", "%D %r %s", "%I:%M %p %% %C %y %u %w" };
    const char *pattern = patterns[chance() % (sizeof patterns / sizeof *patterns)];
    char got[256], want[256];

    if (tm->tm_year < -900)
        return;
    strftime(want, sizeof want, pattern, tm);
    if (instanter_strftime(at, 0, zone, pattern, got, sizeof got, NULL) != INSTANTER_STATUS_OK)
        strcpy(got, "an error");
    compared++;
    if (strcmp(got, want) != 0)
        differ(pattern, name, at, got, want);
}

int main(void)
{
    static const char *const names[] = { "America/New_York", "Europe/Berlin", "Asia/Kolkata",
        "Australia/Lord_Howe", "Africa/Casablanca", "America/Sao_Paulo", "Pacific/Apia",
        "Asia/Tehran", "Europe/Dublin", "Antarctica/Troll", "America/St_Johns", "Asia/Tokyo" };
    instanter_zone_t zone;
    struct tm tm;
    size_t i;
    int round;

    clocks();
    for (i = 0; i < sizeof names / sizeof *names; i++) {
        setenv("TZ", names[i], 1);
        tzset();
        /* The same file on both sides, whatever copy the library has. */
        if (instanter_zone_by_name(names[i], &zone) != INSTANTER_STATUS_OK) {
            printf("%s: %s\n", names[i], instanter_last_error(NULL));
            return 1;
        }
        for (round = 0; round < 20000; round++) {
            int64_t at = moment();
            to_local(names[i], zone, at, &tm);
            strftimes(names[i], zone, at, &tm);
            /* Another time of that day, which may be skipped or be there twice. */
            tm.tm_hour = (int)(chance() % 24);
            from_local(names[i], zone, &tm);
        }
    }
    printf("%d compared, %d differences\n", compared, differences);
    return differences != 0;
}
