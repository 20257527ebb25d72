/* Every function with NULL where it can be, with sizes that are not set, with numbers
 * that mean nothing, and with buffers of every size. Also compiled as C++. */
#include <instanter.h>
#include <stdio.h>
#include <string.h>

static int differences;

#define WANT(call, want)                                                                   \
    do {                                                                                   \
        int got = (int)(call);                                                             \
        if (got != (int)(want)) {                                                          \
            printf("line %d: %s = %d, want %d\n", __LINE__, #call, got, (int)(want));      \
            differences++;                                                                 \
        }                                                                                  \
    } while (0)

#define OK INSTANTER_STATUS_OK
#define NUL INSTANTER_STATUS_NULL
#define SIZE INSTANTER_STATUS_SIZE
#define ARGUMENT INSTANTER_STATUS_ARGUMENT
#define RANGE INSTANTER_STATUS_RANGE
#define ROOM INSTANTER_STATUS_ROOM
#define ZONE INSTANTER_STATUS_ZONE
#define NO_ZONE ((instanter_zone_t)0xFFFFFFF0u)
#define BILLION 1000000000u

static const char BAD[] = "\xff\xfe";

static void clocks(void)
{
    instanter_time time;
    instanter_timespec reading;
    instanter_clocks all;
    char text[512];
    size_t length;
    int32_t source;

    WANT(instanter_now(&time), OK);
    WANT(instanter_now(NULL), NUL);
    WANT(instanter_now_relaxed(&time), OK);
    WANT(instanter_now_relaxed(NULL), NUL);
    WANT(instanter_clock(0, &reading), OK);
    WANT(instanter_clock(0, NULL), NUL);
    WANT(instanter_clock(12, &reading), INSTANTER_STATUS_UNSUPPORTED);
    WANT(instanter_clock(INT32_MIN, &reading), INSTANTER_STATUS_UNSUPPORTED);
    all.size = sizeof all;
    WANT(instanter_snapshot(&all), OK);
    WANT(all.size, sizeof all);
    WANT(instanter_snapshot(NULL), NUL);
    all.size = 0;
    WANT(instanter_snapshot(&all), SIZE);
    all.size = sizeof all - 1;
    WANT(instanter_snapshot(&all), SIZE);
    all.size = (size_t)-1;
    WANT(instanter_snapshot(&all), SIZE);
    WANT(instanter_source(0, &source, text, sizeof text, &length), OK);
    WANT(strlen(text), length);
    WANT(instanter_source(0, &source, NULL, 0, NULL), OK);
    WANT(instanter_source(0, NULL, NULL, 0, &length), OK);
    WANT(instanter_source(2, &source, text, sizeof text, NULL), OK);
    WANT(source, INSTANTER_LINK_SYSCALL);
    WANT(instanter_source(0, NULL, NULL, 0, NULL), NUL);
    WANT(instanter_source(0, NULL, NULL, 9, &length), NUL);
    WANT(instanter_source(12345, &source, text, 1, &length), ROOM);
    (void)instanter_epoch();
    WANT(instanter_prepare(), OK);
    WANT(instanter_pin(0), ARGUMENT);
    WANT(instanter_pin(4), ARGUMENT);
    WANT(instanter_pin(INSTANTER_LINK_SYSCALL), OK);
    WANT(instanter_now(&time), OK);
    WANT(time.flags, 0);
    WANT(instanter_pin(INSTANTER_LINK_PAGE), OK);
}

static void zones(void)
{
    instanter_zone_t zone;
    char text[512];
    size_t length;

    WANT(instanter_zone_by_name("Europe/Berlin", &zone), OK);
    WANT(instanter_zone_name(zone, text, sizeof text, &length), OK);
    WANT(strcmp(text, "Europe/Berlin"), 0);
    WANT(instanter_zone_name(zone, NULL, 0, &length), OK);
    WANT(instanter_zone_name(zone, NULL, 0, NULL), NUL);
    WANT(instanter_zone_name(zone, NULL, 1, &length), NUL);
    WANT(instanter_zone_name(zone, text, 13, &length), ROOM);
    WANT(length, 13);
    WANT(instanter_zone_name(zone, text, 14, NULL), OK);
    WANT(instanter_zone_name(NO_ZONE, text, sizeof text, NULL), ZONE);
    WANT(instanter_zone_by_name("Europe/Berlin", NULL), NUL);
    WANT(instanter_zone_by_name(NULL, &zone), NUL);
    WANT(instanter_zone_by_name(BAD, &zone), INSTANTER_STATUS_UTF8);
    WANT(instanter_zone_by_name("Mars/Olympus", &zone), INSTANTER_STATUS_NOT_FOUND);
    WANT(instanter_zone_by_name("../passwd", &zone), INSTANTER_STATUS_NAME);
    WANT(instanter_zone_by_name("", &zone), INSTANTER_STATUS_NAME);
    WANT(instanter_zone_posix("EST5EDT,M3.2.0,M11.1.0", &zone), OK);
    WANT(instanter_zone_name(zone, text, sizeof text, &length), OK);
    WANT(length, 0);
    WANT(instanter_zone_posix("EST5EDT,M3.2.0,M11.1.0", NULL), NUL);
    WANT(instanter_zone_posix(NULL, &zone), NUL);
    WANT(instanter_zone_posix(BAD, &zone), INSTANTER_STATUS_UTF8);
    WANT(instanter_zone_posix("EST5EDT,M13.2.0,M11.1.0", &zone), INSTANTER_STATUS_MALFORMED);
    WANT(instanter_zone_fixed(-604799, &zone), OK);
    WANT(instanter_zone_fixed(-604800, &zone), RANGE);
    WANT(instanter_zone_fixed(INT32_MIN, &zone), RANGE);
    WANT(instanter_zone_fixed(0, NULL), NUL);
    WANT(instanter_zone_path("/nowhere", &zone), INSTANTER_STATUS_IO);
    WANT(instanter_zone_path(NULL, &zone), NUL);
    WANT(instanter_zone_path("/nowhere", NULL), NUL);
    WANT(instanter_zone_path(BAD, &zone), INSTANTER_STATUS_UTF8);
    WANT(instanter_zone_local(&zone), OK);
    WANT(instanter_zone_local(NULL), NUL);
    WANT(instanter_zone_local_refresh(&zone), OK);
    WANT(instanter_zone_local_refresh(NULL), NUL);
    WANT(instanter_zone_local_how(text, sizeof text, NULL), OK);
    WANT(instanter_zone_local_how(text, 4, &length), ROOM);
    WANT(instanter_zone_local_how(NULL, 0, NULL), NUL);
}

static void conversions(void)
{
    instanter_civil civil, wrong;
    instanter_local local;
    instanter_interval interval;
    instanter_resolved resolved;
    instanter_columns columns;
    int64_t year[3], seconds[3] = { INT64_MIN, 0, INT64_MAX };
    uint8_t bytes[5][3];

    WANT(instanter_civil_from_unix(0, 0, 0, &civil), OK);
    WANT(civil.year, 1970);
    WANT(civil.weekday, 4);
    WANT(instanter_civil_from_unix(0, 0, 0, NULL), NUL);
    WANT(instanter_civil_from_unix(0, BILLION, 0, &civil), RANGE);
    WANT(instanter_civil_from_unix(0, 0, 604800, &civil), RANGE);
    WANT(instanter_civil_to_unix(&civil, 0, seconds), OK);
    WANT(instanter_civil_to_unix(NULL, 0, seconds), NUL);
    WANT(instanter_civil_to_unix(&civil, 0, NULL), NUL);
    WANT(instanter_civil_to_unix(&civil, INT32_MAX, seconds), RANGE);
    memset(&wrong, 0xff, sizeof wrong);
    WANT(instanter_civil_to_unix(&wrong, 0, seconds), RANGE);
    wrong = civil;
    wrong.month = 0;
    WANT(instanter_civil_to_unix(&wrong, 0, seconds), RANGE);
    wrong = civil;
    wrong.year = INT64_MAX;
    WANT(instanter_civil_to_unix(&wrong, 0, seconds), RANGE);

    local.size = sizeof local;
    WANT(instanter_to_local(0, 0, INSTANTER_UTC, &local), OK);
    WANT(strcmp(local.abbreviation, "UTC"), 0);
    WANT(instanter_to_local(0, 0, INSTANTER_UTC, NULL), NUL);
    WANT(instanter_to_local(0, BILLION, INSTANTER_UTC, &local), RANGE);
    WANT(instanter_to_local(0, 0, NO_ZONE, &local), ZONE);
    local.size = 8;
    WANT(instanter_to_local(0, 0, INSTANTER_UTC, &local), SIZE);
    interval.size = sizeof interval;
    WANT(instanter_zone_interval(0, INSTANTER_UTC, &interval), OK);
    WANT(interval.start == INT64_MIN && interval.end == INT64_MAX, 1);
    WANT(instanter_zone_interval(0, INSTANTER_UTC, NULL), NUL);
    WANT(instanter_zone_interval(0, NO_ZONE, &interval), ZONE);
    interval.size = 0;
    WANT(instanter_zone_interval(0, INSTANTER_UTC, &interval), SIZE);
    resolved.size = sizeof resolved;
    WANT(instanter_from_local(&civil, INSTANTER_UTC, INSTANTER_POLICY_REJECT, &resolved), OK);
    WANT(resolved.kind, INSTANTER_KIND_ONCE);
    WANT(instanter_from_local(NULL, INSTANTER_UTC, 0, &resolved), NUL);
    WANT(instanter_from_local(&civil, INSTANTER_UTC, 0, NULL), NUL);
    WANT(instanter_from_local(&civil, NO_ZONE, 0, &resolved), ZONE);
    WANT(instanter_from_local(&civil, INSTANTER_UTC, 4, &resolved), ARGUMENT);
    WANT(instanter_from_local(&civil, INSTANTER_UTC, -1, &resolved), ARGUMENT);
    WANT(instanter_from_local(&wrong, INSTANTER_UTC, 0, &resolved), RANGE);
    resolved.size = 63;
    WANT(instanter_from_local(&civil, INSTANTER_UTC, 0, &resolved), SIZE);

    seconds[0] = INT64_MIN;
    columns.size = sizeof columns;
    columns.year = year;
    columns.month = bytes[0];
    columns.day = bytes[1];
    columns.hour = bytes[2];
    columns.minute = bytes[3];
    columns.second = bytes[4];
    WANT(instanter_columns_split(seconds, 3, 0, &columns), OK);
    WANT(instanter_columns_split(NULL, 3, 0, &columns), NUL);
    WANT(instanter_columns_split(seconds, 3, 0, NULL), NUL);
    WANT(instanter_columns_split(seconds, 3, 604800, &columns), RANGE);
    WANT(instanter_columns_split(seconds, 0, 0, &columns), OK);
    WANT(instanter_columns_join(&columns, 3, 0, seconds), OK);
    WANT(seconds[0] == INT64_MIN && seconds[1] == 0 && seconds[2] == INT64_MAX, 1);
    WANT(instanter_columns_join(NULL, 3, 0, seconds), NUL);
    WANT(instanter_columns_join(&columns, 3, 0, NULL), NUL);
    bytes[1][2] = 32;
    WANT(instanter_columns_join(&columns, 3, 0, seconds), RANGE);
    columns.hour = NULL;
    WANT(instanter_columns_split(seconds, 3, 0, &columns), NUL);
    WANT(instanter_columns_join(&columns, 3, 0, seconds), NUL);
    columns.size = 0;
    WANT(instanter_columns_split(seconds, 3, 0, &columns), SIZE);
    WANT(instanter_columns_join(&columns, 3, 0, seconds), SIZE);
}

static void texts(void)
{
    const char *rfc3339 = "2024-07-01T12:00:00+02:00";
    const char *rfc9557 = "2024-07-01T12:00:00+02:00[Europe/Berlin]";
    instanter_parsed parsed;
    instanter_pattern *pattern;
    char text[512];
    size_t length;
    int64_t place, nanoseconds;

    parsed.size = sizeof parsed;
    WANT(instanter_format_rfc3339(0, 0, INSTANTER_UTC, -1, text, sizeof text, &length), OK);
    WANT(strcmp(text, "1970-01-01T00:00:00Z"), 0);
    WANT(instanter_format_rfc3339(0, 0, INSTANTER_UTC, 99, text, sizeof text, &length), OK);
    WANT(length, 30);
    WANT(instanter_format_rfc3339(0, 0, INSTANTER_UTC, 0, text, 20, &length), ROOM);
    WANT(instanter_format_rfc3339(0, 0, INSTANTER_UTC, 0, text, 0, NULL), ROOM);
    WANT(instanter_format_rfc3339(0, 0, INSTANTER_UTC, 0, NULL, 0, NULL), NUL);
    WANT(instanter_format_rfc3339(0, BILLION, INSTANTER_UTC, 0, text, 64, NULL), RANGE);
    WANT(instanter_format_rfc3339(0, 0, NO_ZONE, 0, text, 64, NULL), ZONE);
    WANT(instanter_format_rfc9557(0, 0, INSTANTER_UTC, INT32_MIN, text, 64, NULL), OK);
    WANT(strcmp(text, "1970-01-01T00:00:00+00:00[UTC]"), 0);
    WANT(instanter_format_rfc9557(0, 0, INSTANTER_UTC, INT32_MAX, text, 64, &length), OK);
    WANT(length, 40);
    WANT(instanter_format_rfc9557(0, 0, INSTANTER_UTC, 3, text, 10, &length), ROOM);
    WANT(instanter_format_rfc9557(0, 0, NO_ZONE, 3, text, 64, NULL), ZONE);
    WANT(instanter_format_rfc9557(0, BILLION, 0, 3, text, 64, NULL), RANGE);
    WANT(instanter_format_rfc9557(0, 0, 0, 3, NULL, 64, NULL), NUL);
    WANT(instanter_parse_rfc3339(rfc3339, strlen(rfc3339), &parsed), OK);
    WANT(parsed.seconds, 1719828000);
    WANT(parsed.offset_s, 7200);
    WANT(instanter_parse_rfc3339(NULL, 5, &parsed), NUL);
    WANT(instanter_parse_rfc3339(NULL, 0, &parsed), NUL);
    WANT(instanter_parse_rfc3339(rfc3339, strlen(rfc3339), NULL), NUL);
    WANT(instanter_parse_rfc3339(rfc3339, 0, &parsed), INSTANTER_STATUS_MALFORMED);
    WANT(instanter_parse_rfc3339(rfc3339, 9, &parsed), INSTANTER_STATUS_MALFORMED);
    WANT(strlen(instanter_last_error(&place)) > 0, 1);
    WANT(place, 9);
    WANT(instanter_last_error(NULL) != NULL, 1);
    WANT(instanter_parse_rfc3339(BAD, 2, &parsed), INSTANTER_STATUS_UTF8);
    WANT(instanter_parse_rfc3339(rfc3339, (size_t)-1, &parsed), RANGE);
    WANT(instanter_parse_rfc9557(rfc9557, strlen(rfc9557), &parsed), OK);
    WANT(instanter_zone_name(parsed.zone, text, sizeof text, NULL), OK);
    WANT(strcmp(text, "Europe/Berlin"), 0);
    WANT(instanter_parse_rfc9557(rfc3339, strlen(rfc3339), &parsed), INSTANTER_STATUS_MALFORMED);
    WANT(instanter_parse_rfc9557(NULL, 1, &parsed), NUL);
    WANT(instanter_parse_rfc9557(rfc9557, 1, NULL), NUL);
    parsed.size = 1;
    WANT(instanter_parse_rfc9557(rfc9557, strlen(rfc9557), &parsed), SIZE);
    parsed.size = sizeof parsed;

    WANT(instanter_pattern_new("%d %b %Y %H:%M", INSTANTER_DIALECT_STRFTIME, &pattern), OK);
    WANT(instanter_pattern_format(pattern, 0, 0, 0, text, sizeof text, &length), OK);
    WANT(strcmp(text, "01 Jan 1970 00:00"), 0);
    WANT(instanter_pattern_format(NULL, 0, 0, 0, text, sizeof text, &length), NUL);
    WANT(instanter_pattern_format(pattern, 0, 0, NO_ZONE, text, sizeof text, &length), ZONE);
    WANT(instanter_pattern_format(pattern, 0, BILLION, 0, text, sizeof text, &length), RANGE);
    WANT(instanter_pattern_format(pattern, 0, 0, 0, text, 17, &length), ROOM);
    WANT(instanter_pattern_format(pattern, 0, 0, 0, NULL, 17, &length), NUL);
    WANT(instanter_pattern_parse(pattern, text, 0, 0, 0, &parsed), INSTANTER_STATUS_MALFORMED);
    WANT(instanter_pattern_parse(pattern, "1 Jul 2024 12:00", 16, 0, 0, &parsed), OK);
    WANT(parsed.seconds, 1719835200);
    WANT(instanter_pattern_parse(pattern, "1 Jul 2024 12:00", 16, 0, 9, &parsed), ARGUMENT);
    WANT(instanter_pattern_parse(pattern, "1 Jul 2024 12:00", 16, NO_ZONE, 0, &parsed), ZONE);
    WANT(instanter_pattern_parse(pattern, "1 Jul 2024 12:00", 16, 0, 0, NULL), NUL);
    WANT(instanter_pattern_parse(pattern, NULL, 16, 0, 0, &parsed), NUL);
    WANT(instanter_pattern_parse(NULL, "1", 1, 0, 0, &parsed), NUL);
    instanter_pattern_free(pattern);
    instanter_pattern_free(NULL);
    WANT(instanter_pattern_new("2 Jan 2006", INSTANTER_DIALECT_GO, &pattern), OK);
    instanter_pattern_free(pattern);
    WANT(instanter_pattern_new("%Q", INSTANTER_DIALECT_STRFTIME, &pattern),
         INSTANTER_STATUS_PATTERN);
    WANT(pattern == NULL, 1);
    WANT(instanter_pattern_new("%F", 2, &pattern), ARGUMENT);
    WANT(instanter_pattern_new(NULL, 0, &pattern), NUL);
    WANT(instanter_pattern_new("%F", 0, NULL), NUL);
    WANT(instanter_pattern_new(BAD, 0, &pattern), INSTANTER_STATUS_UTF8);
    WANT(instanter_strftime(0, 0, 0, "%255Y", text, sizeof text, &length), OK);
    WANT(length, 255);
    WANT(instanter_strftime(0, 0, 0, "", text, sizeof text, &length), OK);
    WANT(length, 0);
    WANT(instanter_strftime(0, 0, 0, "%255Y", text, 255, &length), ROOM);
    WANT(length, 255);
    WANT(instanter_strftime(0, 0, 0, "%255Y", NULL, 0, &length), OK);
    WANT(instanter_strftime(0, 0, 0, NULL, text, sizeof text, &length), NUL);
    WANT(instanter_strftime(0, 0, 0, "%!", text, sizeof text, NULL), INSTANTER_STATUS_PATTERN);
    WANT(instanter_strftime(0, 0, 0, "%F", NULL, 3, NULL), NUL);
    WANT(instanter_strptime("2024", 4, "%Y-%m", 0, 0, &parsed), INSTANTER_STATUS_MALFORMED);
    WANT(instanter_strptime("2024", 4, "%Y", 0, 0, &parsed), INSTANTER_STATUS_MISSING);
    WANT(instanter_strptime("0", 1, "%s", 0, 0, &parsed), OK);
    WANT(instanter_strptime("0", 1, "%!", 0, 0, &parsed), INSTANTER_STATUS_PATTERN);
    WANT(instanter_strptime(NULL, 1, "%s", 0, 0, &parsed), NUL);
    WANT(instanter_strptime("0", 1, NULL, 0, 0, &parsed), NUL);
    WANT(instanter_strptime("0", 1, "%s", 0, 0, NULL), NUL);

    WANT(instanter_duration_format(INT64_MIN, text, sizeof text, &length), OK);
    WANT(strcmp(text, "-2562047h47m16.854775808s"), 0);
    WANT(instanter_duration_format(0, text, 2, &length), ROOM);
    WANT(instanter_duration_format(0, NULL, 2, &length), NUL);
    WANT(instanter_duration_parse("1h15m", 5, &nanoseconds), OK);
    WANT(nanoseconds == 4500000000000, 1);
    WANT(instanter_duration_parse("1h15m", 4, &nanoseconds), INSTANTER_STATUS_MALFORMED);
    WANT(instanter_duration_parse(NULL, 4, &nanoseconds), NUL);
    WANT(instanter_duration_parse("1h", 2, NULL), NUL);
}

static void the_rest(void)
{
    instanter_stamp *stamp;
    char text[64];
    size_t length;
    int64_t late, spun;

    WANT(instanter_stamp_new(INSTANTER_UTC, 9, &stamp), OK);
    WANT(instanter_stamp_write(stamp, 0, 5, text, sizeof text, &length), OK);
    WANT(strcmp(text, "1970-01-01T00:00:00.000000005Z"), 0);
    WANT(instanter_stamp_write(stamp, 0, BILLION, text, sizeof text, &length), RANGE);
    WANT(instanter_stamp_write(stamp, 0, 0, text, 30, &length), ROOM);
    WANT(instanter_stamp_write(stamp, 0, 0, NULL, 30, &length), NUL);
    WANT(instanter_stamp_write(NULL, 0, 0, text, 30, &length), NUL);
    WANT(instanter_stamp_write(stamp, INT64_MIN, 0, text, sizeof text, &length), OK);
    WANT(instanter_stamp_now(stamp, text, sizeof text, &length), OK);
    WANT(instanter_stamp_now(stamp, text, 5, &length), ROOM);
    WANT(instanter_stamp_now(NULL, text, sizeof text, &length), NUL);
    WANT(instanter_stamp_now(stamp, NULL, 0, NULL), NUL);
    WANT(instanter_stamp_set_zone(stamp, NO_ZONE), ZONE);
    WANT(instanter_stamp_set_zone(stamp, INSTANTER_UTC), OK);
    WANT(instanter_stamp_set_zone(NULL, INSTANTER_UTC), NUL);
    instanter_stamp_free(stamp);
    instanter_stamp_free(NULL);
    WANT(instanter_stamp_new_local(0, &stamp), OK);
    WANT(instanter_stamp_now(stamp, text, sizeof text, &length), OK);
    instanter_stamp_free(stamp);
    WANT(instanter_stamp_new_local(0, NULL), NUL);
    WANT(instanter_stamp_new_local(-1, &stamp), RANGE);
    WANT(stamp == NULL, 1);
    WANT(instanter_stamp_new(INSTANTER_UTC, 10, &stamp), RANGE);
    WANT(stamp == NULL, 1);
    WANT(instanter_stamp_new(INSTANTER_UTC, -1, &stamp), RANGE);
    WANT(instanter_stamp_new(NO_ZONE, 0, &stamp), ZONE);
    WANT(instanter_stamp_new(INSTANTER_UTC, 0, NULL), NUL);

    WANT(instanter_sleep_until(0, 0, 0), OK);
    WANT(instanter_sleep_until(0, INT64_MIN, 0), OK);
    WANT(instanter_sleep_until(0, 0, BILLION), RANGE);
    WANT(instanter_sleep_until(4, 0, 0), INSTANTER_STATUS_UNSUPPORTED);
    WANT(instanter_sleep_precise(1000, &late, &spun), OK);
    WANT(late >= 0 && spun >= 0, 1);
    WANT(instanter_sleep_precise(1000, NULL, NULL), OK);
    WANT(instanter_sleep_precise(INT64_MIN, &late, NULL), OK);
    WANT(late, 0);
    WANT(instanter_sleep_precise_until(1, 0, 0, &late, NULL), OK);
    WANT(late > 0, 1);
    WANT(instanter_sleep_precise_until(1, INT64_MIN, 0, NULL, NULL), OK);
    WANT(instanter_sleep_precise_until(0, INT64_MIN, 999999999, NULL, NULL), OK);
    WANT(instanter_sleep_precise_until(5, 0, 0, &late, NULL), INSTANTER_STATUS_UNSUPPORTED);
    WANT(instanter_sleep_precise_until(1, 0, BILLION, &late, NULL), RANGE);

    WANT(instanter_abi_version(), INSTANTER_ABI_VERSION);
    WANT(strlen(instanter_version()) > 0, 1);
    WANT(strcmp(instanter_status_text(0), "done"), 0);
    WANT(strlen(instanter_status_text(INT32_MIN)) > 0, 1);
}

int main(void)
{
    clocks();
    zones();
    conversions();
    texts();
    the_rest();
    printf("%d differences\n", differences);
    return differences != 0;
}
