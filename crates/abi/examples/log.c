/*
 * A log writer: each line of standard input, with the local time before it.
 *
 *     cc log.c $(pkg-config --cflags --libs instanter) -o log
 *     make 2>&1 | ./log
 */
#include <instanter.h>
#include <stdio.h>

static int fail(const char *what, instanter_status status)
{
    fprintf(stderr, "log: %s: %s\n", what, instanter_status_text(status));
    return 1;
}

int main(void)
{
    instanter_stamp *stamp;
    instanter_status status;
    char line[4096], text[48];

    /* In the local zone, also after it changes while the program runs. */
    if ((status = instanter_stamp_new_local(3, &stamp)) != INSTANTER_STATUS_OK)
        return fail("stamp", status);

    while (fgets(line, sizeof line, stdin)) {
        if ((status = instanter_stamp_now(stamp, text, sizeof text, NULL)) != INSTANTER_STATUS_OK)
            return fail("clock", status);
        printf("%s %s", text, line);
    }
    instanter_stamp_free(stamp);
    return 0;
}
