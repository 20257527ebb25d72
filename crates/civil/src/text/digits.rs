//! Decimal digits, several at a time.
//!
//! A 64-bit word is taken as a row of small numbers, *lanes*, on which one
//! multiplication works at once; its eight bytes then are eight characters, and
//! are stored together. Words are little-endian: the lowest byte is the first
//! character.

/// Splits numbers below 100, each in the lowest byte of a lane of at least 16
/// bits, into a tens byte and, above it, a units byte.
///
/// `103 / 1024` is a tenth rounded up a little: 103 n / 1024 has the floor of
/// n / 10 for all n below 179. `tens` masks a lane's tens out of the product, 14
/// bits that stay within it.
#[inline(always)]
const fn split_pairs(pairs: u64, tens: u64) -> u64 {
    let high = ((pairs * 103) >> 10) & tens;
    // units = n − 10 × tens, moved up a byte: tens + ((n − 10 tens) << 8).
    (pairs << 8) - high * (10 * 256 - 1)
}

/// The two digits of each number below 100. For the rest of the bytes there are
/// zeros, so that a byte is an index without a check.
pub(crate) static PAIRS: [[u8; 2]; 256] = {
    let mut pairs = [[b'0'; 2]; 256];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
};

/// `HH:MM:SS`
#[inline(always)]
pub(crate) const fn clock(hour: u32, minute: u32, second: u32) -> u64 {
    let pairs = hour as u64 | (minute as u64) << 24 | (second as u64) << 48;
    split_pairs(pairs, 0x000F_0000_0F00_000F) + u64::from_le_bytes(*b"00:00:00")
}

/// `00` to `99`.
#[inline(always)]
pub(crate) const fn two(number: u32) -> u16 {
    split_pairs(number as u64, 0xF) as u16 + u16::from_le_bytes(*b"00")
}

/// Eight digits of a number below 10^8.
#[inline(always)]
pub(crate) const fn eight(number: u32) -> u64 {
    // Two lanes of four digits, then four of two. 10486 / 2^20 is a hundredth
    // rounded up, right below 43,698; the product of 14 and 14 bits stays in its lane of 32.
    let fours = (number / 10_000) as u64 | ((number % 10_000) as u64) << 32;
    let hundreds = ((fours * 10_486) >> 20) & 0x0000_007F_0000_007F;
    let pairs = (fours << 16) - hundreds * (100 * 65_536 - 1);
    split_pairs(pairs, 0x000F_000F_000F_000F) + u64::from_le_bytes(*b"00000000")
}

/// The bytes of eight characters that are no digits (where `frame` is `0`) or not
/// the frame's own (elsewhere) make this other than 0; else the word holds the
/// digits' values and zeros.
#[inline(always)]
pub(crate) const fn strip_frame(word: u64, frame: &[u8; 8]) -> Option<u64> {
    let mut limits = 0;
    let mut index = 0;
    while index < 8 {
        // Added to a digit (0 to 9) this does not reach 128; added to more it does.
        let limit = if frame[index] == b'0' { 0x7F - 9 } else { 0x7F };
        limits |= (limit as u64) << (8 * index);
        index += 1;
    }
    let values = word ^ u64::from_le_bytes(*frame);
    if (((values & !HIGH) + limits) | values) & HIGH != 0 { None } else { Some(values) }
}

/// The highest bit of each byte.
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Puts each digit and the one after it together: the byte of the first gets
/// their value, 0 to 99.
#[inline(always)]
pub(crate) const fn join_pairs(values: u64) -> u64 {
    values * 10 + (values >> 8)
}

/// The value of eight digits, as [`strip_frame`] gives them.
#[inline(always)]
pub(crate) const fn join_eight(values: u64) -> u32 {
    let pairs = join_pairs(values) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_FFFF_0000_FFFF;
    (fours * 10_000 + (fours >> 32)) as u32
}

/// Returns how many of eight characters are digits, before the first that is none, and
/// their value.
#[inline(always)]
pub(crate) const fn join_first(word: u64) -> (usize, u32) {
    let values = word ^ u64::from_le_bytes(*b"00000000");
    let limits = 0x0101_0101_0101_0101 * (0x7F - 9);
    let others = (((values & !HIGH) + limits) | values) & HIGH;
    let count = (others.trailing_zeros() / 8) as usize;
    if count == 0 {
        return (0, 0);
    }
    // Moved to the end, behind zeros.
    (count, join_eight(values << (8 * (8 - count))))
}

/// Writes a number's digits at the end of `place`, and returns where they begin.
pub(crate) const fn decimal(place: &mut [u8; 20], mut number: u64) -> usize {
    let mut start = place.len();
    loop {
        start -= 1;
        place[start] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return start;
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::format;

    #[test]
    fn every_pair_and_every_four() {
        for number in 0..100 {
            let want = format!("{number:02}");
            assert_eq!(PAIRS[number as usize], want.as_bytes());
            assert_eq!(two(number).to_le_bytes(), want.as_bytes());
            let text = clock(number, 99 - number, number).to_le_bytes();
            assert_eq!(text, *format!("{want}:{:02}:{want}", 99 - number).as_bytes());
        }
        for number in 0..10_000 {
            for number in [number, number * 10_000 + 9_999, number * 10_000 + 9_999 - number] {
                let text = eight(number).to_le_bytes();
                assert_eq!(text, *format!("{number:08}").as_bytes());
                let values = strip_frame(u64::from_le_bytes(text), b"00000000").unwrap();
                assert_eq!(join_eight(values), number);
            }
        }
    }

    #[test]
    fn digits_before_something_else() {
        for count in 0..=8usize {
            for other in (0..=255u8).filter(|byte| !byte.is_ascii_digit()) {
                let mut text = *b"12345678";
                if count < 8 {
                    text[count] = other;
                }
                let want = 12_345_678 / 10u32.pow(8 - count as u32);
                let got = join_first(u64::from_le_bytes(text));
                assert_eq!(got, (count, want), "{text:?}");
            }
        }
    }

    #[test]
    fn a_frame_refuses_every_other_byte_at_every_place() {
        let frame = b"0000-00-";
        let good = *b"1959-08-";
        assert!(strip_frame(u64::from_le_bytes(good), frame).is_some());
        for place in 0..8 {
            for byte in 0..=255u8 {
                let mut text = good;
                text[place] = byte;
                let want =
                    if frame[place] == b'0' { byte.is_ascii_digit() } else { byte == frame[place] };
                let got = strip_frame(u64::from_le_bytes(text), frame).is_some();
                assert_eq!(got, want, "byte {byte} at {place}");
            }
        }
    }
}
