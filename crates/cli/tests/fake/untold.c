/* Sets timeouts, has packets put into shared memory, sets the time of a file: no tracer follows
   that. Each twice. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
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
    int on = 1;
    for (int i = 0; i < 2; i++) {
        /* This is no socket for packets, which only the kernel minds. */
        setsockopt(pair[i], SOL_PACKET, PACKET_RX_RING, &on, sizeof on);
        setsockopt(pair[i], SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
    }
    for (int i = 0; i < 2; i++)
        syscall(425, 1, parameters);
    const struct timespec then[2] = {{1, 0}, {1, 0}};
    FILE *file = tmpfile();
    /* A time that is given is no matter of clocks. */
    futimens(fileno(file), then);
    for (int i = 0; i < 2; i++)
        futimens(fileno(file), NULL);
    return 0;
}
