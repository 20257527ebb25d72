"""The shared library, as a language sees it that has no C compiler: by ctypes."""

import ctypes
import datetime
import sys
from ctypes import byref, c_char, c_char_p, c_int32, c_int64, c_size_t, c_uint8, c_uint16, c_uint32

library = ctypes.CDLL(sys.argv[1])
library.instanter_status_text.restype = c_char_p
library.instanter_last_error.restype = c_char_p
library.instanter_version.restype = c_char_p


class Time(ctypes.Structure):
    _fields_ = [
        ("seconds", c_int64),
        ("nanoseconds", c_uint32),
        ("flags", c_uint32),
        ("monotonic_ns", c_int64),
    ]


class Civil(ctypes.Structure):
    _fields_ = [
        ("year", c_int64),
        ("nanosecond", c_uint32),
        ("day_of_year", c_uint16),
        ("month", c_uint8),
        ("day", c_uint8),
        ("hour", c_uint8),
        ("minute", c_uint8),
        ("second", c_uint8),
        ("weekday", c_uint8),
        ("reserved", c_uint32),
    ]


class Local(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("civil", Civil),
        ("offset_s", c_int32),
        ("is_dst", c_int32),
        ("abbreviation", c_char * 16),
    ]


class Parsed(ctypes.Structure):
    _fields_ = [
        ("size", c_size_t),
        ("seconds", c_int64),
        ("nanoseconds", c_uint32),
        ("zone", c_uint32),
        ("offset_s", c_int32),
        ("reserved", c_uint32),
    ]


def call(name, *arguments):
    status = getattr(library, name)(*arguments)
    assert status == 0, (name, status, library.instanter_status_text(status))


def text(name, *arguments):
    buffer = ctypes.create_string_buffer(128)
    call(name, *arguments, buffer, c_size_t(128), None)
    return buffer.value.decode()


before = datetime.datetime.now(datetime.timezone.utc).timestamp()
now = Time()
call("instanter_now", byref(now))
after = datetime.datetime.now(datetime.timezone.utc).timestamp()
assert before - 1e-5 <= now.seconds + now.nanoseconds / 1e9 <= after + 1e-5, (before, after)

tokyo = c_uint32()
call("instanter_zone_by_name", b"Asia/Tokyo", byref(tokyo))
assert text("instanter_zone_name", tokyo) == "Asia/Tokyo"

fixed = datetime.timezone(datetime.timedelta(hours=9))
for seconds in range(0, 4_000_000_000, 77_777_777):
    local = Local(size=ctypes.sizeof(Local))
    call("instanter_to_local", c_int64(seconds), c_uint32(5), tokyo, byref(local))
    civil, want = local.civil, datetime.datetime.fromtimestamp(seconds, fixed)
    got = (civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second)
    assert got == want.timetuple()[:6], (seconds, got, want)
    assert (civil.nanosecond, civil.weekday) == (5, want.isoweekday()), seconds
    assert (local.offset_s, local.abbreviation) == (32_400, b"JST"), seconds
    shown = text("instanter_format_rfc3339", c_int64(seconds), c_uint32(0), tokyo, c_int32(-1))
    assert shown == want.isoformat(), (shown, want.isoformat())
    parsed = Parsed(size=ctypes.sizeof(Parsed))
    call("instanter_parse_rfc3339", shown.encode(), c_size_t(len(shown)), byref(parsed))
    assert (parsed.seconds, parsed.offset_s) == (seconds, 32_400), shown

place = c_int64()
parsed = Parsed(size=ctypes.sizeof(Parsed))
assert library.instanter_parse_rfc3339(b"2024-13-01", c_size_t(10), byref(parsed)) == -7
assert b"month" in library.instanter_last_error(byref(place)) and place.value == 5

wrong = Local(size=3)
assert library.instanter_to_local(c_int64(0), c_uint32(0), tokyo, byref(wrong)) == -2
print("agrees", library.instanter_version().decode())
