/*
 * instanter.h: the time of a Linux machine, from the counter in the CPU to the date on
 * the wall.
 *
 *     #include <instanter.h>
 *     #include <stdio.h>
 *
 *     int main(void)
 *     {
 *         instanter_time now;
 *         instanter_zone_t zone;
 *         char text[64];
 *         if (instanter_now(&now) == INSTANTER_STATUS_OK
 *             && instanter_zone_local(&zone) == INSTANTER_STATUS_OK
 *             && instanter_format_rfc3339(now.seconds, now.nanoseconds, zone, 3, text,
 *                                         sizeof text, NULL) == INSTANTER_STATUS_OK)
 *             puts(text);
 *         return 0;
 *     }
 *
 *     cc main.c $(pkg-config --cflags --libs instanter)
 *
 * For C99 and later, and C++11 and later.
 *
 * STATUS. Functions that can fail return an instanter_status: zero, or a negative number.
 * instanter_status_text says what it means; where a text was read that is wrong,
 * instanter_last_error has a message and the byte. Nothing else is written where a
 * function fails, but for what it says of itself. errno is not used.
 *
 * TIMES are seconds since 1970-01-01 00:00:00 UTC, in 64 bits, all of them, and
 * nanoseconds within the second, below 1000000000: more are INSTANTER_STATUS_RANGE.
 *
 * TEXTS that are read in whole (names, patterns, paths) end in NUL. Texts to be parsed are
 * given with their length, as they mostly are a part of something. All are UTF-8.
 *
 * BUFFERS. Functions that write a text take a buffer, its capacity, and a place for the
 * length of the text, without its NUL; that place may be NULL. A text that does not fit is
 * INSTANTER_STATUS_ROOM: the buffer holds an empty text then, and the length is that
 * of the whole. With a NULL buffer of capacity 0 it is the length that is asked for.
 *
 * SIZES. A structure that begins with `size` may get more members at its end. Set `size` to
 * its sizeof before each call; afterwards it is how many bytes the library knows, and
 * members beyond are as they were.
 *
 * NULL where something is needed is INSTANTER_STATUS_NULL. What is not NULL must be what
 * the declaration says.
 *
 * THREADS. Every function may be called by any thread at any time; but threads that share
 * an instanter_stamp take turns. Functions that say that they are async-signal-safe may be
 * called in a signal handler, and in the child of a program with threads between fork and
 * exec: they take no lock and allocate nothing. The others may be called in a child of fork
 * as far as the C library's malloc may: fork waits, a second at most, until no thread is in
 * the middle of a change. A child of vfork, _Fork or clone has not waited: only the former
 * are for it.
 */


#ifndef INSTANTER_H
#define INSTANTER_H

#include <stddef.h>
#include <stdint.h>

/**
 * The number of the interface that this header describes.
 *
 * It changes when a program that was compiled with an older header would not run with
 * the newer library; so does the number in the library's file name. Functions, members
 * at the end of structures with a size, and status codes may be added without.
 */
#define INSTANTER_ABI_VERSION 0

/**
 * In the flags of an instanter_time: both clocks are of one moment, from one reading of the
 * CPU's counter. Without it they were asked one after the other.
 */
#define INSTANTER_ONE_MOMENT 1

/**
 * What a call came to: zero, or what went wrong, which is negative.
 *
 * More may be added; instanter_status_text knows those of the library.
 */
enum instanter_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /** It was done. */
    INSTANTER_STATUS_OK = 0,
    /** A pointer is NULL that must not be. */
    INSTANTER_STATUS_NULL = -1,
    /** The `size` of a structure is none that it ever had: was it set? */
    INSTANTER_STATUS_SIZE = -2,
    /** A number is none of those that have a meaning there. */
    INSTANTER_STATUS_ARGUMENT = -3,
    /** A text is not UTF-8. */
    INSTANTER_STATUS_UTF8 = -4,
    /** A text does not fit into the buffer; its length is told. */
    INSTANTER_STATUS_ROOM = -5,
    /** A value, or the result, is outside the range that it may have. */
    INSTANTER_STATUS_RANGE = -6,
    /** A text is not in the form that was asked for. */
    INSTANTER_STATUS_MALFORMED = -7,
    /** A pattern is wrong. */
    INSTANTER_STATUS_PATTERN = -8,
    /** What a text tells contradicts itself. */
    INSTANTER_STATUS_CONFLICT = -9,
    /** A text does not tell what was asked for. */
    INSTANTER_STATUS_MISSING = -10,
    /** The zone skips the local time or has it twice, and the policy was to reject that. */
    INSTANTER_STATUS_REJECTED = -11,
    /** The number of a zone is none that this process was given. */
    INSTANTER_STATUS_ZONE = -12,
    /** There is no zone of that name. */
    INSTANTER_STATUS_NOT_FOUND = -13,
    /** No zone can have that name. */
    INSTANTER_STATUS_NAME = -14,
    /** A file cannot be read. */
    INSTANTER_STATUS_IO = -15,
    /** The file of a zone counts leap seconds, as Unix time does not. */
    INSTANTER_STATUS_LEAP = -16,
    /** There is no such clock here, or it cannot do this. */
    INSTANTER_STATUS_UNSUPPORTED = -17,
    /** A privilege is missing, or a sandbox forbids it. */
    INSTANTER_STATUS_DENIED = -18,
    /** Anything else. */
    INSTANTER_STATUS_OTHER = -19,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum instanter_status instanter_status;
#else
typedef int32_t instanter_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/** The links of the chain that serves clocks. */
enum instanter_link
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /** The kernel's time page, read without a call. */
    INSTANTER_LINK_PAGE = 1,
    /** The kernel's function in the vDSO. */
    INSTANTER_LINK_VDSO = 2,
    /** A system call. */
    INSTANTER_LINK_SYSCALL = 3,
    /**
     * On systems other than Linux, their own function. The chain cannot be made to start
     * there by this interface: it is what their pages do not serve.
     */
    INSTANTER_LINK_SYSTEM = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum instanter_link instanter_link;
#else
typedef int32_t instanter_link;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/** What to do with a local time that a zone skips or has twice. */
enum instanter_policy
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /** In a gap the later, in a fold the earlier: what most people mean. */
    INSTANTER_POLICY_COMPATIBLE = 0,
    /** The earlier of the two; in a gap, this is a local time before it. */
    INSTANTER_POLICY_EARLIER = 1,
    /** The later of the two; in a gap, this is a local time after it. */
    INSTANTER_POLICY_LATER = 2,
    /** Neither: INSTANTER_STATUS_REJECTED. */
    INSTANTER_POLICY_REJECT = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum instanter_policy instanter_policy;
#else
typedef int32_t instanter_policy;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/** How often a zone has a local time. */
enum instanter_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /** Once. */
    INSTANTER_KIND_ONCE = 0,
    /** Never: clocks were put forward over it. */
    INSTANTER_KIND_GAP = 1,
    /** Twice: clocks were put back over it. */
    INSTANTER_KIND_FOLD = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum instanter_kind instanter_kind;
#else
typedef int32_t instanter_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/** The languages of patterns. */
enum instanter_dialect
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /** That of strftime and strptime in the C locale: "%Y-%m-%d %H:%M:%S". */
    INSTANTER_DIALECT_STRFTIME = 0,
    /** That of Go: "2006-01-02 15:04:05". */
    INSTANTER_DIALECT_GO = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum instanter_dialect instanter_dialect;
#else
typedef int32_t instanter_dialect;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * A pattern that was compiled, by instanter_pattern_new. Any number of threads may use
 * one at the same time.
 */
typedef struct instanter_pattern instanter_pattern;

/**
 * A writer of timestamps, RFC 3339, which writes each time only what has changed since
 * the last. From instanter_stamp_new or instanter_stamp_new_local. Each thread has its
 * own, or they take turns.
 */
typedef struct instanter_stamp instanter_stamp;

/**
 * A moment on two clocks: the wall clock, which says what time it is, and the monotonic
 * clock, which says how long something took.
 */
typedef struct instanter_time {
    /** Wall clock: seconds since 1970-01-01 00:00:00 UTC. */
    int64_t seconds;
    /** Nanoseconds within the second, below 1000000000. */
    uint32_t nanoseconds;
    /** INSTANTER_ONE_MOMENT, or 0. More bits may come. */
    uint32_t flags;
    /** Monotonic clock: nanoseconds since boot, without suspended time. */
    int64_t monotonic_ns;
} instanter_time;

/** A reading of one clock. */
typedef struct instanter_timespec {
    /** Whole seconds since the clock's origin, rounded towards the past. */
    int64_t seconds;
    /** Nanoseconds within the second, below 1000000000. */
    uint32_t nanoseconds;
    /** Zero. */
    uint32_t reserved;
} instanter_timespec;

/** Seven clocks at one moment. */
typedef struct instanter_clocks {
    /** Set it to sizeof(instanter_clocks). */
    size_t size;
    /** CLOCK_REALTIME: the wall clock. */
    struct instanter_timespec realtime;
    /** CLOCK_MONOTONIC: since boot, without suspended time. */
    struct instanter_timespec monotonic;
    /** CLOCK_MONOTONIC_RAW: the same, never steered. */
    struct instanter_timespec monotonic_raw;
    /** CLOCK_BOOTTIME: since boot, suspended time included. */
    struct instanter_timespec boottime;
    /** CLOCK_TAI: International Atomic Time, where the kernel was told its offset. */
    struct instanter_timespec tai;
    /** CLOCK_REALTIME_COARSE: the wall clock at the last tick. */
    struct instanter_timespec realtime_coarse;
    /** CLOCK_MONOTONIC_COARSE: the monotonic clock at the last tick. */
    struct instanter_timespec monotonic_coarse;
    /**
     * The CPU's counter, of which all of them were computed, in ticks; 0 without
     * INSTANTER_ONE_MOMENT.
     */
    uint64_t counter;
    /** INSTANTER_ONE_MOMENT, or 0. More bits may come. */
    uint32_t flags;
    /** Zero. */
    uint32_t reserved;
} instanter_clocks;

/**
 * A time zone: a number, free to copy and to compare, and good for as long as the
 * process lives. There is nothing to free. A number that is no zone of this process gives
 * INSTANTER_STATUS_ZONE.
 */
typedef uint32_t instanter_zone_t;

/** A date and a time of day, in the Gregorian calendar of all years. */
typedef struct instanter_civil {
    /** The year, as it is: 2024, and 0 before the year 1. */
    int64_t year;
    /** Nanoseconds within the second, below 1000000000. */
    uint32_t nanosecond;
    /** Day of the year, 1 to 366. Not looked at where this is an argument. */
    uint16_t day_of_year;
    /** Month, 1 to 12. */
    uint8_t month;
    /** Day of the month, 1 to 31. */
    uint8_t day;
    /** Hour, 0 to 23. */
    uint8_t hour;
    /** Minute, 0 to 59. */
    uint8_t minute;
    /** Second, 0 to 59. */
    uint8_t second;
    /** Day of the week, 1 for Monday to 7 for Sunday. Not looked at where this is an argument. */
    uint8_t weekday;
    /** Zero. */
    uint32_t reserved;
} instanter_civil;

/** Arrays for the fields of dates and times, all of the same length. */
typedef struct instanter_columns {
    /** Set it to sizeof(instanter_columns). */
    size_t size;
    /** Years. */
    int64_t *year;
    /** Months, 1 to 12. */
    uint8_t *month;
    /** Days of the month, 1 to 31. */
    uint8_t *day;
    /** Hours, 0 to 23. */
    uint8_t *hour;
    /** Minutes, 0 to 59. */
    uint8_t *minute;
    /** Seconds, 0 to 59. */
    uint8_t *second;
} instanter_columns;

/** What the clocks of a zone show. */
typedef struct instanter_local {
    /** Set it to sizeof(instanter_local). */
    size_t size;
    /** Date and time. */
    struct instanter_civil civil;
    /** Seconds east of UTC. */
    int32_t offset_s;
    /** 1 if it is summer time, else 0. */
    int32_t is_dst;
    /** The abbreviation, as "CEST", with a NUL after it. The first 15 bytes of longer ones. */
    char abbreviation[16];
} instanter_local;

/** From when until when a zone's clocks are as they are. */
typedef struct instanter_interval {
    /** Set it to sizeof(instanter_interval). */
    size_t size;
    /** The first second of it, since 1970; INT64_MIN if it has none. */
    int64_t start;
    /** The first second after it, when clocks are changed; INT64_MAX if they never are. */
    int64_t end;
    /** Seconds east of UTC. */
    int32_t offset_s;
    /** 1 if it is summer time, else 0. */
    int32_t is_dst;
    /** The abbreviation, as in an instanter_local. */
    char abbreviation[16];
} instanter_interval;

/** The moments of a local time: the full answer. */
typedef struct instanter_resolved {
    /** Set it to sizeof(instanter_resolved). */
    size_t size;
    /** The moment that the policy chose, in seconds since 1970; 0 if it rejected both. */
    int64_t seconds;
    /** Its nanoseconds within the second. */
    uint32_t nanoseconds;
    /**
     * The offset by which it was computed, in seconds east of UTC: in a gap not the one
     * that clocks have then.
     */
    int32_t offset_s;
    /** The earlier of two moments, or the only one. */
    int64_t earlier;
    /** The later of two moments, or the only one. */
    int64_t later;
    /** When clocks were changed, if this is a gap or a fold; else 0. */
    int64_t change;
    /** Offset before the change, or the only one. */
    int32_t before_s;
    /** Offset after the change, or the only one. */
    int32_t after_s;
    /** An instanter_kind. */
    int32_t kind;
    /** Zero. */
    int32_t reserved;
} instanter_resolved;

/** A moment that was read from a text. */
typedef struct instanter_parsed {
    /** Set it to sizeof(instanter_parsed). */
    size_t size;
    /** Seconds since 1970-01-01 00:00:00 UTC. */
    int64_t seconds;
    /** Nanoseconds within the second, below 1000000000. */
    uint32_t nanoseconds;
    /** The zone that the text tells; where it tells an offset alone, the zone of that offset. */
    instanter_zone_t zone;
    /** The offset of that zone at that moment, in seconds east of UTC. */
    int32_t offset_s;
    /** Zero. */
    uint32_t reserved;
} instanter_parsed;

/** UTC. */
#define INSTANTER_UTC 0

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

extern int pthread_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void));

/**
 * Returns the message of the last error in this thread that has one; an empty text
 * before the first.
 *
 * Functions that read a text (a name, a pattern, a date) leave a message when they fail,
 * and only they: what others have to say is in their status. Success leaves the message
 * as it is. It lives until the next such failure in this thread, or the thread's end.
 *
 * `place`, unless NULL, gets the byte of the text at which it went wrong, or -1.
 *
 * Pointers: `place` is NULL or points to an int64_t.
 */
const char *instanter_last_error(int64_t *place);

/**
 * Returns what a status means, in English; never NULL, whatever the number. The text
 * lives as long as the library is loaded.
 *
 * Async-signal-safe.
 */
const char *instanter_status_text(int32_t status);

/**
 * Returns the number of the interface that the library has: INSTANTER_ABI_VERSION of
 * the header that it was built with.
 *
 * Async-signal-safe.
 */
uint32_t instanter_abi_version(void);

/**
 * Returns the library's version, as "0.1.0".
 *
 * Async-signal-safe.
 */
const char *instanter_version(void);

/**
 * Reads the wall clock and the monotonic clock at one moment, ordered between threads
 * as clock_gettime is: after an acquire load, neither reading is earlier than one that
 * another thread took and published before its release store.
 *
 * Fails with INSTANTER_STATUS_DENIED where no clock answers, which takes a sandbox that
 * forbids clock_gettime and a process without vDSO.
 *
 * Async-signal-safe.
 *
 * Pointers: `time` is NULL or points to an instanter_time.
 */
instanter_status instanter_now(struct instanter_time *time);

/**
 * Reads both clocks as instanter_now does, unordered with the instructions around it: a
 * third cheaper, and right for log stamps and for measuring within one thread.
 *
 * Async-signal-safe.
 *
 * Pointers: `time` is NULL or points to an instanter_time.
 */
instanter_status instanter_now_relaxed(struct instanter_time *time);

/**
 * Reads seven clocks at one moment.
 *
 * Async-signal-safe.
 *
 * Pointers: `clocks` is NULL or points to an instanter_clocks whose `size` is set.
 */
instanter_status instanter_snapshot(struct instanter_clocks *clocks);

/**
 * Reads any clock of the kernel: CLOCK_REALTIME and the others of time.h, and what
 * clock_getcpuclockid and pthread_getcpuclockid return. Ordered between threads.
 *
 * Async-signal-safe.
 *
 * Pointers: `time` is NULL or points to an instanter_timespec.
 */
instanter_status instanter_clock(int32_t clock_id, struct instanter_timespec *time);

/**
 * Tells which link of the chain serves a clock in this process now, and why no faster one
 * does: "page", or "vdso; not the page: pinned to vdso".
 *
 * `source` gets an instanter_link, unless it is NULL. The text goes to `buffer`, as in
 * all functions that write one. Looks around afresh, so it takes some microseconds.
 *
 * Async-signal-safe.
 *
 * Pointers: `source` is NULL or points to an int32_t; `buffer` is NULL or has `capacity` bytes;
 * `length` is NULL or points to a size_t.
 */
instanter_status instanter_source(int32_t clock_id,
                                  int32_t *source,
                                  char *buffer,
                                  size_t capacity,
                                  size_t *length);

/**
 * Returns a number that changes when time was disturbed: the wall clock was stepped, the
 * machine suspended, TAI's offset set, the kernel's clock source changed. Between two
 * equal numbers the clocks stand to each other as they did.
 *
 * Async-signal-safe.
 */
uint64_t instanter_epoch(void);

/**
 * Finds and proves the kernel's time page now, rather than at the first reading. For a
 * program that is about to enter a sandbox: the search makes a few system calls, the
 * readings that follow make none.
 *
 * Fails with INSTANTER_STATUS_DENIED where no clock answers.
 *
 * Async-signal-safe.
 */
instanter_status instanter_prepare(void);

/**
 * Makes the chain start at an instanter_link, for the whole process and whatever the
 * environment says: INSTANTER_LINK_VDSO for a program that will be checkpointed and
 * restored on another kernel. To be called before other threads read a clock.
 *
 * Async-signal-safe.
 */
instanter_status instanter_pin(int32_t source);

/**
 * Sleeps until a clock (CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME, …) shows a
 * time; resumed after signals, and never early. A time that has passed is over at once.
 *
 * Async-signal-safe.
 */
instanter_status instanter_sleep_until(int32_t clock_id, int64_t seconds, uint32_t nanoseconds);

/**
 * Sleeps for so many nanoseconds of the monotonic clock, and wakes up as exactly as the
 * machine can: the last part, mostly below 100 µs, is spun through on the CPU. Never early;
 * signals do not lengthen it; no length, or a negative one, is over at once.
 *
 * `late_ns` and `spun_ns`, unless NULL, get how much later it was than asked for, and how
 * much of it was spun through.
 *
 * Async-signal-safe.
 *
 * Pointers: `late_ns` and `spun_ns` are NULL or point to an int64_t.
 */
instanter_status instanter_sleep_precise(int64_t length_ns, int64_t *late_ns, int64_t *spun_ns);

/**
 * Sleeps as instanter_sleep_precise does, until a clock shows a time: CLOCK_MONOTONIC,
 * CLOCK_REALTIME or CLOCK_BOOTTIME. For what happens at a regular rate.
 *
 * Async-signal-safe.
 *
 * Pointers: As instanter_sleep_precise.
 */
instanter_status instanter_sleep_precise_until(int32_t clock_id,
                                               int64_t seconds,
                                               uint32_t nanoseconds,
                                               int64_t *late_ns,
                                               int64_t *spun_ns);

/**
 * Gives the zone of a name of the tz database, such as "America/New_York", in capital
 * or small letters: from TZDIR, the system's files, or the copy in the library. It is
 * read once; later calls return the same number.
 *
 * Pointers: `name` is NULL or ends in NUL; `zone` is NULL or points to an instanter_zone_t.
 */
instanter_status instanter_zone_by_name(const char *name, instanter_zone_t *zone);

/**
 * Makes a zone of the rules of a POSIX TZ string: "EST5EDT,M3.2.0,M11.1.0".
 *
 * Pointers: `rules` is NULL or ends in NUL; `zone` is NULL or points to an instanter_zone_t.
 */
instanter_status instanter_zone_posix(const char *rules, instanter_zone_t *zone);

/**
 * Makes a zone that is always so many seconds east of UTC, at most 604799 either way.
 *
 * Async-signal-safe.
 *
 * Pointers: `zone` is NULL or points to an instanter_zone_t.
 */
instanter_status instanter_zone_fixed(int32_t offset_s, instanter_zone_t *zone);

/**
 * Reads the zone of a TZif file.
 *
 * Pointers: `path` is NULL or ends in NUL; `zone` is NULL or points to an instanter_zone_t.
 */
instanter_status instanter_zone_path(const char *path, instanter_zone_t *zone);

/**
 * Gives the local zone: from the environment variable TZ, read at the first use, and
 * from /etc/localtime, whose changes are seen within a second. An atomic load, and a look
 * at the file when one is due. Always some zone: UTC for want of anything better, of which
 * instanter_zone_local_how tells.
 *
 * Any thread may call it at any time.
 *
 * Pointers: `zone` is NULL or points to an instanter_zone_t.
 */
instanter_status instanter_zone_local(instanter_zone_t *zone);

/**
 * Reads TZ and the file again, as tzset does, and gives the local zone.
 *
 * Pointers: `zone` is NULL or points to an instanter_zone_t; no other thread changes the
 * environment meanwhile.
 */
instanter_status instanter_zone_local_refresh(instanter_zone_t *zone);

/**
 * Tells how the local zone was found, and what went wrong if anything did: "TZ is not
 * set, file /usr/share/zoneinfo/Europe/Berlin".
 *
 * Pointers: `buffer` is NULL or has `capacity` bytes; `length` is NULL or points to a size_t.
 */
instanter_status instanter_zone_local_how(char *buffer, size_t capacity, size_t *length);

/**
 * Gives the name that a zone has in the tz database; an empty text if it has none.
 *
 * Async-signal-safe.
 *
 * Pointers: `buffer` is NULL or has `capacity` bytes; `length` is NULL or points to a size_t.
 */
instanter_status instanter_zone_name(instanter_zone_t zone,
                                     char *buffer,
                                     size_t capacity,
                                     size_t *length);

/**
 * Gives what a calendar and a clock `offset_s` seconds east of UTC show at a moment, in
 * seconds since 1970 and nanoseconds. Every number of seconds is valid.
 *
 * Async-signal-safe.
 *
 * Pointers: `civil` is NULL or points to an instanter_civil.
 */
instanter_status instanter_civil_from_unix(int64_t seconds,
                                           uint32_t nanoseconds,
                                           int32_t offset_s,
                                           struct instanter_civil *civil);

/**
 * Gives the moment at which a calendar and a clock `offset_s` seconds east of UTC show
 * a date and time, in seconds since 1970; nanoseconds are what they are in `civil`.
 *
 * Fails with INSTANTER_STATUS_RANGE for a date and time that do not exist, or a moment that
 * 64 bits do not hold.
 *
 * Async-signal-safe.
 *
 * Pointers: `civil` is NULL or points to an instanter_civil; `seconds` is NULL or points to an
 * int64_t.
 */
instanter_status instanter_civil_to_unix(const struct instanter_civil *civil,
                                         int32_t offset_s,
                                         int64_t *seconds);

/**
 * Splits `count` moments, in seconds since 1970, into the fields that a calendar and a
 * clock `offset_s` seconds east of UTC show.
 *
 * Async-signal-safe.
 *
 * Pointers: `seconds` is NULL or has `count` numbers; `columns` is NULL or points to an
 * instanter_columns whose `size` is set, and whose pointers are NULL or have room for
 * `count` numbers.
 */
instanter_status instanter_columns_split(const int64_t *seconds,
                                         size_t count,
                                         int32_t offset_s,
                                         const struct instanter_columns *columns);

/**
 * Joins the fields of `count` dates and times to seconds since 1970.
 *
 * Fails with INSTANTER_STATUS_RANGE if some are no date and time; then some of
 * `seconds` may have been written.
 *
 * Async-signal-safe.
 *
 * Pointers: As instanter_columns_split; and `seconds` is NULL or has room for `count` numbers.
 */
instanter_status instanter_columns_join(const struct instanter_columns *columns,
                                        size_t count,
                                        int32_t offset_s,
                                        int64_t *seconds);

/**
 * Gives what the clocks of a zone show at a moment, in seconds since 1970 and nanoseconds:
 * what localtime_r does, for any zone.
 *
 * Async-signal-safe.
 *
 * Pointers: `local` is NULL or points to an instanter_local whose `size` is set.
 */
instanter_status instanter_to_local(int64_t seconds,
                                    uint32_t nanoseconds,
                                    instanter_zone_t zone,
                                    struct instanter_local *local);

/**
 * Gives from when until when the clocks of a zone are as they are at a moment. What
 * comes next is what holds at its end: so all changes can be walked through.
 *
 * Async-signal-safe.
 *
 * Pointers: `interval` is NULL or points to an instanter_interval whose `size` is set.
 */
instanter_status instanter_zone_interval(int64_t seconds,
                                         instanter_zone_t zone,
                                         struct instanter_interval *interval);

/**
 * Gives the moment at which the clocks of a zone show a date and time: what mktime does,
 * for any zone, with the full answer where there is none or two. `policy` is an
 * instanter_policy.
 *
 * With INSTANTER_STATUS_REJECTED the answer is there, too, except for the moment.
 *
 * Async-signal-safe.
 *
 * Pointers: `civil` is NULL or points to an instanter_civil; `resolved` is NULL or points to an
 * instanter_resolved whose `size` is set.
 */
instanter_status instanter_from_local(const struct instanter_civil *civil,
                                      instanter_zone_t zone,
                                      int32_t policy,
                                      struct instanter_resolved *resolved);

/**
 * Writes a length of time, in nanoseconds, as Go does: "1h15m30.5s", "1.5ms", "0s". The
 * text has at most 32 bytes, its NUL included; it is UTF-8, as microseconds are "µs".
 *
 * Async-signal-safe.
 *
 * Pointers: `buffer` is NULL or has `capacity` bytes; `length` is NULL or points to a size_t.
 */
instanter_status instanter_duration_format(int64_t nanoseconds,
                                           char *buffer,
                                           size_t capacity,
                                           size_t *length);

/**
 * Reads a length of time as Go does, all of `length` bytes: numbers with a unit each
 * (ns, us, ms, s, m, h), in any order, a sign in front of them all.
 *
 * Pointers: `text` is NULL or has `length` bytes; `nanoseconds` is NULL or points to an int64_t.
 */
instanter_status instanter_duration_parse(const char *text, size_t length, int64_t *nanoseconds);

/**
 * Compiles a pattern. `dialect` is an instanter_dialect. What `pattern` gets is to be given
 * to instanter_pattern_free; it is NULL if this fails.
 *
 * Pointers: `text` is NULL or ends in NUL; `pattern` is NULL or points to a pointer.
 */
instanter_status instanter_pattern_new(const char *text,
                                       int32_t dialect,
                                       struct instanter_pattern **pattern);

/**
 * Frees a pattern. NULL is fine.
 *
 * Pointers: `pattern` is NULL or from instanter_pattern_new, and is not used afterwards.
 */
void instanter_pattern_free(struct instanter_pattern *pattern);

/**
 * Writes a moment, in seconds since 1970 and nanoseconds, as the clocks of a zone show it,
 * in the form of a pattern.
 *
 * Async-signal-safe.
 *
 * Pointers: `pattern` is NULL or from instanter_pattern_new; `buffer` is NULL or has `capacity`
 * bytes; `length` is NULL or points to a size_t.
 */
instanter_status instanter_pattern_format(const struct instanter_pattern *pattern,
                                          int64_t seconds,
                                          uint32_t nanoseconds,
                                          instanter_zone_t zone,
                                          char *buffer,
                                          size_t capacity,
                                          size_t *length);

/**
 * Writes a moment as instanter_pattern_format does, by a pattern of strftime that is
 * compiled each time: for one that is used once.
 *
 * Pointers: `pattern` is NULL or ends in NUL; the rest as instanter_pattern_format.
 */
instanter_status instanter_strftime(int64_t seconds,
                                    uint32_t nanoseconds,
                                    instanter_zone_t zone,
                                    const char *pattern,
                                    char *buffer,
                                    size_t capacity,
                                    size_t *length);

/**
 * Reads a text in the form of a pattern, all of `length` bytes.
 *
 * An offset or Unix seconds in the text tell the moment, and `zone` only where it is shown.
 * Without them the text is a local time of `zone`; one that the zone has twice is
 * decided by an abbreviation in the text, else by `policy`, an instanter_policy.
 *
 * Pointers: `pattern` is NULL or from instanter_pattern_new; `text` is NULL or has `length`
 * bytes; `parsed` is NULL or points to an instanter_parsed whose `size` is set.
 */
instanter_status instanter_pattern_parse(const struct instanter_pattern *pattern,
                                         const char *text,
                                         size_t length,
                                         instanter_zone_t zone,
                                         int32_t policy,
                                         struct instanter_parsed *parsed);

/**
 * Reads a text as instanter_pattern_parse does, by a pattern of strptime that is compiled
 * each time.
 *
 * Pointers: `pattern` is NULL or ends in NUL; the rest as instanter_pattern_parse.
 */
instanter_status instanter_strptime(const char *text,
                                    size_t length,
                                    const char *pattern,
                                    instanter_zone_t zone,
                                    int32_t policy,
                                    struct instanter_parsed *parsed);

/**
 * Makes a writer of timestamps in a zone, with 0 to 9 `digits` of the fraction. What
 * `stamp` gets is to be given to instanter_stamp_free; it is NULL if this fails.
 *
 * Pointers: `stamp` is NULL or points to a pointer.
 */
instanter_status instanter_stamp_new(instanter_zone_t zone,
                                     int32_t digits,
                                     struct instanter_stamp **stamp);

/**
 * Makes a writer of timestamps in the local zone, as instanter_stamp_new does in any. A
 * change of the local zone is seen by instanter_stamp_now, within a second.
 *
 * Pointers: `stamp` is NULL or points to a pointer.
 */
instanter_status instanter_stamp_new_local(int32_t digits, struct instanter_stamp **stamp);

/**
 * Frees a writer of timestamps. NULL is fine.
 *
 * Pointers: `stamp` is NULL or a writer of timestamps, and is not used afterwards.
 */
void instanter_stamp_free(struct instanter_stamp *stamp);

/**
 * Writes the timestamp of a moment, in seconds since 1970 and nanoseconds. The text has
 * at most 48 bytes, its NUL included.
 *
 * Pointers: `stamp` is NULL or a writer of timestamps, and no other thread uses it meanwhile;
 * `buffer` is NULL or has `capacity` bytes; `length` is NULL or points to a size_t.
 */
instanter_status instanter_stamp_write(struct instanter_stamp *stamp,
                                       int64_t seconds,
                                       uint32_t nanoseconds,
                                       char *buffer,
                                       size_t capacity,
                                       size_t *length);

/**
 * Reads the wall clock, as instanter_now_relaxed does, and writes its timestamp.
 *
 * Pointers: As instanter_stamp_write.
 */
instanter_status instanter_stamp_now(struct instanter_stamp *stamp,
                                     char *buffer,
                                     size_t capacity,
                                     size_t *length);

/**
 * Goes over to another zone.
 *
 * Pointers: `stamp` is NULL or a writer of timestamps, and no other thread uses it meanwhile.
 */
instanter_status instanter_stamp_set_zone(struct instanter_stamp *stamp, instanter_zone_t zone);

/**
 * Writes RFC 3339, "2024-07-01T12:00:00.5+02:00": a moment, in seconds since 1970 and
 * nanoseconds, as the clocks of a zone show it.
 *
 * `digits` of the fraction are written, the others cut off: 0 to 9, or below zero for as
 * many as needed. The text has at most 48 bytes, its NUL included.
 *
 * Async-signal-safe.
 *
 * Pointers: `buffer` is NULL or has `capacity` bytes; `length` is NULL or points to a size_t.
 */
instanter_status instanter_format_rfc3339(int64_t seconds,
                                          uint32_t nanoseconds,
                                          instanter_zone_t zone,
                                          int32_t digits,
                                          char *buffer,
                                          size_t capacity,
                                          size_t *length);

/**
 * Writes RFC 9557, "2024-07-01T12:00:00+02:00[Europe/Berlin]", as
 * instanter_format_rfc3339 does its part of it. A zone of rules without a name has
 * nothing to put into the brackets, and goes without them.
 *
 * Async-signal-safe.
 *
 * Pointers: As instanter_format_rfc3339.
 */
instanter_status instanter_format_rfc9557(int64_t seconds,
                                          uint32_t nanoseconds,
                                          instanter_zone_t zone,
                                          int32_t digits,
                                          char *buffer,
                                          size_t capacity,
                                          size_t *length);

/**
 * Reads RFC 3339, all of `length` bytes.
 *
 * Pointers: `text` is NULL or has `length` bytes; `parsed` is NULL or points to an
 * instanter_parsed whose `size` is set.
 */
instanter_status instanter_parse_rfc3339(const char *text,
                                         size_t length,
                                         struct instanter_parsed *parsed);

/**
 * Reads RFC 9557 with a zone in its brackets, all of `length` bytes. The offset, if
 * there is one, must be one that the zone has then.
 *
 * Pointers: As instanter_parse_rfc3339.
 */
instanter_status instanter_parse_rfc9557(const char *text,
                                         size_t length,
                                         struct instanter_parsed *parsed);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* INSTANTER_H */
