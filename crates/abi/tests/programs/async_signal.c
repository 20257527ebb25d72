/* What says that it is async-signal-safe allocates nothing, not even the first time: each
 * is called while an allocation is an error. Linked with the shared library, whose
 * allocations come here. */
#define _GNU_SOURCE
#include <instanter.h>
#include <stdio.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static const char *inside;
static int differences, allocations;

static void count(void)
{
    allocations++;
    if (inside)
        differences++;
}

void *malloc(size_t size) { count(); return __libc_malloc(size); }
void *calloc(size_t n, size_t size) { count(); return __libc_calloc(n, size); }
void *realloc(void *old, size_t size) { count(); return __libc_realloc(old, size); }
void *aligned_alloc(size_t align, size_t size) { count(); return __libc_memalign(align, size); }
void free(void *old) { if (old) count(); __libc_free(old); }

int posix_memalign(void **place, size_t align, size_t size)
{
    count();
    *place = __libc_memalign(align, size);
    return 0;
}

#define CALL(call)                                                          \
    do {                                                                    \
        int before = differences;                                           \
        inside = #call;                                                     \
        (void)call;                                                         \
        inside = NULL;                                                      \
        if (differences != before)                                          \
            printf("%s: %d allocations\n", #call, differences - before);    \
    } while (0)

int main(void)
{
    instanter_time time;
    instanter_timespec reading;
    instanter_clocks clocks;
    instanter_civil civil;
    instanter_local local;
    instanter_interval interval;
    instanter_resolved resolved;
    instanter_columns columns;
    instanter_zone_t zone, fixed;
    instanter_pattern *pattern;
    int64_t year[2], seconds[2] = { 0, 1 };
    uint8_t bytes[5][2];
    char text[512];
    int32_t source;

    CALL(instanter_now(&time));
    CALL(instanter_prepare());
    CALL(instanter_now(&time));
    CALL(instanter_now_relaxed(&time));
    clocks.size = sizeof clocks;
    CALL(instanter_snapshot(&clocks));
    CALL(instanter_clock(2, &reading));
    CALL(instanter_clock(12, &reading));
    CALL(instanter_source(0, &source, text, sizeof text, NULL));
    CALL(instanter_source(2, &source, text, sizeof text, NULL));
    CALL(instanter_epoch());
    CALL(instanter_pin(INSTANTER_LINK_VDSO));
    CALL(instanter_source(0, &source, text, sizeof text, NULL));
    CALL(instanter_now(&time));
    CALL(instanter_pin(INSTANTER_LINK_PAGE));
    CALL(instanter_zone_fixed(3600, &fixed));
    CALL(instanter_zone_fixed(INT32_MAX, &fixed));

    if (instanter_zone_by_name("America/New_York", &zone) != INSTANTER_STATUS_OK
        || instanter_pattern_new("%A %F %T %Z %200d", INSTANTER_DIALECT_STRFTIME, &pattern)
            != INSTANTER_STATUS_OK)
        return 1;
    CALL(instanter_zone_name(zone, text, sizeof text, NULL));
    CALL(instanter_civil_from_unix(time.seconds, 0, -3600, &civil));
    CALL(instanter_civil_to_unix(&civil, 0, seconds));
    local.size = sizeof local;
    CALL(instanter_to_local(time.seconds, 0, zone, &local));
    CALL(instanter_to_local(INT64_C(99999999999), 0, zone, &local));
    CALL(instanter_to_local(0, 0, 4000000000u, &local));
    interval.size = sizeof interval;
    CALL(instanter_zone_interval(time.seconds, zone, &interval));
    CALL(instanter_zone_interval(INT64_C(99999999999), zone, &interval));
    resolved.size = sizeof resolved;
    CALL(instanter_from_local(&local.civil, zone, INSTANTER_POLICY_REJECT, &resolved));
    civil.month = 13;
    CALL(instanter_from_local(&civil, zone, INSTANTER_POLICY_REJECT, &resolved));
    columns.size = sizeof columns;
    columns.year = year;
    columns.month = bytes[0];
    columns.day = bytes[1];
    columns.hour = bytes[2];
    columns.minute = bytes[3];
    columns.second = bytes[4];
    CALL(instanter_columns_split(seconds, 2, 0, &columns));
    CALL(instanter_columns_join(&columns, 2, 0, seconds));
    CALL(instanter_format_rfc3339(time.seconds, 5, zone, -1, text, sizeof text, NULL));
    CALL(instanter_format_rfc9557(time.seconds, 5, zone, -1, text, sizeof text, NULL));
    CALL(instanter_format_rfc9557(time.seconds, 5, fixed, 3, text, sizeof text, NULL));
    CALL(instanter_pattern_format(pattern, time.seconds, 5, zone, text, sizeof text, NULL));
    CALL(instanter_pattern_format(pattern, time.seconds, 5, zone, text, 5, NULL));
    CALL(instanter_duration_format(INT64_MIN, text, sizeof text, NULL));
    CALL(instanter_sleep_until(1, 0, 0));
    CALL(instanter_sleep_precise(100000, NULL, NULL));
    CALL(instanter_sleep_precise_until(0, 0, 0, NULL, NULL));
    CALL(instanter_abi_version());
    CALL(instanter_version());
    CALL(instanter_status_text(-1));
    instanter_pattern_free(pattern);
    printf("%d allocations, %d where there must be none\n", allocations, differences);
    return differences != 0 || allocations == 0;
}
