//! What programs that keep the time say of themselves, read from their tools.

use crate::quantity::span;

/// What one says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Report {
    /// Whether it has somebody to follow.
    pub(super) has_source: bool,
    /// In words.
    pub(super) text: String,
    /// How far it takes the wall clock to be off, in seconds.
    pub(super) offset_s: Option<f64>,
}

/// chrony's name for its own clock as a source (`local`).
const CHRONY_LOCAL: &str = "7F7F0101";

/// `chronyc -c tracking`: reference id, address, stratum, time of the last
/// measurement, offset of the system clock, last offset, … , leap status.
pub(super) fn chrony(text: &str) -> Option<Report> {
    let fields: Vec<&str> = text.trim().split(',').collect();
    let [id, address, stratum, _, offset, .., leap] = fields[..] else { return None };
    if fields.len() < 14 {
        return None;
    }
    let (stratum, offset): (u32, f64) = (stratum.parse().ok()?, offset.parse().ok()?);
    if leap == "Not synchronised" || stratum == 0 {
        return Some(Report {
            has_source: false,
            text: "not synchronised".to_owned(),
            offset_s: None,
        });
    }
    if id == CHRONY_LOCAL {
        return Some(Report {
            has_source: false,
            text: "it follows this machine's own clock (local)".to_owned(),
            offset_s: None,
        });
    }
    let leap = if leap == "Normal" { String::new() } else { format!(", {leap}") };
    Some(Report {
        has_source: true,
        text: format!("follows {address}, stratum {stratum}, {} off{leap}", span(offset.abs())),
        offset_s: Some(offset),
    })
}

/// `ntpq -c rv`: `name=value` with commas between, after a line of words.
pub(super) fn ntp(text: &str) -> Option<Report> {
    let words = || text.split([',', '\n']).map(str::trim);
    let value = |name: &str| {
        words()
            .find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
            .map(|v| v.trim_matches('"'))
    };
    let stratum: u32 = value("stratum")?.parse().ok()?;
    let alarm = words().any(|word| word == "leap_alarm") || value("leap") == Some("11");
    if alarm || stratum >= 16 {
        return Some(Report {
            has_source: false,
            text: format!("not synchronised (stratum {stratum})"),
            offset_s: None,
        });
    }
    // In milliseconds.
    let offset = value("offset").and_then(|offset| offset.parse::<f64>().ok()).map(|ms| ms / 1e3);
    let off = offset.map_or(String::new(), |offset| format!(", {} off", span(offset.abs())));
    let peer = value("refid").unwrap_or("?");
    Some(Report {
        has_source: true,
        text: format!("follows {peer}, stratum {stratum}{off}"),
        offset_s: offset,
    })
}

/// `timedatectl show-timesync --all`: `Name=value`, one a line.
pub(super) fn timesync(text: &str) -> Option<Report> {
    let value = |name: &str| {
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).map(str::trim)
    };
    let name = value("ServerName")?;
    let message = value("NTPMessage").unwrap_or_default();
    if name.is_empty() || message.is_empty() {
        return Some(Report {
            has_source: false,
            text: "no server has answered".to_owned(),
            offset_s: None,
        });
    }
    let stratum = message
        .trim_matches(['{', '}', ' '])
        .split(',')
        .find_map(|field| field.trim().strip_prefix("Stratum="))
        .map_or(String::new(), |stratum| format!(", stratum {stratum}"));
    let address = value("ServerAddress").filter(|address| !address.is_empty());
    let address = address.map_or(String::new(), |address| format!(" ({address})"));
    Some(Report {
        has_source: true,
        text: format!("follows {name}{address}{stratum}"),
        offset_s: None,
    })
}

/// `pmc -u -b 0 'GET TIME_STATUS_NP'`: a name and a value a line. Without a daemon
/// that answers there is the question alone.
pub(super) fn ptp(text: &str) -> Option<Report> {
    let value =
        |name: &str| text.lines().find_map(|line| line.trim().strip_prefix(name)).map(str::trim);
    let present = value("gmPresent ")?;
    if present != "true" {
        return Some(Report {
            has_source: false,
            text: "it sees no grandmaster".to_owned(),
            offset_s: None,
        });
    }
    let nanos: f64 = value("master_offset ")?.parse().ok()?;
    let master = value("gmIdentity ").unwrap_or("?");
    Some(Report {
        has_source: true,
        text: format!("follows grandmaster {master}, {} off", span(nanos.abs() / 1e9)),
        offset_s: Some(nanos / 1e9),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(report: Option<Report>) -> (bool, String, Option<f64>) {
        let report = report.expect("it is understood");
        (report.has_source, report.text, report.offset_s)
    }

    #[test]
    fn chrony_says() {
        // Said by chronyd 4.3 that has but itself.
        let own = "7F7F0101,,10,1795325228.814814105,0.000000000,0.000000000,0.000000000,0.000,\
                   0.000,0.000,0.000000000,0.000000000,0.0,Normal\n";
        assert!(!chrony(own).expect("understood").has_source);
        let follows = "A29FC87B,162.159.200.123,3,1795325228.8,-0.000123456,0.000000000,0.0,-3.1,\
                       0.000,0.000,0.01,0.001,64.2,Insert second\n";
        assert_eq!(
            shown(chrony(follows)),
            (
                true,
                "follows 162.159.200.123, stratum 3, 123.5 µs off, Insert second".to_owned(),
                Some(-0.000_123_456)
            )
        );
        for text in
            ["", "506 Cannot talk to daemon\n", "a,b,c\n", "1,2,x,4,5,6,7,8,9,10,11,12,13,14"]
        {
            assert_eq!(chrony(text), None, "{text:?}");
        }
    }

    #[test]
    fn ntpd_says() {
        let follows = "associd=0 status=0615 leap_none, sync_ntp, 1 event, clock_sync,\n\
                       version=\"ntpd ntpsec-1.2.2\", processor=\"x86_64\", leap=00, stratum=3,\n\
                       precision=-24, rootdelay=11.5, refid=192.0.2.7, offset=-0.25,\n\
                       frequency=-12.3, sys_jitter=0.09\n";
        assert_eq!(
            shown(ntp(follows)),
            (true, "follows 192.0.2.7, stratum 3, 250.0 µs off".to_owned(), Some(-0.000_25))
        );
        let lost = "associd=0 status=c011 leap_alarm, sync_unspec, 1 event, freq_not_set,\n\
                    leap=11, stratum=16, refid=INIT, offset=0.0\n";
        assert!(!ntp(lost).expect("understood").has_source);
        assert_eq!(ntp("ntpq: read: Connection refused"), None);
    }

    #[test]
    fn timesyncd_says() {
        let follows = "SystemNTPServers=\nFallbackNTPServers=0.debian.pool.ntp.org\n\
                       ServerName=0.debian.pool.ntp.org\nServerAddress=192.0.2.9\n\
                       NTPMessage={ Leap=0, Version=4, Mode=4, Stratum=2, Precision=-24 }\n\
                       Frequency=-12345\n";
        assert_eq!(
            shown(timesync(follows)),
            (true, "follows 0.debian.pool.ntp.org (192.0.2.9), stratum 2".to_owned(), None)
        );
        let lost = "ServerName=0.debian.pool.ntp.org\nServerAddress=192.0.2.9\nNTPMessage=\n";
        assert!(!timesync(lost).expect("understood").has_source);
        assert_eq!(timesync("Failed to connect to bus"), None);
    }

    #[test]
    fn ptp4l_says() {
        let follows = "sending: GET TIME_STATUS_NP\n\
                       \t90e2ba.fffe.20c7f8-0 seq 0 RESPONSE MANAGEMENT TIME_STATUS_NP\n\
                       \t\tmaster_offset              -310\n\
                       \t\tingress_time               1361545089345029441\n\
                       \t\tgmPresent                  true\n\
                       \t\tgmIdentity                 00a069.fffe.0b552d\n";
        let (has_source, text, offset) = shown(ptp(follows));
        assert!(has_source);
        assert_eq!(text, "follows grandmaster 00a069.fffe.0b552d, 310 ns off");
        assert!((offset.expect("an offset") + 310e-9).abs() < 1e-15);
        let lost = follows.replace("true", "false");
        assert!(!ptp(&lost).expect("understood").has_source);
        assert_eq!(ptp("sending: GET TIME_STATUS_NP\n"), None);
    }
}
