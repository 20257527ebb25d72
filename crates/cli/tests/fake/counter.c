/* Reads the CPU's counter in `ticks`: in the program, in one of two ways, in a new thread, in
   children, with all signals blocked and one for breakpoints handled, or never.
   `-DLIBRARY`: only that function, and a child before the program begins; `-DUSER`: without
   it, `-DLOADER`: without it until the library is loaded, whose path is the second word;
   `-DQUIET`: it reads nothing. `-DBREAKPOINTS`: whether breakpoints of the CPU can be had
   here. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#ifdef LOADER
static uint64_t (*ticks)(int with_cpu);
#else
uint64_t ticks(int with_cpu);
#endif

#if !defined USER && !defined LOADER
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

#ifdef LOADER
static volatile int turn;

/* Is there before the library is, and waits between two looks. */
static void *waits(void *with_cpu)
{
    turn = 1;
    while (turn != 2)
        usleep(1000);
    return reads(with_cpu);
}

static void *load(const char *path)
{
    void *library = dlopen(path, RTLD_NOW);
    ticks = library ? (uint64_t(*)(int))dlsym(library, "ticks") : 0;
    if (!ticks) {
        puts(dlerror());
        exit(1);
    }
    return library;
}

/* Other code is where the library's was: a page that only returns. */
static void other_code(void *library)
{
    uintptr_t place = (uintptr_t)ticks & -4096;
    dlclose(library);
    char *page = mmap((void *)place, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (page != (char *)place) {
        puts("the library is still there");
        exit(1);
    }
    memset(page, 0x90, 4095);
    page[4095] = (char)0xc3;
    ((void (*)(void))page)();
}
#endif

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
#ifdef LOADER
    if (!strcmp(how, "loaded")) {
        load(words[2]);
        reads(0);
        return 0;
    }
    if (!strcmp(how, "waiting")) {
        pthread_create(&thread, 0, waits, 0);
        while (!turn)
            usleep(1000);
        load(words[2]);
        turn = 2;
        pthread_join(thread, 0);
        return 0;
    }
    if (!strcmp(how, "gone") || !strcmp(how, "again")) {
        /* More often than there are breakpoints. */
        for (int i = 0; i < 8; i++)
            other_code(load(words[2]));
        if (*how == 'a') {
            load(words[2]);
            reads(0);
        }
        return 0;
    }
#endif
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
