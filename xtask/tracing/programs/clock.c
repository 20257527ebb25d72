/* The words `pace` and `sleep` of the program in ../src/tracee, of which its text tells. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static unsigned long long counter(void)
{
    unsigned long long ticks;
    __asm__ volatile("isb\n\tmrs %0, cntvct_el0\n\tisb" : "=r"(ticks) : : "memory");
    return ticks;
}

static long long shown(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* For each clock the reading that took least, of a few. */
static void readings(void)
{
    static const struct { const char *name; clockid_t id; } clocks[] = {
        {"REALTIME", CLOCK_REALTIME}, {"MONOTONIC", CLOCK_MONOTONIC},
        {"BOOTTIME", CLOCK_BOOTTIME}, {"TAI", CLOCK_TAI},
    };
    for (int i = 0; i < 4; i++) {
        unsigned long long before = 0, after = -1;
        long long time = 0;
        for (int n = 0; n < 20; n++) {
            unsigned long long start = counter();
            long long now = shown(clocks[i].id);
            unsigned long long end = counter();
            if (end - start < after - before) {
                before = start;
                time = now;
                after = end;
            }
        }
        printf("reading %s %llu %lld %llu\n", clocks[i].name, before, time, after);
    }
}

int main(int count, char **words)
{
    for (int i = 1; i + 1 < count; i += 2) {
        long long number = atoll(words[i + 1]), start;
        readings();
        if (strcmp(words[i], "pace") == 0) {
            start = shown(CLOCK_MONOTONIC);
            while (shown(CLOCK_MONOTONIC) - start < number)
                ;
        } else {
            struct timespec span = {number / 1000000000, number % 1000000000};
            nanosleep(&span, 0);
        }
        readings();
    }
    return 0;
}
