/* A profiler: at each tick of CPU time, does the stack lead from the vDSO to main? Prints
   how many ticks came in the vDSO's image, and how many of these led there. */
#define _GNU_SOURCE
#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>

static volatile int inside, led;
static unsigned long image;
int main(void);

static void tick(int signal, siginfo_t *info, void *context)
{
    ucontext_t *at = context;
    unsigned long ip = at->uc_mcontext.gregs[REG_RIP];
    if (ip < image || ip >= image + 0x10000)
        return;
    inside++;
    void *frames[32];
    int count = backtrace(frames, 32);
    for (int i = 0; i < count; i++) {
        unsigned long frame = (unsigned long)frames[i], start = (unsigned long)main;
        if (frame >= start && frame < start + 400) {
            led++;
            return;
        }
    }
}

int main(void)
{
    image = getauxval(AT_SYSINFO_EHDR);
    void *warm[2];
    backtrace(warm, 2);
    struct sigaction action = {.sa_sigaction = tick, .sa_flags = SA_SIGINFO};
    sigaction(SIGPROF, &action, 0);
    struct itimerval often = {{0, 1000}, {0, 1000}};
    setitimer(ITIMER_PROF, &often, 0);
    struct timespec t;
    for (long i = 0; i < 200000000 && inside < 20; i++)
        clock_gettime(CLOCK_MONOTONIC, &t);
    printf("%d %d\n", inside, led);
    return 0;
}
