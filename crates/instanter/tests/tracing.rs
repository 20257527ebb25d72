//! A real subscriber that writes to a buffer.

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use instanter::tracing::Stamps;
use instanter::zone::{Local, Zone};
use instanter::{Duration, Time, now};
use tracing::subscriber::with_default;
use tracing_subscriber::fmt::MakeWriter;

/// What was logged, by whatever thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for &Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = &'a Log;

    fn make_writer(&'a self) -> &'a Log {
        self
    }
}

impl Log {
    fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

/// The stamp is what stands before the first space.
fn stamp(line: &str) -> &str {
    line.split(' ').next().unwrap_or_default()
}

#[test]
fn utc_with_each_number_of_digits() {
    for digits in 0..=10u8 {
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt()
            .with_timer(Stamps::utc(digits))
            .with_writer(log.clone())
            .finish();
        let before = now();
        with_default(subscriber, || (0..100).for_each(|number| tracing::info!(number)));
        let after = now();
        let mut last = before - Duration::from_seconds(i64::from(digits == 0));
        assert_eq!(log.lines().len(), 100);
        for line in log.lines() {
            let text = stamp(&line);
            assert!(text.ends_with('Z') && line.contains("INFO"), "{line}");
            let fraction = text.split('.').nth(1).map_or(0, |fraction| fraction.len() - 1);
            assert_eq!(fraction, usize::from(digits.min(9)), "{line}");
            let time: Time = text.parse().unwrap();
            // Digits that are cut off make it earlier, by less than the last that is there.
            let unit = Duration::from_nanos(10i64.pow(9 - u32::from(digits.min(9))));
            assert!(time + unit > before && time <= after, "{line}");
            assert!(time + unit > last, "{line} after {last}");
            last = time;
        }
    }
}

#[test]
fn the_local_zone_and_another_beside_each_other() {
    let apia = Zone::get("Pacific/Apia").unwrap();
    let logs = [Log::default(), Log::default()];
    let subscriber = |timer, log: &Log| {
        tracing_subscriber::fmt().with_timer(timer).with_writer(log.clone()).finish()
    };
    for _ in 0..50 {
        with_default(subscriber(Stamps::local(9), &logs[0]), || tracing::warn!("here"));
        with_default(subscriber(Stamps::in_zone(apia, 3), &logs[1]), || tracing::warn!("there"));
    }
    for (log, zone) in logs.iter().zip([Local::zone(), apia]) {
        assert_eq!(log.lines().len(), 50);
        for line in log.lines() {
            let time: Time = stamp(&line).parse().unwrap();
            let offset = time.in_zone(zone).offset().to_string();
            let utc = stamp(&line).ends_with('Z') && offset == "+00:00";
            assert!(stamp(&line).ends_with(&offset) || utc, "{line}, at {offset}");
        }
    }
}

#[test]
fn threads_do_not_mix_their_stamps() {
    let log = Log::default();
    let subscriber =
        tracing_subscriber::fmt().with_timer(Stamps::local(9)).with_writer(log.clone()).finish();
    let subscriber: Arc<dyn tracing::Subscriber + Send + Sync> = Arc::new(subscriber);
    let before = now();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let subscriber = Arc::clone(&subscriber);
            scope.spawn(move || {
                with_default(subscriber, || {
                    (0..500).for_each(|number| tracing::info!(thread, number));
                });
            });
        }
    });
    let after = now();
    let lines = log.lines();
    assert_eq!(lines.len(), 2_000);
    let mut last = [before; 4];
    for line in lines {
        let time: Time = stamp(&line).parse().expect(&line);
        let thread = line.split("thread=").nth(1).unwrap();
        let thread: usize = thread.split(' ').next().unwrap().parse().unwrap();
        assert!(last[thread] <= time && time <= after, "{line}");
        last[thread] = time;
    }
}

#[test]
fn a_thread_that_ends_still_logs() {
    /// Logs when the thread's own values are dropped.
    struct Farewell(Arc<dyn tracing::Subscriber + Send + Sync>);
    impl Drop for Farewell {
        fn drop(&mut self) {
            with_default(Arc::clone(&self.0), || tracing::info!("farewell"));
        }
    }
    thread_local!(static FAREWELL: std::cell::RefCell<Option<Farewell>> = const { std::cell::RefCell::new(None) });
    let log = Log::default();
    let subscriber =
        tracing_subscriber::fmt().with_timer(Stamps::utc(0)).with_writer(log.clone()).finish();
    let subscriber: Arc<dyn tracing::Subscriber + Send + Sync> = Arc::new(subscriber);
    std::thread::spawn(move || {
        FAREWELL.set(Some(Farewell(Arc::clone(&subscriber))));
        with_default(subscriber, || tracing::info!("welcome"));
    })
    .join()
    .unwrap();
    for line in log.lines() {
        assert!(stamp(&line).parse::<Time>().is_ok(), "{line}");
    }
    assert!(log.lines().iter().any(|line| line.contains("welcome")));
}

/// Tells the process that the test below starts where its local zone is.
const LOCALTIME: &str = "INSTANTER_TEST_LOCALTIME";

#[test]
fn another_local_zone_is_seen_while_logging() {
    if let Some(localtime) = std::env::var_os(LOCALTIME) {
        return log_in_two_zones(Path::new(&localtime));
    }
    let localtime = std::env::temp_dir().join(format!("instanter-{}", std::process::id()));
    std::fs::copy("/usr/share/zoneinfo/Asia/Tokyo", &localtime).unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "another_local_zone_is_seen_while_logging"])
        .env("TZ", &localtime)
        .env(LOCALTIME, &localtime)
        .output()
        .unwrap();
    std::fs::remove_file(&localtime).unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
}

fn log_in_two_zones(localtime: &Path) {
    let log = Log::default();
    let subscriber =
        tracing_subscriber::fmt().with_timer(Stamps::local(6)).with_writer(log.clone()).finish();
    with_default(subscriber, || {
        tracing::info!("in Tokyo");
        let new = localtime.with_extension("new");
        std::fs::copy("/usr/share/zoneinfo/Asia/Kolkata", &new).unwrap();
        std::fs::rename(&new, localtime).unwrap();
        // The file is looked at once a second.
        std::thread::sleep(std::time::Duration::from_millis(1_100));
        tracing::info!("in Kolkata");
    });
    let lines = log.lines();
    assert!(stamp(&lines[0]).ends_with("+09:00"), "{lines:?}");
    assert!(stamp(&lines[1]).ends_with("+05:30"), "{lines:?}");
}
