/* Sets timeouts that no tracer can follow, each twice. */
#define _GNU_SOURCE
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

int main(void)
{
    int pair[2];
    struct timeval second = {1, 0};
    char parameters[256] = {0};
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    for (int i = 0; i < 2; i++) {
        setsockopt(pair[i], SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
        setsockopt(pair[i], SOL_SOCKET, SO_SNDTIMEO, &second, sizeof second);
    }
    for (int i = 0; i < 2; i++)
        syscall(425, 1, parameters);
    return 0;
}
