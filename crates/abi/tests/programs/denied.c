/* In a sandbox that forbids to read clocks and to sleep, with the chain pinned to system
 * calls: every function comes back, and says why. */
#define _GNU_SOURCE
#include <errno.h>
#include <instanter.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static int differences;

#define WANT(call, want)                                                        \
    do {                                                                        \
        int got = (int)(call);                                                  \
        if (got != (int)(want)) {                                               \
            printf("%s = %d, want %d\n", #call, got, (int)(want));              \
            differences++;                                                      \
        }                                                                       \
    } while (0)

#define FORBID(number)                                                          \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),                          \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)

int main(void)
{
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        FORBID(SYS_clock_gettime),
        FORBID(SYS_clock_nanosleep),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { sizeof rules / sizeof *rules, rules };
    instanter_time time;
    instanter_timespec reading;
    instanter_clocks clocks;
    instanter_zone_t zone;
    instanter_stamp *stamp;
    char text[256];

    WANT(instanter_pin(INSTANTER_LINK_SYSCALL), INSTANTER_STATUS_OK);
    WANT(instanter_stamp_new(INSTANTER_UTC, 3, &stamp), INSTANTER_STATUS_OK);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, 2, &program)) {
        printf("skipped denied.c: no seccomp here\n");
        return 0;
    }
    clocks.size = sizeof clocks;
    WANT(instanter_now(&time), INSTANTER_STATUS_DENIED);
    WANT(instanter_now_relaxed(&time), INSTANTER_STATUS_DENIED);
    WANT(instanter_prepare(), INSTANTER_STATUS_DENIED);
    WANT(instanter_snapshot(&clocks), INSTANTER_STATUS_DENIED);
    WANT(instanter_clock(1, &reading), INSTANTER_STATUS_DENIED);
    WANT(instanter_sleep_until(1, 1000000000, 0), INSTANTER_STATUS_DENIED);
    WANT(instanter_sleep_precise(1000000, NULL, NULL), INSTANTER_STATUS_DENIED);
    WANT(instanter_sleep_precise_until(0, 1, 0, NULL, NULL), INSTANTER_STATUS_DENIED);
    WANT(instanter_sleep_precise_until(7, 1, 0, NULL, NULL), INSTANTER_STATUS_DENIED);
    WANT(instanter_stamp_now(stamp, text, sizeof text, NULL), INSTANTER_STATUS_DENIED);
    WANT(instanter_stamp_write(stamp, 0, 0, text, sizeof text, NULL), INSTANTER_STATUS_OK);
    WANT(instanter_zone_local(&zone), INSTANTER_STATUS_OK);
    WANT(instanter_source(0, NULL, text, sizeof text, NULL), INSTANTER_STATUS_OK);
    (void)instanter_epoch();

    /* The page is still there, and takes no system call. */
    WANT(instanter_pin(INSTANTER_LINK_PAGE), INSTANTER_STATUS_OK);
    if (instanter_now(&time) == INSTANTER_STATUS_OK)
        WANT(instanter_sleep_precise(3000000, NULL, NULL), INSTANTER_STATUS_DENIED);
    instanter_stamp_free(stamp);
    printf("%d differences\n", differences);
    return differences != 0;
}
