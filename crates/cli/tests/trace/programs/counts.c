/* Reads of known numbers from known functions, and waits. */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define APART __attribute__((noinline, noclone))

static volatile long sink;

APART void monotonic(int n) {
    struct timespec t;
    for (int i = 0; i < n; i++) { clock_gettime(CLOCK_MONOTONIC, &t); sink += t.tv_nsec; }
}
APART void realtime(int n) {
    struct timespec t;
    for (int i = 0; i < n; i++) { clock_gettime(CLOCK_REALTIME, &t); sink += t.tv_nsec; }
}
APART void both(int n) { monotonic(n); realtime(n); sink++; }
APART void day(int n) {
    struct timeval t;
    for (int i = 0; i < n; i++) { gettimeofday(&t, 0); sink += t.tv_usec; }
}
APART void seconds(int n) { for (int i = 0; i < n; i++) sink += time(0); }
APART void resolution(int n) {
    struct timespec t;
    for (int i = 0; i < n; i++) { clock_getres(CLOCK_BOOTTIME, &t); sink += t.tv_nsec; }
}
APART void cpu_time(int n) {
    struct timespec t;
    for (int i = 0; i < n; i++) { clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); sink += t.tv_nsec; }
}
APART void direct(int n) {
    struct timespec t;
    for (int i = 0; i < n; i++) { syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t); sink += t.tv_nsec; }
}
APART void naps(int n) { for (int i = 0; i < n; i++) usleep(2000); }
APART void polls(int n) { for (int i = 0; i < n; i++) poll(0, 0, 3); }
APART void timed_wait(int n) {
    pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t c = PTHREAD_COND_INITIALIZER;
    pthread_mutex_lock(&m);
    for (int i = 0; i < n; i++) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 2000000;
        if (until.tv_nsec >= 1000000000) { until.tv_nsec -= 1000000000; until.tv_sec++; }
        pthread_cond_timedwait(&c, &m, &until);
    }
}
/* More call sites in turn than ways from one caller are remembered. */
APART void twelve(int n) {
    struct timespec t;
    for (int i = 0; i < n; i++) {
        clock_gettime(CLOCK_BOOTTIME, &t);
        clock_gettime(CLOCK_BOOTTIME, &t);
        clock_gettime(CLOCK_BOOTTIME, &t);
        clock_gettime(CLOCK_BOOTTIME, &t);
        clock_gettime(CLOCK_BOOTTIME, &t);
        clock_gettime(CLOCK_BOOTTIME, &t);
        clock_gettime(CLOCK_BOOTTIME, &t);
        clock_gettime(CLOCK_BOOTTIME, &t);
        clock_gettime(CLOCK_BOOTTIME, &t);
        clock_gettime(CLOCK_BOOTTIME, &t);
        clock_gettime(CLOCK_BOOTTIME, &t);
        clock_gettime(CLOCK_BOOTTIME, &t);
    }
    sink += t.tv_nsec;
}
/* A stack that goes from one thread to another, and reads the clock in both. */
static ucontext_t wanderer, home;
static void wander(int n) {
    for (;;) {
        monotonic(n);
        swapcontext(&wanderer, &home);
    }
}
static void *resume(void *n) { swapcontext(&home, &wanderer); return n; }
APART void wandering(int n) {
    static char stack[1 << 16];
    getcontext(&wanderer);
    wanderer.uc_stack.ss_sp = stack;
    wanderer.uc_stack.ss_size = sizeof stack;
    makecontext(&wanderer, (void (*)(void))wander, 1, n);
    /* In this thread and in another one, in turn. */
    for (int i = 0; i < 2; i++) {
        pthread_t thread;
        resume(0);
        pthread_create(&thread, 0, resume, 0);
        pthread_join(thread, 0);
    }
}
static void *in_thread(void *n) { monotonic((int)(long)n); return 0; }

int main(int count, char **words) {
    for (int i = 1; i + 1 < count; i += 2) {
        const char *what = words[i];
        int n = atoi(words[i + 1]);
        switch (what[0]) {
        case 'm': monotonic(n); break;
        case 'r': realtime(n); break;
        case 'b': both(n); break;
        case 'd': day(n); break;
        case 's': seconds(n); break;
        case 'R': resolution(n); break;
        case 'c': cpu_time(n); break;
        case 'D': direct(n); break;
        case 'n': naps(n); break;
        case 'p': polls(n); break;
        case 'w': timed_wait(n); break;
        case '1': twelve(n); break;
        case 'W': wandering(n); break;
        case 't': {
            pthread_t threads[8];
            for (long k = 0; k < 8; k++) pthread_create(&threads[k], 0, in_thread, (void *)(n * (k + 1)));
            for (int k = 0; k < 8; k++) pthread_join(threads[k], 0);
            break;
        }
        case 'f':
            if (fork() == 0) { realtime(n); _exit(0); }
            else { extern int wait(int *); wait(0); }
            break;
        case 'e': execlp(words[0], words[0], "d", words[i + 1], (char *)0); return 99;
        case 'k': raise(n); break;
        case 'x': return n;
        }
    }
    return 0;
}
