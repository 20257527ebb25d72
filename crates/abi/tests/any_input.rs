//! No input panics: random arguments, and texts put together of pieces of good ones, to
//! every function. A panic would abort this program, as it would a C program.

use std::ffi::{CString, c_char};
use std::ptr::null_mut;

use instanter_c::*;

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Numbers of every size, and often those at which something ends.
    fn number(&mut self) -> i64 {
        const ENDS: [i64; 12] = [
            i64::MIN,
            i64::MAX,
            i32::MIN as i64,
            i32::MAX as i64,
            u32::MAX as i64,
            1 << 31,
            0,
            -1,
            604_799,
            -604_800,
            253_402_300_799,
            -62_167_219_200,
        ];
        let near = self.below(5) as i64 - 2;
        match self.below(4) {
            0 => ENDS[self.below(ENDS.len() as u64) as usize].wrapping_add(near),
            1 => self.below(4_000_000_000) as i64,
            2 => near,
            _ => (self.next() as i64) >> self.below(64),
        }
    }

    fn nanoseconds(&mut self) -> u32 {
        [0, 999_999_999, 1_000_000_000, u32::MAX, self.next() as u32 % 1_000_000_000]
            [self.below(5) as usize]
    }

    fn text(&mut self) -> Vec<u8> {
        const PIECES: [&[u8]; 32] = [
            b"2024-02-29",
            b"T",
            b"12:34:56",
            b".5",
            b"Z",
            b"+01:00",
            b"[Europe/Berlin]",
            b"[u-ca=gregory]",
            b"%Y-%m-%d",
            b"%H:%M:%S",
            b"%Z",
            b"%s",
            b"%",
            b"%255",
            b"%^E",
            b"2006",
            b"Jan _2",
            b"15:04",
            b"1h30m",
            b"-1.5s",
            b"99999999999999999999",
            b"EST5EDT",
            b",M3.2.0,M11.1.0",
            b"<+03>-3",
            b"America/New_York",
            b"../",
            b"/etc/passwd",
            b"\xff",
            "µ".as_bytes(),
            b" ",
            b"-",
            b"0",
        ];
        let count = self.below(6);
        let mut text: Vec<u8> =
            (0..count).flat_map(|_| PIECES[self.below(32) as usize]).copied().collect();
        if !text.is_empty() && self.below(3) == 0 {
            let at = self.below(text.len() as u64) as usize;
            text[at] = self.next() as u8;
        }
        text
    }

    fn c_text(&mut self) -> CString {
        let mut text = self.text();
        text.retain(|byte| *byte != 0);
        CString::new(text).unwrap()
    }

    /// A handle that may be none.
    fn zone(&mut self, known: &[u32]) -> u32 {
        match self.below(3) {
            0 => self.number() as u32,
            _ => known[self.below(known.len() as u64) as usize],
        }
    }
}

/// A buffer between two guards.
struct Buffer {
    bytes: [u8; 320],
    capacity: usize,
    length: usize,
}

const GUARD: usize = 16;

impl Buffer {
    fn new(random: &mut Random) -> Buffer {
        let capacity = [0, 1, 2, 20, 31, 64, 280][random.below(7) as usize];
        Buffer { bytes: [0xa5; 320], capacity, length: usize::MAX }
    }

    fn pointer(&mut self) -> *mut c_char {
        self.bytes[GUARD..].as_mut_ptr().cast()
    }

    fn check(&self, status: Status, what: &str) {
        let end = GUARD + self.capacity;
        let guards = self.bytes[..GUARD].iter().chain(&self.bytes[end..]);
        assert!(guards.copied().all(|byte| byte == 0xa5), "{what} wrote beyond its buffer");
        match status {
            Status::Ok => {
                assert!(self.length < self.capacity, "{what}: {} bytes", self.length);
                let text = &self.bytes[GUARD..GUARD + self.length];
                assert!(!text.contains(&0), "{what}: {text:?}");
                assert_eq!(self.bytes[GUARD + self.length], 0, "{what} has no NUL at its end");
                assert!(str::from_utf8(text).is_ok(), "{what}: {text:?}");
            }
            Status::Room => assert!(self.length >= self.capacity, "{what}: {}", self.length),
            _ => {}
        }
    }
}

fn known_zones() -> Vec<u32> {
    let mut known = vec![INSTANTER_UTC];
    for name in [c"Europe/Berlin", c"America/New_York", c"Australia/Lord_Howe", c"Africa/Monrovia"]
    {
        let mut zone = 0;
        // SAFETY: a text that ends in NUL, and a place.
        if unsafe { instanter_zone_by_name(name.as_ptr(), &mut zone) } == Status::Ok {
            known.push(zone);
        }
    }
    known
}

/// Texts that functions write.
#[test]
fn out() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let known = known_zones();
    let mut stamp = null_mut();
    // SAFETY: a place for a pointer.
    assert_eq!(unsafe { instanter_stamp_new(known[1], 6, &mut stamp) }, Status::Ok);
    let mut done = [0; 2];
    for _ in 0..60_000 {
        let (s, ns) = (random.number(), random.nanoseconds());
        let (zone, digits) = (random.zone(&known), random.number() as i32);
        let pattern = random.c_text();
        let mut buffer = Buffer::new(&mut random);
        let (to, capacity) = (buffer.pointer(), buffer.capacity);
        let length = &raw mut buffer.length;
        // SAFETY: texts that end in NUL, a buffer of at least `capacity` bytes, a stamp
        // that lives.
        let (what, status) = unsafe {
            match random.below(8) {
                0 => {
                    ("rfc3339", instanter_format_rfc3339(s, ns, zone, digits, to, capacity, length))
                }
                1 => {
                    ("rfc9557", instanter_format_rfc9557(s, ns, zone, digits, to, capacity, length))
                }
                2 => ("duration", instanter_duration_format(s, to, capacity, length)),
                3 => ("stamp", instanter_stamp_write(stamp, s, ns, to, capacity, length)),
                4 => {
                    let _ = instanter_stamp_set_zone(stamp, zone);
                    ("stamp of now", instanter_stamp_now(stamp, to, capacity, length))
                }
                5 => ("name", instanter_zone_name(zone, to, capacity, length)),
                6 => {
                    let mut compiled = null_mut();
                    let dialect = random.below(3) as i32;
                    let made = instanter_pattern_new(pattern.as_ptr(), dialect, &mut compiled);
                    let status = match made {
                        Status::Ok => {
                            instanter_pattern_format(compiled, s, ns, zone, to, capacity, length)
                        }
                        other => other,
                    };
                    instanter_pattern_free(compiled);
                    ("pattern", status)
                }
                _ => {
                    let pattern = pattern.as_ptr();
                    ("strftime", instanter_strftime(s, ns, zone, pattern, to, capacity, length))
                }
            }
        };
        buffer.check(status, what);
        done[usize::from(status == Status::Ok)] += 1;
    }
    // SAFETY: from `instanter_stamp_new`.
    unsafe { instanter_stamp_free(stamp) };
    assert!(done[0] > 1_000 && done[1] > 1_000, "{done:?}");
}

/// Texts that functions read.
#[test]
fn read() {
    let mut random = Random(0xd1b5_4a32_d192_ed03);
    let known = known_zones();
    let mut done = [0; 2];
    for _ in 0..60_000 {
        let (text, pattern) = (random.text(), random.c_text());
        let (at, length) = (text.as_ptr().cast::<c_char>(), text.len());
        let (zone, policy) = (random.zone(&known), random.below(6) as i32 - 1);
        let mut parsed = Parsed {
            size: size_of::<Parsed>(),
            seconds: 0,
            nanoseconds: 0,
            zone: 0,
            offset_s: 0,
            reserved: 0,
        };
        let (mut handle, mut nanoseconds) = (0, 0);
        let mut compiled = null_mut();
        // SAFETY: texts that end in NUL, or have so many bytes; places for what is read.
        let status = unsafe {
            match random.below(9) {
                0 => instanter_parse_rfc3339(at, length, &mut parsed),
                1 => instanter_parse_rfc9557(at, length, &mut parsed),
                2 => instanter_duration_parse(at, length, &mut nanoseconds),
                3 => instanter_strptime(at, length, pattern.as_ptr(), zone, policy, &mut parsed),
                4 => instanter_zone_posix(pattern.as_ptr(), &mut handle),
                5 => instanter_zone_by_name(pattern.as_ptr(), &mut handle),
                6 => instanter_zone_path(pattern.as_ptr(), &mut handle),
                7 => instanter_zone_fixed(random.number() as i32, &mut handle),
                _ => {
                    let dialect = random.below(2) as i32;
                    let made = instanter_pattern_new(pattern.as_ptr(), dialect, &mut compiled);
                    let status = match made {
                        Status::Ok => {
                            instanter_pattern_parse(compiled, at, length, zone, policy, &mut parsed)
                        }
                        other => other,
                    };
                    instanter_pattern_free(compiled);
                    status
                }
            }
        };
        assert!(parsed.nanoseconds < 1_000_000_000, "{parsed:?}");
        done[usize::from(status == Status::Ok)] += 1;
    }
    assert!(done[0] > 1_000 && done[1] > 1_000, "{done:?}");
}

/// Conversions, there and back.
#[test]
fn conversions() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let known = known_zones();
    let mut backs = 0;
    for _ in 0..200_000 {
        let (s, ns) = (random.number(), random.nanoseconds());
        let (zone, offset_s) = (random.zone(&known), random.number() as i32);
        let mut local = Local {
            size: size_of::<Local>(),
            civil: Civil::default(),
            offset_s: 0,
            is_dst: 0,
            abbreviation: [0; 16],
        };
        let mut resolved = Resolved {
            size: size_of::<Resolved>(),
            seconds: 0,
            nanoseconds: 0,
            offset_s: 0,
            earlier: 0,
            later: 0,
            change: 0,
            before_s: 0,
            after_s: 0,
            kind: 0,
            reserved: 0,
        };
        let mut interval = Interval {
            size: size_of::<Interval>(),
            start: 0,
            end: 0,
            offset_s: 0,
            is_dst: 0,
            abbreviation: [0; 16],
        };
        let (mut civil, mut back) = (Civil::default(), 0);
        // SAFETY: places for what is told.
        unsafe {
            if instanter_civil_from_unix(s, ns, offset_s, &mut civil) == Status::Ok {
                assert_eq!(instanter_civil_to_unix(&civil, offset_s, &mut back), Status::Ok, "{s}");
                assert_eq!(back, s, "{civil:?}");
            }
            let _ = instanter_zone_interval(s, zone, &mut interval);
            if instanter_to_local(s, ns, zone, &mut local) == Status::Ok {
                assert!(interval.start <= s && (s < interval.end || interval.end == i64::MAX));
                let policy = random.below(3) as i32;
                let status = instanter_from_local(&local.civil, zone, policy, &mut resolved);
                if status == Status::Ok {
                    assert!(resolved.earlier == s || resolved.later == s, "{s}: {resolved:?}");
                    assert_eq!(resolved.nanoseconds, ns);
                    backs += 1;
                }
            }
            let wild = Civil {
                year: random.number(),
                nanosecond: random.nanoseconds(),
                day_of_year: random.next() as u16,
                month: random.below(14) as u8,
                day: random.below(33) as u8,
                hour: random.below(25) as u8,
                minute: random.below(61) as u8,
                second: random.below(61) as u8,
                weekday: random.next() as u8,
                reserved: random.next() as u32,
            };
            let policy = random.below(6) as i32 - 1;
            let _ = instanter_from_local(&wild, zone, policy, &mut resolved);
            let _ = instanter_civil_to_unix(&wild, offset_s, &mut back);
        }
    }
    assert!(backs > 20_000, "{backs}");
}

/// Columns of lengths around the block's, at places that are not aligned.
#[test]
fn columns() {
    let mut random = Random(0x1234_5678_9abc_def1);
    for count in [0, 1, 2, 127, 128, 129, 255, 256, 257, 1_000] {
        let seconds: Vec<i64> = (0..count)
            .map(|_| if count % 2 == 0 { random.below(1 << 40) as i64 } else { random.number() })
            .collect();
        let mut year = vec![0u8; count * 8 + 8];
        let mut columns = Columns {
            size: size_of::<Columns>(),
            // One byte off.
            year: year.as_mut_ptr().wrapping_add(1).cast(),
            month: null_mut(),
            day: null_mut(),
            hour: null_mut(),
            minute: null_mut(),
            second: null_mut(),
        };
        let mut fields: Vec<Vec<u8>> = (0..5).map(|_| vec![0; count.max(1)]).collect();
        let places: Vec<*mut u8> = fields.iter_mut().map(Vec::as_mut_ptr).collect();
        (columns.month, columns.day) = (places[0], places[1]);
        (columns.hour, columns.minute, columns.second) = (places[2], places[3], places[4]);
        let mut back = vec![0; count.max(1)];
        // SAFETY: every column has room for `count` numbers.
        unsafe {
            let status = instanter_columns_split(seconds.as_ptr(), count, 3_600, &columns);
            assert_eq!(status, Status::Ok, "{count}");
            let status = instanter_columns_join(&columns, count, 3_600, back.as_mut_ptr());
            assert_eq!(status, Status::Ok, "{count}");
        }
        assert_eq!(&back[..count], seconds, "{count}");
        for (index, &second) in seconds.iter().enumerate() {
            let mut civil = Civil::default();
            // SAFETY: a place.
            let _ = unsafe { instanter_civil_from_unix(second, 0, 3_600, &mut civil) };
            let got = (fields[0][index], fields[1][index], fields[2][index], fields[3][index]);
            assert_eq!(got, (civil.month, civil.day, civil.hour, civil.minute), "{second}");
            assert_eq!(fields[4][index], civil.second, "{second}");
        }
        // All columns in one place: nonsense, but no harm.
        (columns.day, columns.hour) = (columns.month, columns.month);
        // SAFETY: as above.
        let _ = unsafe { instanter_columns_split(seconds.as_ptr(), count, 0, &columns) };
    }
}
