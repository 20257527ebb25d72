// Throws an exception out of a signal handler through the vDSO and catches it outside.
// Prints how many ticks of CPU time came in the vDSO's image, and how many of them were
// caught.
#include <csignal>
#include <cstdio>
#include <sys/auxv.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>

static unsigned long image;
static volatile int thrown;

static void tick(int, siginfo_t *, void *context)
{
    auto *at = static_cast<ucontext_t *>(context);
    unsigned long ip = at->uc_mcontext.gregs[REG_RIP];
    if (ip < image || ip >= image + 0x10000)
        return;
    thrown++;
    throw thrown;
}

// The compiler must not know that the function throws nothing.
static int (*volatile read_clock)(clockid_t, timespec *) = clock_gettime;

int main()
{
    image = getauxval(AT_SYSINFO_EHDR);
    struct sigaction action = {};
    action.sa_sigaction = tick;
    // The handler is left without a return.
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    sigaction(SIGPROF, &action, nullptr);
    itimerval often = {{0, 1000}, {0, 1000}};
    setitimer(ITIMER_PROF, &often, nullptr);
    int caught = 0;
    timespec now;
    for (long i = 0; i < 200000000 && thrown < 20; i++) {
        try {
            read_clock(CLOCK_MONOTONIC, &now);
        } catch (int number) {
            caught += number == thrown;
        }
    }
    std::printf("%d %d\n", thrown, caught);
    return 0;
}
