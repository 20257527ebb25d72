/* Steers its clock and looks where it goes; a line each: what was looked at, and a number. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>

#define SECOND 1000000000LL

static int64_t now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

/* How far a clock is from the raw one, which nobody steers: the reading of many that took
   least. */
static int64_t ahead(clockid_t clock)
{
    int64_t best = INT64_MAX, apart = 0;
    for (int i = 0; i < 1000; i++) {
        int64_t before = now(CLOCK_MONOTONIC_RAW), shown = now(clock);
        int64_t took = now(CLOCK_MONOTONIC_RAW) - before;
        if (took < best) {
            best = took;
            apart = shown - before - took / 2;
        }
    }
    return apart;
}

static void tell(const char *name, int64_t value)
{
    printf("%s %lld\n", name, (long long)value);
    fflush(stdout);
}

static void wait_for(double seconds)
{
    struct timespec t = {(time_t)seconds, (long)((seconds - (time_t)seconds) * 1e9)};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &t, 0);
}

static struct timex adjusted(unsigned modes, long value)
{
    struct timex t = {.modes = modes};
    if (modes & ADJ_STATUS)
        t.status = value;
    else if (modes & ADJ_FREQUENCY)
        t.freq = value;
    else
        t.offset = value;
    t.constant = 0;
    if (adjtimex(&t) < 0)
        perror("adjtimex");
    return t;
}

/* What is left of a slew, in microseconds. */
static int64_t left(void)
{
    struct timeval rest = {0, 0};
    adjtime(0, &rest);
    return rest.tv_sec * 1000000LL + rest.tv_usec;
}

/* A slew of 50 ms lasts a hundred seconds. */
static void slew(void)
{
    int64_t date = ahead(CLOCK_REALTIME), monotonic = ahead(CLOCK_MONOTONIC);
    struct timeval slowly = {0, 50000};
    if (adjtime(&slowly, 0))
        perror("adjtime");
    tell("begun", left());
    int64_t last = 0, coarse = 0, back = 0, most = 50000, more = 0;
    for (int64_t end = now(CLOCK_MONOTONIC) + 110 * SECOND; last < end;) {
        int64_t next = now(CLOCK_MONOTONIC), next_coarse = now(CLOCK_MONOTONIC_COARSE);
        back += next < last || next_coarse < coarse;
        last = next;
        coarse = next_coarse;
        int64_t rest = left();
        more += rest > most;
        most = rest;
        wait_for(0.3);
    }
    tell("left", left());
    tell("more", more);
    tell("back", back);
    tell("date", ahead(CLOCK_REALTIME) - date);
    tell("monotonic", ahead(CLOCK_MONOTONIC) - monotonic);
}

/* The phase-locked loop, as a daemon drives it: nearly all of 10 ms in a hundred seconds, and
   a frequency of 100 ppm in another hundred. */
static void loop(void)
{
    int64_t machines = adjusted(0, 0).freq;
    adjusted(ADJ_STATUS | ADJ_NANO | ADJ_TIMECONST, STA_PLL | STA_FREQHOLD);
    int64_t date = ahead(CLOCK_REALTIME);
    tell("offset", adjusted(ADJ_OFFSET, 10000000).offset);
    wait_for(100);
    tell("rest", adjusted(0, 0).offset);
    tell("date", ahead(CLOCK_REALTIME) - date);
    adjusted(ADJ_STATUS, 0);
    struct timex t = adjusted(ADJ_FREQUENCY, 100 << 16);
    tell("frequency", t.freq >> 16);
    date = ahead(CLOCK_REALTIME);
    int64_t start = now(CLOCK_MONOTONIC_RAW);
    wait_for(100);
    int64_t gained = ahead(CLOCK_REALTIME) - date;
    /* In billionths, and above what the machine's clock has been told. */
    gained = gained * 1000000000 / (now(CLOCK_MONOTONIC_RAW) - start);
    tell("gained", gained + machines * 1000 / 65536);
}

/* Announces a leap second, and goes through it. */
static void leap(long flag)
{
    /* A clock whose error is not known has no other state. */
    struct timex t = adjusted(ADJ_STATUS | ADJ_MAXERROR, flag);
    int64_t tai = t.tai, apart = now(CLOCK_TAI) - now(CLOCK_REALTIME);
    int64_t last_date = now(CLOCK_REALTIME), last_tai = now(CLOCK_TAI);
    int64_t date_back = 0, tai_back = 0, seen[6] = {0}, second = last_date / SECOND;
    for (int64_t end = now(CLOCK_MONOTONIC) + 8 * SECOND; now(CLOCK_MONOTONIC) < end;) {
        memset(&t, 0, sizeof t);
        int state = adjtimex(&t);
        if (state >= 0 && state < 6)
            seen[state]++;
        int64_t date = now(CLOCK_REALTIME), other = now(CLOCK_TAI);
        date_back += date < last_date;
        tai_back += other < last_tai;
        last_date = date;
        last_tai = other;
        wait_for(0.01);
    }
    /* What has passed on the clock that does not leap, less what has on the date. */
    int64_t leapt = now(CLOCK_TAI) - now(CLOCK_REALTIME) - apart;
    tell("announced", seen[flag & STA_INS ? TIME_INS : TIME_DEL] > 0);
    tell("in-progress", seen[TIME_OOP] > 0);
    tell("over", seen[TIME_WAIT] > 0);
    tell("date-back", date_back);
    tell("tai-back", tai_back);
    tell("apart", (leapt + (leapt < 0 ? -SECOND : SECOND) / 2) / SECOND);
    tell("told", t.tai - tai);
    tell("second", second);
}

/* Who sets the clock forgets what was known of its error. */
static void set(void)
{
    struct timex t = {.modes = ADJ_STATUS | ADJ_MAXERROR | ADJ_TAI, .status = STA_PLL};
    t.maxerror = 1000;
    t.constant = 37;
    tell("before", adjtimex(&t));
    tell("tai", (now(CLOCK_TAI) - now(CLOCK_REALTIME) + SECOND / 2) / SECOND);
    tell("maxerror", adjusted(0, 0).maxerror < 1000000);
    struct timeval slowly = {0, 50000};
    adjtime(&slowly, 0);
    struct timespec date;
    clock_gettime(CLOCK_REALTIME, &date);
    date.tv_sec += 5;
    clock_settime(CLOCK_REALTIME, &date);
    t = adjusted(0, 0);
    tell("after", (t.status & STA_UNSYNC) != 0);
    tell("unknown", t.maxerror == 16000000);
    tell("left", left());
}

int main(int count, char **words)
{
    const char *what = count > 1 ? words[1] : "";
    if (!strcmp(what, "slew"))
        slew();
    if (!strcmp(what, "loop"))
        loop();
    if (!strcmp(what, "insert"))
        leap(STA_INS);
    if (!strcmp(what, "delete"))
        leap(STA_DEL);
    if (!strcmp(what, "set"))
        set();
    return 0;
}
