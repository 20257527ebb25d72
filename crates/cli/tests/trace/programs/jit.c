/* Code made at run time that reads the clock, with a map of it for profilers. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

typedef int (*read_clock)(int, struct timespec *);
typedef void (*made)(read_clock, struct timespec *);

int main(void) {
#if defined(__x86_64__)
    /* push rbp; mov rbp, rsp; mov rax, rdi; mov edi, 1; call rax; pop rbp; ret */
    static const unsigned char code[] = {0x55, 0x48, 0x89, 0xe5, 0x48, 0x89, 0xf8, 0xbf, 1, 0, 0, 0,
                                         0xff, 0xd0, 0x5d, 0xc3};
    unsigned char *at = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(at, code, sizeof code);
    char name[64];
    snprintf(name, sizeof name, "/tmp/perf-%d.map", getpid());
    FILE *map = fopen(name, "w");
    fprintf(map, "%lx %zx made_at_run_time\n", (unsigned long)at, sizeof code);
    fclose(map);
    struct timespec t;
    for (int i = 0; i < 123; i++) ((made)at)(clock_gettime, &t);
    unlink(name);
#endif
    return 0;
}
