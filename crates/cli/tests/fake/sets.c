/* Sets the clock and steers it, in every way; a line each: what it was, and how far the date
   is from where it would be without (nanoseconds, by the monotonic clock), or `-errno`.
   All steps are small: if one escaped, the machine's clock would go wrong by that. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int64_t before;

static int64_t ahead(void) { return now(CLOCK_REALTIME) - now(CLOCK_MONOTONIC); }

static void tell(const char *name, int result)
{
    int64_t moved = ahead() - before;
    printf("%s %lld\n", name, result < 0 ? (long long)-errno : (long long)moved);
    fflush(stdout);
}

/* Waits for a date ten thousand seconds away. */
static void *sleeper(void *until)
{
    clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, until, 0);
    return 0;
}

int main(int count, char **words)
{
    struct timex t = {0};
    int state = adjtimex(&t);
    int64_t apart = t.time.tv_sec * 1000000000LL - now(CLOCK_REALTIME);
    printf("reads %d\n", state < 0 ? -errno : apart < 2000000000 && apart > -2000000000000);
    if (count > 1)
        return 0;

    struct timespec date;
    before = ahead();
    clock_gettime(CLOCK_REALTIME, &date);
    date.tv_sec += 2;
    int set = clock_settime(CLOCK_REALTIME, &date);
    tell("clock_settime", set);
    /* Who may not would wait for that date below. */
    if (set)
        return 0;
    date.tv_nsec = 1000000000;
    tell("wrong", clock_settime(CLOCK_REALTIME, &date));
    tell("another", clock_settime(CLOCK_MONOTONIC, &date));

    struct timeval day;
    before = ahead();
    gettimeofday(&day, 0);
    day.tv_sec -= 3;
    tell("settimeofday", settimeofday(&day, 0));
    struct timezone zone = {0, 0};
    before = ahead();
    tell("zone", settimeofday(0, &zone));

    memset(&t, 0, sizeof t);
    t.modes = ADJ_SETOFFSET | ADJ_NANO;
    t.time.tv_sec = 4;
    before = ahead();
    tell("setoffset", clock_adjtime(CLOCK_REALTIME, &t));

    struct timeval slowly = {0, 250000};
    before = ahead();
    tell("adjtime", adjtime(&slowly, 0));

    memset(&t, 0, sizeof t);
    t.modes = ADJ_TICK;
    t.tick = 20000;
    before = ahead();
    tell("tick", adjtimex(&t));
    memset(&t, 0, sizeof t);
    t.modes = ADJ_FREQUENCY;
    t.freq = 100 << 16;
    adjtimex(&t);
    memset(&t, 0, sizeof t);
    adjtimex(&t);
    printf("frequency %ld\n", t.freq);

    /* One who sleeps until a date is woken when the clock is set to it. */
    pthread_t thread;
    clock_gettime(CLOCK_REALTIME, &date);
    struct timespec until = {date.tv_sec + 1000, 0};
    pthread_create(&thread, 0, sleeper, &until);
    usleep(200000);
    for (int i = 0; i < 1000; i++) {
        clock_gettime(CLOCK_REALTIME, &date);
        date.tv_sec += 1;
        clock_settime(CLOCK_REALTIME, &date);
    }
    pthread_join(thread, 0);
    printf("woken %d\n", now(CLOCK_REALTIME) >= until.tv_sec * 1000000000LL);
    fflush(stdout);

    /* Who may not is told so. */
    if (fork() == 0) {
        if (setuid(65534))
            _exit(1);
        tell("forbidden", clock_settime(CLOCK_REALTIME, &date));
        tell("forbidden-day", settimeofday(&day, 0));
        memset(&t, 0, sizeof t);
        t.modes = ADJ_TICK;
        t.tick = 10001;
        tell("forbidden-tick", adjtimex(&t));
        memset(&t, 0, sizeof t);
        printf("allowed %d\n", adjtimex(&t) >= 0);
        fflush(stdout);
        _exit(0);
    }
    wait(&state);
    return state;
}
