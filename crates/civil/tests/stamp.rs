//! Stamps against the plain formatter, over walks that go where it hurts.

mod moments;

use instanter_civil::stamp::{OffsetInterval, Stamp};
use instanter_civil::text::rfc3339::Rfc3339;
use instanter_civil::{DateTime, Offset};
use moments::Random;

/// Offsets of a zone that changes at odd moments, in the middle of minutes, too.
fn offset_at(second: i64) -> OffsetInterval {
    let edges = [i64::MIN, -2_000_000_017, -61, 0, 59, 60, 951_868_799, 1_711_846_800, i64::MAX];
    let offsets = [1_172, 3_600, -3_661, 0, 7_200, -43_200, 50_400, 604_799];
    let index = edges[1..8].iter().filter(|&&edge| edge <= second).count();
    OffsetInterval {
        offset: Offset::from_seconds(offsets[index]).unwrap(),
        from: edges[index],
        until: edges[index + 1],
    }
}

fn plain(seconds: i64, nanoseconds: u32, digits: u8) -> String {
    let offset = offset_at(seconds).offset;
    let local = DateTime::from_unix(seconds, nanoseconds, offset);
    Rfc3339::new().digits(digits).text(local, offset).to_string()
}

#[test]
fn every_walk_gives_what_the_plain_formatter_gives() {
    let starts = [
        0,
        -61,
        59,
        951_868_799,
        951_782_400,
        1_711_846_800,
        1_735_689_599,
        -2_000_000_017,
        253_402_300_799,
        -62_167_219_200,
        i64::MIN,
        i64::MAX,
        4_107_542_399,
    ];
    let mut random = Random(40);
    for digits in 0..=10u8 {
        let mut stamp = Stamp::new(digits, offset_at);
        for start in starts {
            let mut seconds: i64 = start;
            for _ in 0..400 {
                let nanoseconds = match random.below(20) {
                    0 => random.next() as u32,
                    1 => 999_999_999,
                    _ => random.below(1_000_000_000) as u32,
                };
                let got = stamp.write(seconds, nanoseconds);
                assert_eq!(
                    str::from_utf8(got).unwrap(),
                    plain(seconds, nanoseconds, digits.min(9))
                );
                // Mostly the same second or the next; also back, and far away.
                seconds = match random.below(30) {
                    0 => start,
                    1 => start.saturating_add(random.within(-90_000, 90_000)),
                    2..5 => seconds.saturating_add(random.within(-70, 70)),
                    5..15 => seconds.saturating_add(1),
                    15..18 => seconds.saturating_sub(1),
                    _ => seconds,
                };
            }
        }
    }
}

#[test]
fn the_offset_is_asked_for_once_an_interval() {
    let mut asked = 0;
    let mut stamp = Stamp::new(0, |second| {
        asked += 1;
        offset_at(second)
    });
    for second in 100..100_000 {
        stamp.write(second, 0);
    }
    assert_eq!(asked, 1);
}

#[test]
fn a_wrong_interval_does_no_harm() {
    let wrong = |second| OffsetInterval { from: second + 1, until: second, ..offset_at(second) };
    let mut stamp = Stamp::new(9, wrong);
    for second in -100..100 {
        assert_eq!(stamp.write(second, 5), plain(second, 5, 9).as_bytes());
    }
}
