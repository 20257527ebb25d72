/* Has the time written where nothing can be written, after a few times where it can. */
#include <stdlib.h>
#include <time.h>
static int __attribute__((noinline)) inner(int clock, void *at) {
    return clock_gettime(clock, at) + 1;
}
int __attribute__((noinline)) middle(int clock, void *at) { return inner(clock, at) + 1; }
int main(int count, char **words) {
    struct timespec now;
    void *places[] = {&now, &now, &now, (void *)8};
    int sum = 0;
    for (int i = 0; count == 2 && i < 4; i++) sum += middle(atoi(words[1]), places[i]);
    return sum;
}
