/* Sends itself packets and looks when they came: each time must lie between two readings of the
   clock, one before the packet was sent and one after it was received. Prints a line for each way
   to ask, and 1 if it holds.
   The first word says who receives: this thread (here), one that is there already (thread), a
   child (child), the program that it becomes (exec), or one whose system calls are filtered
   (filtered). With `-DLOOPBACK`, which takes root, there need be no loopback device yet. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* SO_TIMESTAMP, SO_TIMESTAMPNS, SO_TIMESTAMPING, old and new; and none: SIOCGSTAMP. */
static const int KINDS[] = {29, 35, 37, 63, 64, 65, 0};
#define COUNT (sizeof KINDS / sizeof *KINDS)
/* Software's time, of packets that are received. */
#define SOFTWARE (1 << 3 | 1 << 4)
#define LAST_NANOSECONDS 0x8907

static int is_timeval(int kind) { return kind == 29 || kind == 63; }

static int64_t nanoseconds(const int64_t time[2], int kind)
{
    return time[0] * 1000000000 + time[1] * (is_timeval(kind) ? 1000 : 1);
}

static int64_t now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int64_t of(struct msghdr *header, int kind)
{
    for (struct cmsghdr *it = CMSG_FIRSTHDR(header); it; it = CMSG_NXTHDR(header, it)) {
        int64_t time[2];
        if (it->cmsg_level != SOL_SOCKET || it->cmsg_type != kind)
            continue;
        memcpy(time, CMSG_DATA(it), sizeof time);
        return nanoseconds(time, kind);
    }
    return 0;
}

/* When a packet came; 0: nobody knows. */
static int64_t received(int to, int kind, int many)
{
    char byte;
    char control[256] __attribute__((aligned(8)));
    struct iovec place = {&byte, 1};
    struct mmsghdr headers[2] = {{.msg_hdr = {.msg_iov = &place, .msg_iovlen = 1}}};
    struct msghdr *header = &headers[0].msg_hdr;
    header->msg_control = control;
    header->msg_controllen = sizeof control;
    headers[1] = headers[0];
    int got = many ? syscall(SYS_recvmmsg, to, headers, 1, 0, 0) : recvmsg(to, header, 0);
    if (got < 0)
        return 0;
    if (kind == 0) {
        int64_t last[2];
        return ioctl(to, LAST_NANOSECONDS, last) ? 0 : nanoseconds(last, kind);
    }
    return of(header, kind);
}

static int in_order(int from, int to, int kind, int many)
{
    /* The kernel begins to look at its clock a little after it is asked to. */
    for (int i = 0; i < 100000; i++) {
        int64_t before = now();
        send(from, "", 1, 0);
        int64_t came = received(to, kind, many);
        int64_t after = now();
        if (is_timeval(kind))
            before -= before % 1000;
        if (came)
            return before <= came && came <= after;
        /* No sleep: clocks may stand. */
        sched_yield();
    }
    return 0;
}

static int sockets[COUNT][2];

#ifdef LOOPBACK
static void start_loopback(void)
{
    struct ifreq device = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int any = socket(AF_INET, SOCK_DGRAM, 0);
    if (ioctl(any, SIOCSIFFLAGS, &device))
        perror("lo");
    close(any);
}
#endif

static void open_all(void)
{
#ifdef LOOPBACK
    start_loopback();
#endif
    for (size_t i = 0; i < COUNT; i++) {
        struct sockaddr_in place = {.sin_family = AF_INET,
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t length = sizeof place;
        int to = socket(AF_INET, SOCK_DGRAM, 0), from = socket(AF_INET, SOCK_DGRAM, 0);
        int value = KINDS[i] == 37 || KINDS[i] == 65 ? SOFTWARE : 1;
        if (bind(to, (void *)&place, length) || getsockname(to, (void *)&place, &length) ||
            connect(from, (void *)&place, length)) {
            perror("no packets");
            exit(1);
        }
        if (KINDS[i] && setsockopt(to, SOL_SOCKET, KINDS[i], &value, sizeof value)) {
            perror("not this kernel");
            exit(1);
        }
        sockets[i][0] = from;
        sockets[i][1] = to;
    }
}

static void look(void)
{
    for (size_t i = 0; i < COUNT; i++)
        for (int many = 0; many < 2; many++)
            printf("%d,%s %d\n", KINDS[i], many ? "many" : "one",
                   in_order(sockets[i][0], sockets[i][1], KINDS[i], many));
    fflush(stdout);
}

static int are_open[2];

static void *receiver(void *unused)
{
    char byte;
    if (read(are_open[0], &byte, 1) == 1)
        look();
    return unused;
}

static void filtered(void)
{
    struct sock_filter allow = {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
    struct sock_fprog program = {1, &allow};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) {
        perror("no filter");
        exit(1);
    }
}

int main(int count, char **words)
{
    const char *how = count > 1 ? words[1] : "here";
    int status = 0;
    pthread_t thread;
    if (!strcmp(how, "became")) {
        /* The numbers of what is open are as they were. */
        for (size_t i = 0; i < 2 * COUNT; i++)
            sockets[i / 2][i % 2] = atoi(words[2 + i]);
        look();
        return 0;
    }
    if (!strcmp(how, "thread") && pipe(are_open) == 0)
        pthread_create(&thread, 0, receiver, 0);
    if (!strcmp(how, "filtered"))
        filtered();
    open_all();
    if (!strcmp(how, "thread")) {
        status = write(are_open[1], "", 1) != 1;
        pthread_join(thread, 0);
    } else if (!strcmp(how, "child")) {
        if (fork() == 0) {
            look();
            return 0;
        }
        wait(&status);
    } else if (!strcmp(how, "exec")) {
        char numbers[2 * COUNT][16];
        char *next[2 * COUNT + 3] = {words[0], "became"};
        for (size_t i = 0; i < 2 * COUNT; i++) {
            snprintf(numbers[i], sizeof numbers[i], "%d", sockets[i / 2][i % 2]);
            next[2 + i] = numbers[i];
        }
        execv(words[0], next);
        return 1;
    } else {
        look();
    }
    return status;
}
