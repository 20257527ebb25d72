/* In threads at the same time, in a signal handler that interrupts everything else, and in
 * a child of a program with threads. */
#define _GNU_SOURCE
#include <instanter.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static instanter_zone_t zone;
static instanter_pattern *pattern;
static volatile sig_atomic_t handled, wrong, done;

/* All that says that it is async-signal-safe, of reading and showing. */
static void handle(int signal)
{
    instanter_time now;
    instanter_clocks clocks;
    instanter_local local;
    char text[128];

    (void)signal;
    clocks.size = sizeof clocks;
    local.size = sizeof local;
    if (instanter_now(&now) != INSTANTER_STATUS_OK
        || instanter_snapshot(&clocks) != INSTANTER_STATUS_OK
        || instanter_to_local(now.seconds, 0, zone, &local) != INSTANTER_STATUS_OK
        || instanter_format_rfc3339(now.seconds, 0, zone, 3, text, sizeof text, NULL)
            != INSTANTER_STATUS_OK
        || instanter_format_rfc9557(now.seconds, 0, zone, 3, text, sizeof text, NULL)
            != INSTANTER_STATUS_OK
        || instanter_pattern_format(pattern, now.seconds, 0, zone, text, sizeof text, NULL)
            != INSTANTER_STATUS_OK
        || strlen(text) == 0)
        wrong = wrong + 1;
    handled = handled + 1;
}

static void *work(void *argument)
{
    size_t *rounds = (size_t *)argument;
    instanter_parsed parsed;
    instanter_zone_t local, found;
    char text[128];
    int64_t place;

    parsed.size = sizeof parsed;
    while (!done) {
        if (instanter_zone_local(&local) != INSTANTER_STATUS_OK
            || instanter_zone_by_name(*rounds % 2 ? "Asia/Tokyo" : "Asia/Kolkata", &found)
                != INSTANTER_STATUS_OK
            || instanter_format_rfc9557((int64_t)*rounds, 0, found, 0, text, sizeof text, NULL)
                != INSTANTER_STATUS_OK
            || instanter_parse_rfc9557(text, strlen(text), &parsed) != INSTANTER_STATUS_OK
            || parsed.seconds != (int64_t)*rounds || parsed.zone != found
            || instanter_parse_rfc3339("2024-99", 7, &parsed) != INSTANTER_STATUS_MALFORMED)
            wrong = wrong + 1;
        instanter_last_error(&place);
        if (place != 5)
            wrong = wrong + 1;
        ++*rounds;
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[4];
    size_t rounds[4] = { 0, 0, 0, 0 };
    struct itimerval often = { { 0, 200 }, { 0, 200 } }, never = { { 0, 0 }, { 0, 0 } };
    instanter_time start, now;
    sigset_t alarm;
    int i, children = 0, status;

    signal(SIGALRM, handle);
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    if (instanter_zone_by_name("America/New_York", &zone) != INSTANTER_STATUS_OK
        || instanter_pattern_new("%A %F %T %Z", INSTANTER_DIALECT_STRFTIME, &pattern)
            != INSTANTER_STATUS_OK
        || instanter_now(&start) != INSTANTER_STATUS_OK)
        return 1;
    for (i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, work, &rounds[i]);
    setitimer(ITIMER_REAL, &often, NULL);
    do {
        /* A signal makes fork begin again: on a slow machine it would never end. */
        pthread_sigmask(SIG_BLOCK, &alarm, NULL);
        pid_t child = fork();
        pthread_sigmask(SIG_UNBLOCK, &alarm, NULL);
        if (child == 0) {
            handle(0);
            /* A lock that another thread held would keep it for ever. */
            instanter_zone_t local, found;
            char how[400];
            _exit(wrong != 0 || instanter_zone_local(&local) != INSTANTER_STATUS_OK
                  || instanter_zone_by_name("Africa/Cairo", &found) != INSTANTER_STATUS_OK
                  || instanter_zone_by_name("Asia/Tokyo", &found) != INSTANTER_STATUS_OK
                  || instanter_zone_local_how(how, sizeof how, NULL) != INSTANTER_STATUS_OK);
        }
        if (child > 0 && (waitpid(child, &status, 0) != child || status != 0))
            wrong = wrong + (status != 0);
        children++;
        instanter_now(&now);
    } while (now.monotonic_ns - start.monotonic_ns < INT64_C(600000000));
    setitimer(ITIMER_REAL, &never, NULL);
    done = 1;
    for (i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    instanter_pattern_free(pattern);
    printf("%d signals, %d children, %zu rounds, %d wrong\n", (int)handled, children,
           rounds[0] + rounds[1] + rounds[2] + rounds[3], (int)wrong);
    return wrong != 0 || handled == 0 || rounds[0] == 0;
}
