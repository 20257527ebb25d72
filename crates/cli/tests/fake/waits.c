/* Waits in every way for `argv[1]` seconds, and prints how long each took by the clock
   that it waits on: a name and nanoseconds a line. With a second argument only those that
   wait for a date. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int64_t now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

#define TOOK(clock, name, ...)                                                    \
    do {                                                                          \
        if (argc > 2 && clock != 0)                                               \
            break;                                                                \
        int64_t start = now(clock);                                               \
        __VA_ARGS__;                                                              \
        printf("%s %lld\n", name, (long long)(now(clock) - start));               \
        fflush(stdout);                                                           \
    } while (0)

int main(int argc, char **argv)
{
    long s = argc > 1 ? atol(argv[1]) : 1;
    struct timespec span = {s, 0}, t;
    struct timeval value = {s, 0};
    struct epoll_event event;
    struct itimerspec once = {{0, 0}, {s, 0}}, left;
    struct itimerval real = {{0, 0}, {s, 0}};
    uint64_t ticks;

    TOOK(1, "nanosleep", nanosleep(&span, 0));
    TOOK(1, "clock_nanosleep", clock_nanosleep(1, 0, &span, 0));
    TOOK(0, "clock_nanosleep-realtime",
         clock_gettime(0, &t); t.tv_sec += s; clock_nanosleep(0, TIMER_ABSTIME, &t, 0));
    TOOK(1, "clock_nanosleep-monotonic",
         clock_gettime(1, &t); t.tv_sec += s; clock_nanosleep(1, TIMER_ABSTIME, &t, 0));
    TOOK(7, "clock_nanosleep-boottime",
         clock_gettime(7, &t); t.tv_sec += s; clock_nanosleep(7, TIMER_ABSTIME, &t, 0));
    TOOK(1, "poll", poll(0, 0, s * 1000));
    TOOK(1, "ppoll", ppoll(0, 0, &span, 0));
    TOOK(1, "select", select(0, 0, 0, 0, &value));
    TOOK(1, "pselect", pselect(0, 0, 0, 0, &span, 0));
    int epoll = epoll_create1(0);
    TOOK(1, "epoll_wait", epoll_wait(epoll, &event, 1, s * 1000));
    TOOK(1, "epoll_pwait", epoll_pwait(epoll, &event, 1, s * 1000, 0));
    int word = 0;
    TOOK(1, "futex", syscall(SYS_futex, &word, 0, 0, &span, 0, 0));

    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t realtime = PTHREAD_COND_INITIALIZER, monotonic;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&monotonic, &attributes);
    pthread_mutex_lock(&mutex);
    TOOK(0, "condition-realtime",
         clock_gettime(0, &t); t.tv_sec += s; pthread_cond_timedwait(&realtime, &mutex, &t));
    TOOK(1, "condition-monotonic",
         clock_gettime(1, &t); t.tv_sec += s; pthread_cond_timedwait(&monotonic, &mutex, &t));

    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    TOOK(1, "timerfd", timerfd_settime(fd, 0, &once, 0);
         timerfd_gettime(fd, &left); if (left.it_value.tv_sec > s) puts("left too-much");
         if (read(fd, &ticks, 8) != 8) puts("read failed"));
    int date = timerfd_create(CLOCK_REALTIME, 0);
    TOOK(0, "timerfd-realtime", clock_gettime(0, &once.it_value); once.it_value.tv_sec += s;
         timerfd_settime(date, TFD_TIMER_ABSTIME, &once, 0);
         if (read(date, &ticks, 8) != 8) puts("read failed"));
    once.it_value = span;

    sigset_t alarms;
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    sigprocmask(SIG_BLOCK, &alarms, 0);
    TOOK(1, "alarm", alarm(s); sigwaitinfo(&alarms, 0));
    TOOK(1, "setitimer", setitimer(ITIMER_REAL, &real, 0); sigwaitinfo(&alarms, 0));
    timer_t timer;
    timer_create(CLOCK_MONOTONIC, 0, &timer);
    TOOK(1, "timer_settime", timer_settime(timer, 0, &once, 0); sigwaitinfo(&alarms, 0));
    TOOK(1, "sigtimedwait", sigtimedwait(&alarms, 0, &span));

    int set = semget(IPC_PRIVATE, 1, 0600);
    if (set >= 0) {
        struct sembuf down = {0, -1, 0};
        TOOK(1, "semtimedop", semtimedop(set, &down, 1, &span));
        semctl(set, 0, IPC_RMID);
    }
    alarm(1000);
    printf("alarm-left %u\n", alarm(0));
    return 0;
}
