//! Unix seconds as text: `@1720000000`, `@-1.5`.

/// Reads what follows the `@` of `text`: a sign, digits, and perhaps a fraction,
/// of which digits below the nanosecond are dropped. Gives seconds, rounded
/// towards the past, and nanoseconds.
pub(super) fn parse(text: &str, number: &str) -> Result<(i64, u32), String> {
    let start = text.len() - number.len();
    let expected = |at: usize, what: &str| match text.get(at..) {
        Some("") => format!("byte {at}, at the end: expected {what}"),
        Some(rest) => format!("byte {at}, at {}: expected {what}", super::read::quoted(rest)),
        None => format!("byte {at}: expected {what}"),
    };
    let (negative, digits) = match number.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, number.strip_prefix('+').unwrap_or(number)),
    };
    let digits_at = text.len() - digits.len();
    let length = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (whole, rest) = digits.split_at(length(digits));
    if whole.is_empty() {
        return Err(expected(digits_at, "a digit of the seconds"));
    }
    let fraction = match rest.strip_prefix(['.', ',']) {
        Some(fraction) if length(fraction) == 0 => {
            return Err(expected(text.len() - fraction.len(), "a digit of the fraction"));
        }
        Some(fraction) => &fraction[..length(fraction)],
        None => "",
    };
    let end = digits_at + whole.len() + if fraction.is_empty() { 0 } else { 1 + fraction.len() };
    if end < text.len() {
        return Err(expected(end, "a digit, or the end"));
    }
    let out_of_range = || expected(start, "seconds that fit into 64 bits");
    let whole: i128 = whole.parse().map_err(|_| out_of_range())?;
    let nine: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let nanos: i128 = nine.parse().unwrap_or_default();
    let size = whole.checked_mul(1_000_000_000).ok_or_else(out_of_range)? + nanos;
    let total = if negative { -size } else { size };
    let seconds = i64::try_from(total.div_euclid(1_000_000_000)).map_err(|_| out_of_range())?;
    Ok((seconds, total.rem_euclid(1_000_000_000) as u32))
}

/// Writes Unix time as a decimal number with nine digits after the point.
pub(super) fn text(seconds: i64, nanosecond: u32) -> String {
    let total = i128::from(seconds) * 1_000_000_000 + i128::from(nanosecond);
    let (sign, size) = (if total < 0 { "-" } else { "" }, total.unsigned_abs());
    format!("{sign}{}.{:09}", size / 1_000_000_000, size % 1_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let table = [
            ("0", (0, 0), "0.000000000"),
            ("+1720000000.25", (1_720_000_000, 250_000_000), "1720000000.250000000"),
            ("-1.5", (-2, 500_000_000), "-1.500000000"),
            ("-0,000000001", (-1, 999_999_999), "-0.000000001"),
            ("1.1234567899", (1, 123_456_789), "1.123456789"),
            ("9223372036854775807", (i64::MAX, 0), "9223372036854775807.000000000"),
            ("-9223372036854775808", (i64::MIN, 0), "-9223372036854775808.000000000"),
        ];
        for (number, want, back) in table {
            let input = format!("@{number}");
            assert_eq!(parse(&input, number), Ok(want), "parse({input})");
            assert_eq!(text(want.0, want.1), back, "text{want:?}");
        }
    }

    #[test]
    fn what_is_wrong_and_where() {
        let table = [
            ("", "byte 1, at the end"),
            ("x", "byte 1, at \"x\""),
            ("-", "byte 2, at the end"),
            ("1.", "byte 3, at the end"),
            ("1.5s", "byte 4, at \"s\""),
            ("1e9", "byte 2, at \"e9\""),
            ("9223372036854775808", "64 bits"),
            ("-9223372036854775808.1", "64 bits"),
            ("99999999999999999999999999999999999999999999", "64 bits"),
            ("١", "byte 1, at \"١\""),
        ];
        for (number, want) in table {
            let got = parse(&format!("@{number}"), number).expect_err(number);
            assert!(got.contains(want), "parse(@{number}) = {got}, want {want}");
        }
    }
}
