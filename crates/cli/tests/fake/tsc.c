/* Reads the CPU's counter directly, in a thread, a child and a program that the child
   becomes, around a wait of `argv[1]` seconds. A line each: how far the counter went, and
   nanoseconds of the monotonic clock; and what is wrong. On AArch64 a line says how fast the
   counter goes. */
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

#ifdef __x86_64__
#include <x86intrin.h>

static unsigned cpu = ~0u;

/* By one of two instructions. */
static uint64_t counter(int second)
{
    return second ? __rdtsc() : __rdtscp(&cpu);
}

static void others(void)
{
    if ((cpu & 0xfff) >= sysconf(_SC_NPROCESSORS_CONF))
        puts("cpu 0 0");
}
#else
#include <sys/auxv.h>

static uint64_t counter(int second)
{
    uint64_t ticks;
    /* HWCAP2_ECV: the second one is there. */
    if (second && getauxval(AT_HWCAP2) >> 19 & 1)
        __asm__ volatile("mrs %0, s3_3_c14_c0_6" : "=r"(ticks));
    else
        __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
}

static void others(void)
{
    uint64_t hertz, before, high, link, after;
    __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hertz));
    printf("frequency %llu\n", (unsigned long long)hertz);
    /* The first register and the last, and none; neither flags nor others change. */
    __asm__ volatile("mov %0, #7\n\tmov x28, #8\n\tcmp xzr, xzr\n\t"
                     "mrs xzr, cntvct_el0\n\tmrs xzr, cntfrq_el0\n\t"
                     "mrs x0, cntvct_el0\n\tmrs x30, cntvct_el0\n\t"
                     "mov %1, x0\n\tmov %2, x30\n\tcset %3, eq\n\t"
                     "sub x28, x28, #8\n\tadd %0, %0, x28"
                     : "=&r"(before), "=&r"(high), "=&r"(link), "=&r"(after)
                     :
                     : "x0", "x28", "x30", "cc");
    if (before != 7 || after != 1 || high == 0 || link < high)
        puts("registers 0 0");
}
#endif

static int64_t now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void *spend(void *name)
{
    uint64_t last = counter(1), first = last;
    int64_t start = now(CLOCK_MONOTONIC);
    sleep(*(int *)name);
    for (int i = 0; i < 100; i++) {
        uint64_t next = counter(i % 2);
        if (next < last)
            puts("backwards 0 0");
        last = next;
    }
    int64_t passed = now(CLOCK_MONOTONIC) - start;
    others();
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
