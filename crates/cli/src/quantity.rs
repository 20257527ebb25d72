//! Numbers with their units, as a person reads them.

/// A cost in nanoseconds: three digits that matter, and the unit that fits.
pub(crate) fn nanos(nanos: f64) -> String {
    match nanos {
        _ if !nanos.is_finite() => "?".to_owned(),
        _ if nanos < 99.95 => format!("{nanos:.1} ns"),
        _ if nanos < 9_999.5 => format!("{nanos:.0} ns"),
        _ if nanos < 9_999_500.0 => format!("{:.1} µs", nanos / 1e3),
        _ => format!("{:.1} ms", nanos / 1e6),
    }
}

/// A ratio: `1.07 ×`.
pub(crate) fn ratio(ratio: f64) -> String {
    if ratio.is_finite() { format!("{ratio:.2} ×") } else { "?".to_owned() }
}

/// An integer with commas between groups of three digits.
pub(crate) fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3 + 1);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A length of time in microseconds: the kernel's bound of a clock's error.
pub(crate) fn micros(micros: i64) -> String {
    let micros = micros as f64;
    match micros {
        _ if micros < 1e3 => format!("{micros:.0} µs"),
        _ if micros < 1e6 => format!("{:.1} ms", micros / 1e3),
        _ => format!("{:.1} s", micros / 1e6),
    }
}

/// A length of time in seconds, in the unit that fits, with its sign.
pub(crate) fn span(seconds: f64) -> String {
    let sign = if seconds < 0.0 { "−" } else { "" };
    let length = seconds.abs();
    let text = match length {
        _ if !length.is_finite() => return "?".to_owned(),
        _ if length < 1e-3 => nanos(length * 1e9),
        _ if length < 1.0 => format!("{:.1} ms", length * 1e3),
        _ if length < 120.0 => format!("{length:.1} s"),
        _ if length < 7_200.0 => format!("{:.0} minutes", length / 60.0),
        _ if length < 172_800.0 => format!("{:.0} hours", length / 3_600.0),
        _ => format!("{:.0} days", length / 86_400.0),
    };
    format!("{sign}{text}")
}

/// A resolution: nanoseconds, or milliseconds where they are whole.
pub(crate) fn resolution(time: instanter_clock::Timespec) -> String {
    match time.as_nanos() {
        nanos if nanos >= 1_000_000 && nanos % 1_000_000 == 0 => {
            format!("{} ms", nanos / 1_000_000)
        }
        nanos => format!("{} ns", grouped(nanos.unsigned_abs())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use instanter_clock::Timespec;

    #[test]
    fn costs() {
        let table = [
            (0.0, "0.0 ns"),
            (21.34, "21.3 ns"),
            (99.96, "100 ns"),
            (9_999.0, "9999 ns"),
            (12_345.0, "12.3 µs"),
            (12_345_678.0, "12.3 ms"),
            (f64::NAN, "?"),
        ];
        for (value, want) in table {
            assert_eq!(nanos(value), want, "nanos({value})");
        }
    }

    #[test]
    fn spans() {
        let table = [
            (0.0, "0.0 ns"),
            (-0.000_009, "−9000 ns"),
            (0.5, "500.0 ms"),
            (0.004, "4.0 ms"),
            (1.5, "1.5 s"),
            (-3_600.0, "−60 minutes"),
            (86_400.0, "24 hours"),
            (-1e7, "−116 days"),
        ];
        for (value, want) in table {
            assert_eq!(span(value), want, "span({value})");
        }
    }

    #[test]
    fn groups() {
        let table = [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345_678, "12,345,678")];
        for (number, want) in table {
            assert_eq!(grouped(number), want, "grouped({number})");
        }
        assert_eq!(grouped(u128::from(u64::MAX)), "18,446,744,073,709,551,615");
    }

    #[test]
    fn resolutions_and_bounds() {
        assert_eq!(resolution(Timespec::new(0, 1)), "1 ns");
        assert_eq!(resolution(Timespec::new(0, 4_000_000)), "4 ms");
        assert_eq!(resolution(Timespec::new(0, 3_333_333)), "3,333,333 ns");
        assert_eq!(micros(500), "500 µs");
        assert_eq!(micros(16_000_000), "16.0 s");
    }
}
