//! `/etc/default/init`: lines of names and values, as a shell reads them.
//!
//! # References
//! <https://illumos.org/man/5/TIMEZONE>

/// Returns the value of the last line `TZ=`.
pub(super) fn zone(text: &str) -> Option<String> {
    let value = text.lines().filter_map(|line| line.trim().strip_prefix("TZ=")).next_back()?;
    let value = value.split(" #").next().unwrap_or(value).trim();
    let quoted =
        ['"', '\''].iter().find_map(|&quote| value.strip_prefix(quote)?.strip_suffix(quote));
    let value = quoted.unwrap_or(value);
    (!value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files() {
        let table = [
            ("", None),
            ("# TZ=US/Pacific\nCMASK=022\n", None),
            ("TZ=\n", None),
            ("TZ=\"\"\n", None),
            ("TZ=US/Pacific\nCMASK=022\n", Some("US/Pacific")),
            ("TZ=US/Pacific\nTZ=Europe/Paris\n", Some("Europe/Paris")),
            ("  TZ=\"Asia/Tokyo\"  \r\n", Some("Asia/Tokyo")),
            ("TZ='EST5EDT,M3.2.0,M11.1.0' # as in the rules\n", Some("EST5EDT,M3.2.0,M11.1.0")),
            ("TZ=\"half\n", Some("\"half")),
            ("MYTZ=Asia/Tokyo\n", None),
        ];
        for (text, want) in table {
            assert_eq!(zone(text).as_deref(), want, "zone({text:?})");
        }
    }
}
