/* Reads the CPU's counter in `ticks`: in the program, in one of two ways, in a new thread, in
   children, with all signals blocked and one for breakpoints handled, or never.
   `-DLIBRARY`: only that function, and a child before the program begins; `-DUSER`: without
   it; `-DQUIET`: it reads nothing. `-DBREAKPOINTS`: whether breakpoints of the CPU can be had
   here. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

uint64_t ticks(int with_cpu);

#ifndef USER
__attribute__((noinline)) uint64_t ticks(int with_cpu)
{
#ifdef QUIET
    return with_cpu;
#else
    unsigned cpu;
    return with_cpu ? __rdtscp(&cpu) : __rdtsc();
#endif
}
#endif

#ifdef LIBRARY
/* Before the program begins: two processes come to its entry. */
__attribute__((constructor)) static void early(void)
{
    int status;
    if (getenv("EARLY") && fork() != 0)
        wait(&status);
}
#endif

#ifndef LIBRARY
static volatile uint64_t sink;
static volatile int traps;

static void trapped(int signal) { traps += signal == SIGTRAP; }

static void *reads(void *with_cpu)
{
    sink = ticks(with_cpu != 0);
    return 0;
}

static int breakpoints(void)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        _exit(0);
    }
    waitpid(child, &status, 0);
    void *place = (void *)offsetof(struct user, u_debugreg[0]);
    void *control = (void *)offsetof(struct user, u_debugreg[7]);
    int none = ptrace(PTRACE_POKEUSER, child, place, (void *)ticks) ||
               ptrace(PTRACE_POKEUSER, child, control, (void *)1);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return none;
}

int main(int count, char **words)
{
    const char *how = count > 1 ? words[1] : "never";
    int status = 0;
    pthread_t thread;
    sigset_t all, before;
    sigfillset(&all);
#ifdef BREAKPOINTS
    return breakpoints();
#endif
    (void)breakpoints;
    if (!strcmp(how, "here") || !strcmp(how, "other")) {
        reads(*how == 'o' ? words : 0);
    } else if (!strcmp(how, "thread")) {
        pthread_create(&thread, 0, reads, 0);
        pthread_join(thread, 0);
    } else if (!strcmp(how, "child")) {
        for (int i = 0; i < 2; i++) {
            if (fork() == 0) {
                reads(0);
                _exit(0);
            }
            wait(&status);
        }
    } else if (!strcmp(how, "blocked")) {
        struct sigaction action = {.sa_handler = trapped};
        sigaction(SIGTRAP, &action, 0);
        __asm__ volatile("int3");
        sigprocmask(SIG_BLOCK, &all, 0);
        pthread_create(&thread, 0, reads, 0);
        pthread_join(thread, 0);
        reads(0);
        sigprocmask(SIG_UNBLOCK, &all, &before);
        raise(SIGTRAP);
        printf("traps %d\nblocked %d\n", traps, sigismember(&before, SIGTRAP));
    } else if (!strcmp(how, "ignored")) {
        signal(SIGTRAP, SIG_IGN);
        reads(0);
        raise(SIGTRAP);
        puts("lives 1");
        fflush(stdout);
    }
    return status;
}
#endif
