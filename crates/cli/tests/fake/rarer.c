/* Waits in the rarer ways for `argv[1]` seconds, and prints how long each took by the clock
   that it waits on: a name and nanoseconds a line, or `skipped`, the name and `errno` where
   the kernel does not have it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int64_t now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int64_t start;
static clockid_t by;

static struct timespec begin(clockid_t clock, long s)
{
    by = clock;
    start = now(clock);
    return (struct timespec){start / 1000000000 + s, start % 1000000000};
}

/* It must have ended because the time was over: with `want` in `errno`, or with 0. */
static void end(const char *name, long result, int want)
{
    int64_t took = now(by) - start;
    int failed = result < 0 ? errno : 0;
    if (failed == want)
        printf("%s %lld\n", name, (long long)took);
    else if (failed == ENOSYS || failed == EPERM || failed == EACCES)
        printf("skipped %s %d\n", name, failed);
    else
        printf("%s -%d\n", name, failed);
    fflush(stdout);
}

struct waiter {
    uint64_t value, address;
    uint32_t flags, reserved;
};

int main(int count, char **words)
{
    long s = count > 1 ? atol(words[1]) : 1;
    struct timespec span = {s, 0}, until;
    uint32_t word = 0;

    char name[64];
    snprintf(name, sizeof name, "/instanter-test-%d", (int)getpid());
    struct mq_attr shape = {.mq_maxmsg = 1, .mq_msgsize = 8};
    mqd_t queue = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &shape);
    if (queue != (mqd_t)-1) {
        char message[8] = "message";
        until = begin(CLOCK_REALTIME, s);
        end("mq_timedreceive", mq_timedreceive(queue, message, 8, 0, &until), ETIMEDOUT);
        mq_send(queue, message, 8, 0);
        until = begin(CLOCK_REALTIME, s);
        end("mq_timedsend", mq_timedsend(queue, message, 8, 0, &until), ETIMEDOUT);
        mq_unlink(name);
    } else
        printf("skipped mq %d\n", errno);

    /* Its time is looked at after each message only. One is there, and the next one comes
       when the time is over; if this process was slow to begin, it is the one after that. */
    int pair[2];
    socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
    char bytes[8];
    struct iovec into = {bytes, 8};
    struct mmsghdr messages[3] = {{.msg_hdr = {.msg_iov = &into, .msg_iovlen = 1}},
                                  {.msg_hdr = {.msg_iov = &into, .msg_iovlen = 1}},
                                  {.msg_hdr = {.msg_iov = &into, .msg_iovlen = 1}}};
    if (send(pair[1], "one", 3, 0) != 3)
        puts("recvmmsg -1");
    begin(CLOCK_MONOTONIC, s);
    pid_t child = fork();
    if (child == 0) {
        nanosleep(&(struct timespec){2 * s, 0}, 0);
        send(pair[1], "two", 3, 0);
        nanosleep(&(struct timespec){60 * s, 0}, 0);
        _exit(send(pair[1], "three", 5, 0) != 5);
    }
    struct timespec rest = span;
    int got = recvmmsg(pair[0], messages, 3, 0, &rest);
    end("recvmmsg", got < 2 ? -1 : got, 0);
    kill(child, SIGKILL);
    printf("recvmmsg-rest %lld\n", rest.tv_sec * 1000000000LL + rest.tv_nsec);

    struct waiter waiter = {0, (uintptr_t)&word, 2, 0};
    until = begin(CLOCK_MONOTONIC, s);
    end("futex_waitv", syscall(449, &waiter, 1, 0, &until, CLOCK_MONOTONIC), ETIMEDOUT);
    until = begin(CLOCK_REALTIME, s);
    end("futex_waitv-realtime", syscall(449, &waiter, 1, 0, &until, CLOCK_REALTIME), ETIMEDOUT);
    until = begin(CLOCK_MONOTONIC, s);
    end("futex_wait", syscall(455, &word, 0, ~0u, 2, &until, CLOCK_MONOTONIC), ETIMEDOUT);
    until = begin(CLOCK_MONOTONIC, s);
    end("futex-bitset", syscall(SYS_futex, &word, 9, 0, &until, 0, ~0u), ETIMEDOUT);
    until = begin(CLOCK_REALTIME, s);
    end("futex-bitset-realtime", syscall(SYS_futex, &word, 9 | 256, 0, &until, 0, ~0u), ETIMEDOUT);

    unsigned long context = 0;
    if (syscall(SYS_io_setup, 1, &context) == 0) {
        char event[32];
        begin(CLOCK_MONOTONIC, s);
        end("io_getevents", syscall(SYS_io_getevents, context, 1, 1, event, &span), 0);
        begin(CLOCK_MONOTONIC, s);
        end("io_pgetevents", syscall(SYS_io_pgetevents, context, 1, 1, event, &span, 0), 0);
        syscall(SYS_io_destroy, context);
    } else
        printf("skipped aio %d\n", errno);

    int epoll = epoll_create1(0);
    struct epoll_event event;
    begin(CLOCK_MONOTONIC, s);
    end("epoll_pwait2", syscall(441, epoll, &event, 1, &span, 0, 8), 0);

    /* The kernel writes what is left: nothing. The C library hides that. */
    rest = span;
    begin(CLOCK_MONOTONIC, s);
    end("ppoll", syscall(SYS_ppoll, 0, 0, &rest, 0, 8), 0);
    printf("ppoll-rest %lld\n", rest.tv_sec * 1000000000LL + rest.tv_nsec);
    rest = span;
    begin(CLOCK_MONOTONIC, s);
    end("pselect6", syscall(SYS_pselect6, 0, 0, 0, 0, &rest, 0), 0);
    printf("pselect6-rest %lld\n", rest.tv_sec * 1000000000LL + rest.tv_nsec);

    int set = semget(IPC_PRIVATE, 1, 0600);
    if (set >= 0) {
        struct sembuf down = {0, -1, 0};
        begin(CLOCK_MONOTONIC, s);
        end("semtimedop", semtimedop(set, &down, 1, &span), EAGAIN);
        semctl(set, 0, IPC_RMID);
    } else
        printf("skipped semaphores %d\n", errno);

    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    sigprocmask(SIG_BLOCK, &signals, 0);
    begin(CLOCK_MONOTONIC, s);
    end("rt_sigtimedwait", sigtimedwait(&signals, 0, &span), EAGAIN);
    return 0;
}
