/* Prints the date as every function and system call tells it: a name and seconds a line. */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
    struct timespec t;
    struct timeval v;
    struct timezone z;
    printf("time %ld\n", (long)time(0));
    gettimeofday(&v, 0);
    printf("gettimeofday %ld\n", (long)v.tv_sec);
    clock_gettime(CLOCK_REALTIME, &t);
    printf("clock_gettime %ld\n", (long)t.tv_sec);
    clock_gettime(CLOCK_REALTIME_COARSE, &t);
    printf("coarse %ld\n", (long)t.tv_sec);
    clock_gettime(CLOCK_TAI, &t);
    printf("tai %ld\n", (long)t.tv_sec);
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &t);
    printf("syscall-clock_gettime %ld\n", (long)t.tv_sec);
    syscall(SYS_gettimeofday, &v, 0);
    printf("syscall-gettimeofday %ld\n", (long)v.tv_sec);
    syscall(SYS_gettimeofday, &v, &z);
    printf("syscall-gettimeofday-zone %ld\n", (long)v.tv_sec);
#ifdef SYS_time
    printf("syscall-time %ld\n", (long)syscall(SYS_time, 0));
#endif
    return 0;
}
