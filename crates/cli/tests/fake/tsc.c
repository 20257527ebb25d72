/* Reads the CPU's counter directly, in a thread, a child and a program that the child
   becomes, around a wait of `argv[1]` seconds. A line each: how far the counter went, and
   nanoseconds of the monotonic clock; and what is wrong. */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

static int64_t now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void *spend(void *name)
{
    unsigned cpu = ~0u;
    uint64_t last = __rdtsc(), first = last;
    int64_t start = now(CLOCK_MONOTONIC);
    sleep(*(int *)name);
    for (int i = 0; i < 100; i++) {
        uint64_t next = i % 2 ? __rdtsc() : __rdtscp(&cpu);
        if (next < last)
            puts("backwards 0 0");
        last = next;
    }
    int64_t passed = now(CLOCK_MONOTONIC) - start;
    if ((cpu & 0xfff) >= sysconf(_SC_NPROCESSORS_CONF))
        puts("cpu 0 0");
    printf("ticks %llu %lld\n", (unsigned long long)(last - first), (long long)passed);
    fflush(stdout);
    return 0;
}

static sigjmp_buf back;
static void fault(int signal) { siglongjmp(back, signal); }

int main(int count, char **words)
{
    int s = count > 1 ? atoi(words[1]) : 1;
    spend(&s);
    if (count > 2)
        return 0;
    pthread_t thread;
    pthread_create(&thread, 0, spend, &s);
    pthread_join(thread, 0);
    /* A fault of its own is its own. */
    struct sigaction action = {.sa_handler = fault};
    sigaction(SIGSEGV, &action, 0);
    if (sigsetjmp(back, 1) == 0)
        *(volatile int *)8 = 1;
    else
        puts("fault 1 1");
    if (sigsetjmp(back, 1) == 0)
        raise(SIGSEGV);
    else
        puts("raised 1 1");
    int may = 0;
    if (prctl(PR_GET_TSC, &may) || may != PR_TSC_ENABLE || prctl(PR_SET_TSC, PR_TSC_ENABLE))
        puts("prctl 0 0");
    fflush(stdout);
    if (fork() == 0) {
        spend(&s);
        execl(words[0], words[0], words[1], "again", (char *)0);
        _exit(1);
    }
    int status;
    wait(&status);
    return status;
}
