//! Columns against one value at a time.

mod moments;

use instanter_civil::bulk::{self, Columns};
use instanter_civil::{DateTime, Offset};
use moments::Random;

#[derive(Default)]
struct Owned {
    year: Vec<i64>,
    bytes: [Vec<u8>; 5],
}

impl Owned {
    fn new(length: usize) -> Owned {
        Owned { year: vec![0; length], bytes: std::array::from_fn(|_| vec![0; length]) }
    }

    fn columns(&mut self) -> Columns<'_> {
        let [month, day, hour, minute, second] = &mut self.bytes;
        Columns { year: &mut self.year, month, day, hour, minute, second }
    }
}

#[test]
fn the_same_as_one_by_one_and_back() {
    let mut random = Random(50);
    for round in 0..120 {
        let length = [0, 1, 7, 255, 256, 257, 1000][round % 7];
        let offset = Offset::from_seconds(random.within(-604_799, 604_799) as i32).unwrap();
        let seconds: Vec<i64> = (0..length)
            .map(|_| match round % 3 {
                0 => random.within(-62_167_219_200, 253_402_300_799),
                1 => random.any_size(),
                _ => random.within(0, 4_102_444_800),
            })
            .collect();
        let mut owned = Owned::new(length);
        bulk::split(&seconds, offset, &mut owned.columns()).unwrap();
        for (index, &second) in seconds.iter().enumerate() {
            let local = DateTime::from_unix(second, 0, offset);
            let (date, time) = (local.date(), local.time());
            assert_eq!(owned.year[index], date.year(), "{second}");
            let want = [date.month(), date.day(), time.hour(), time.minute(), time.second()];
            assert_eq!([0, 1, 2, 3, 4].map(|column| owned.bytes[column][index]), want, "{second}");
        }
        let mut back = vec![0; length];
        bulk::join(&owned.columns(), offset, &mut back).unwrap();
        assert_eq!(back, seconds);
    }
}

#[test]
fn each_wrong_field_is_an_error() {
    let good = (2023, [2, 28, 23, 59, 59]);
    let wrong = [
        (2023, [2, 29, 23, 59, 59]),
        (2023, [0, 28, 23, 59, 59]),
        (2023, [13, 28, 23, 59, 59]),
        (2023, [2, 0, 23, 59, 59]),
        (2023, [4, 31, 23, 59, 59]),
        (2023, [2, 28, 24, 59, 59]),
        (2023, [2, 28, 23, 60, 59]),
        (2023, [2, 28, 23, 59, 60]),
        (1900, [2, 29, 23, 59, 59]),
        (i64::MAX, [2, 28, 23, 59, 59]),
        (i64::MIN, [2, 28, 23, 59, 59]),
        (299_999_999_999, [2, 28, 23, 59, 59]),
    ];
    for (year, fields) in wrong {
        for place in [0, 255, 256, 299] {
            let mut owned = Owned::new(300);
            for index in 0..300 {
                let (year, fields) = if index == place { (year, fields) } else { good };
                owned.year[index] = year;
                for (column, field) in owned.bytes.iter_mut().zip(fields) {
                    column[index] = field;
                }
            }
            let result = bulk::join(&owned.columns(), Offset::UTC, &mut [0; 300]);
            assert!(result.unwrap_err().is_out_of_range(), "{year} {fields:?} at {place}");
        }
    }
    let mut owned = Owned::new(3);
    owned.bytes[4].pop();
    assert!(bulk::split(&[0; 3], Offset::UTC, &mut owned.columns()).unwrap_err().is_room());
    assert!(bulk::join(&owned.columns(), Offset::UTC, &mut [0; 3]).unwrap_err().is_room());
}
