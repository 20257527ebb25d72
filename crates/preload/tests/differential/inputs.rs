//! What the functions are called with.

/// Numbers without a pattern, the same each time (Marsaglia's xorshift).
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Numbers {
        Numbers(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub fn within(&mut self, start: i64, end: i64) -> i64 {
        start + self.below((end - start) as u64) as i64
    }

    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len() as u64) as usize]
    }

    /// Seconds: mostly of our time, some of all of history, some wild.
    pub fn second(&mut self) -> i64 {
        match self.below(20) {
            0..=9 => self.within(-2_500_000_000, 4_500_000_000),
            10..=13 => self.within(1_400_000_000, 2_200_000_000),
            14 | 15 => self.within(-70_000_000_000, 270_000_000_000),
            16 => self.within(-70_000_000_000_000_000, 70_000_000_000_000_000),
            17 => self.next() as i64,
            18 => self.next() as i64 >> self.below(63),
            _ => {
                let edge = *self.one_of(&EDGES);
                edge.saturating_add(self.within(-100_000, 100_000))
            }
        }
    }

    /// A field: mostly within its range, sometimes outside, sometimes wild.
    pub fn field(&mut self, end: i32) -> i32 {
        match self.below(24) {
            0 => self.next() as i32,
            1 => self.next() as i32 >> self.below(31),
            2 => *self.one_of(&[i32::MIN, i32::MIN + 1, -1, 0, 1, i32::MAX - 1, i32::MAX]),
            3 | 4 => self.within(i64::from(-end), i64::from(2 * end)) as i32,
            _ => self.within(0, i64::from(end)) as i32,
        }
    }
}

/// Where something ends.
pub const EDGES: [i64; 14] = [
    i64::MIN,
    i64::MAX,
    i32::MIN as i64,
    i32::MAX as i64,
    0,
    // The years 0, 1, 1900, 2100, 9999 and 10000.
    -62_167_219_200,
    -62_135_596_800,
    -2_208_988_800,
    4_102_444_800,
    253_370_764_800,
    253_402_300_800,
    // The last second of the last year that fits into an int, and the first of the first.
    67_768_036_191_676_799,
    -67_768_040_609_740_800,
    // Around 5,881,580: where glibc's days of a year no longer fit.
    185_542_587_187_200,
];

/// A value of `TZ`.
#[derive(Clone, Debug)]
pub struct Tz {
    pub value: Option<String>,
    /// Whether it leads to a file. Of these glibc sets `tzname` at each conversion.
    pub is_file: bool,
}

/// Whether all is to be tried.
pub fn all() -> bool {
    std::env::var_os("INSTANTER_TEST_ALL").is_some_and(|value| value == "1")
}

/// Returns values of `TZ` of every kind.
pub fn zones() -> Vec<Tz> {
    let file = |value: &str| Tz { value: Some(value.to_owned()), is_file: true };
    let text = |value: &str| Tz { value: Some(value.to_owned()), is_file: false };
    let mut zones = vec![
        Tz { value: None, is_file: true },
        file("Europe/Berlin"),
        file("America/New_York"),
        file(":Asia/Kolkata"),
        file("/usr/share/zoneinfo/Australia/Lord_Howe"),
        file("posix/Europe/Dublin"),
        file("right/Europe/Paris"),
        file("right/UTC"),
        file("Africa/Casablanca"),
        file("America/Scoresbysund"),
        file("Antarctica/Troll"),
        file("../zoneinfo/Asia/Tokyo"),
        file("EST5EDT"),
        file("UTC"),
        file(""),
        file(":/etc/localtime"),
    ];
    // Not every system installs these.
    zones.retain(|tz| {
        let name = tz.value.as_deref().unwrap_or_default();
        let there = !["posix/", "right/"].iter().any(|folder| name.starts_with(folder))
            || std::path::Path::new("/usr/share/zoneinfo").join(name).exists();
        if !there {
            use std::io::Write;
            let _ = writeln!(std::io::stderr(), "skipped TZ={name}: there is no such file");
        }
        there
    });
    zones.extend(
        [
            "EST5",
            "EST+5EDT,M3.2.0,M11.1.0",
            ":CET-1CEST,M3.5.0,M10.5.0/3",
            "AEST-10AEDT,M10.1.0,M4.1.0/3",
            "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
            "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
            "EET-2EEST,M3.4.4/50,M10.4.4/50",
            "XXX3YYY,J60,300/1",
            "IST-1GMT0,M10.5.0,M3.5.0/1",
            "CET-1CEST",
            "EST5EDT,garbage",
            "EST5EDT,M3.2.0",
            "XXX3YYY,J1/0,J365/23",
            "XXX3EDT4,0/0,J365/23",
            "ABC25",
            "ABC-24:59:59",
            "ABC",
            ":",
            "Mars/Phobos",
            "Europe/Nowhere",
            "ab",
            "<+03>",
            "<>3",
            "UTC+3",
            "NoSuch9",
            "Europe",
            "öüä",
            "Foo-",
            "AAA+BBB",
            "AAA1BBB,",
            "AAA1BBB2,J1/0,J2/0",
        ]
        .map(text),
    );
    zones.extend(installed().map(|name| file(&name)));
    zones
}

/// Every tenth installed zone, or all.
fn installed() -> impl Iterator<Item = String> {
    let table = std::fs::read_to_string("/usr/share/zoneinfo/tzdata.zi").unwrap_or_default();
    let mut names: Vec<String> = table
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            match words.next()? {
                "Z" => Some(words.next()?.to_owned()),
                "L" => Some(words.nth(1)?.to_owned()),
                _ => None,
            }
        })
        .filter(|name| std::fs::exists(format!("/usr/share/zoneinfo/{name}")).unwrap_or(false))
        .collect();
    names.sort();
    names.into_iter().step_by(if all() { 1 } else { 10 })
}
