//! Shared clocks within one process: what is refused, and what is told of a clock that is
//! not kept any more. What takes several processes is among the `processes`.

use std::ffi::CString;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use instanter_clock::page::linux::{Contents, Record};
use instanter_clock::page::{Line, Timespec};
use instanter_clock::shared::{
    Condition, Error, Label, NotOurFile, NotOurPage, Publisher, Reader, SharedPath, Status,
};
use proptest::prelude::*;

/// A folder that goes when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("instanter-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }

    fn path(&self, name: &str) -> SharedPath {
        shared(&self.0.join(name))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn shared(path: &Path) -> SharedPath {
    SharedPath::of(path.to_str().expect("UTF-8")).expect("a path")
}

/// A clock that stood at `sec` when the counter stood at `origin`, at 1 GHz.
fn contents(origin: u64, sec: i64) -> Contents {
    let line = Line { origin, mult: 1 << 23, shift: 23, mask: u64::MAX };
    let record = Record { line, bases: [(sec, 0); 12] };
    Contents { mode: 1, disciplined: record, raw: record, max_cycles: 1 << 40, hrtimer_res: 1 }
}

/// One that is kept, whatever happens to this process meanwhile.
fn patient() -> Status {
    Status { stale_after_ns: 3_600_000_000_000, ..Status::default() }
}

fn publish(publisher: &mut Publisher, sec: i64) {
    publisher.update(|| (contents(instanter_counter::ordered(), sec), patient()));
}

#[test]
fn what_is_published_is_read() {
    let folder = Folder::new("read");
    let path = folder.path("clock");
    let mut publisher = Publisher::open(&path).expect("a new file");
    assert_eq!(Reader::open(&path).map(drop), Err(Error::Page(NotOurPage::Empty)));
    let origin = instanter_counter::ordered();
    let status = Status {
        source: Label::new("a test"),
        bound_ns: 40,
        drift_ppb: 1_000,
        synchronized: true,
        ..patient()
    };
    publisher.update(|| (contents(origin, 1_700_000_000), status));
    let reader = Reader::open(&path).expect("it is there");
    for _ in 0..1_000 {
        let before = instanter_counter::ordered();
        let pair = reader.pair().expect("it is kept");
        let nanos = reader.monotonic_nanos().expect("it is kept");
        let after = instanter_counter::ordered();
        let at = |counter: u64| {
            Timespec::new(1_700_000_000, 0).as_nanos() + i128::from(counter - origin)
        };
        assert!(at(before) <= pair.realtime.as_nanos() && pair.realtime == pair.monotonic);
        assert!(pair.monotonic.as_nanos() <= i128::from(nanos) && i128::from(nanos) <= at(after));
    }
    let reading = reader.reading().expect("it is readable");
    assert_eq!(reading.condition, Condition::Kept);
    assert_eq!(reading.age_ns, reading.frame.counter - origin, "nanoseconds at 1 GHz");
    assert_eq!(reading.bound_ns(), Some(40 + reading.age_ns / 1_000_000));
    assert_eq!(reading.status, Status { process: std::process::id(), ..status });
    assert_eq!(reading.snapshot().tai, reading.pair().realtime);
    // All may read it, and none but its owner write.
    let mode = std::fs::metadata(folder.0.join("clock")).expect("a file").permissions().mode();
    assert_eq!(mode & 0o7777, 0o644);
}

#[test]
fn one_publisher_at_a_time() {
    let folder = Folder::new("lock");
    let path = folder.path("clock");
    let first = Publisher::open(&path).expect("a new file");
    let error = Publisher::open(&path).expect_err("the first has it");
    assert!(error.is_locked() && error.to_string() == "another process keeps it", "{error}");
    first.end();
    assert!(Publisher::open(&path).is_ok());
}

#[test]
fn the_end_is_told_and_a_successor_followed() {
    let folder = Folder::new("end");
    let path = folder.path("clock");
    let mut first = Publisher::open(&path).expect("a new file");
    publish(&mut first, 50);
    let reader = Reader::open(&path).expect("it is there");
    assert_eq!(reader.pair().expect("it is kept").realtime.sec, 50);
    drop(first);
    let gone = |reader: &Reader| match reader.pair() {
        Err(Error::Gone { condition, .. }) => condition,
        other => panic!("{other:?}"),
    };
    assert_eq!(gone(&reader), Condition::Ended);
    let reading = reader.reading().expect("the last line is there");
    assert_eq!((reading.condition, reading.pair().realtime.sec), (Condition::Ended, 50));
    // Who comes later is told the same.
    assert_eq!(gone(&Reader::open(&path).expect("a page of ours")), Condition::Ended);

    let mut second = Publisher::open(&path).expect("the lock is free");
    assert_eq!(second.left().expect("the first's").disciplined.bases[0], (50, 0));
    publish(&mut second, 70);
    assert_eq!(reader.pair().expect("it is kept again").realtime.sec, 70);
    // A line of another rate: the reader looks at it afresh.
    second.update(|| {
        let mut contents = contents(instanter_counter::ordered(), 90);
        contents.disciplined.line.mult <<= 2;
        contents.raw.line.mult <<= 2;
        (contents, patient())
    });
    assert_eq!(reader.pair().expect("another line").realtime.sec, 90);
    // Nobody updates it: from the moment on that the publisher stated.
    second.update(|| {
        let long_ago = instanter_counter::ordered() - 10_000_000;
        (contents(long_ago, 0), Status { stale_after_ns: 5_000_000, ..Status::default() })
    });
    assert_eq!(gone(&reader), Condition::Stale);
    let reading = reader.reading().expect("a line");
    assert!(reading.age_ns >= 10_000_000 && reading.bound_ns().is_none(), "{reading:?}");
}

#[test]
fn a_file_that_is_not_ours_is_refused_and_left_alone() {
    let folder = Folder::new("refused");
    let at = |name: &str| folder.0.join(name);
    let page = |bytes: &[(usize, u8)]| {
        let mut page = vec![0; 8192];
        bytes.iter().for_each(|&(place, byte)| page[place] = byte);
        page
    };
    let ours = {
        let mut publisher = Publisher::open(&folder.path("ours")).expect("a new file");
        publish(&mut publisher, 1);
        drop(publisher);
        std::fs::read(at("ours")).expect("a file")
    };
    let changed = |place: usize, byte: u8| {
        let mut bytes = ours.clone();
        bytes[place] ^= byte;
        bytes
    };
    std::fs::write(at("text"), "a text of somebody's").expect("written");
    std::fs::write(at("other"), page(&[(3072, 7)])).expect("written");
    std::fs::write(at("version"), changed(3080, 3)).expect("written");
    std::fs::write(at("boot"), changed(3088, 1)).expect("written");
    std::fs::write(at("writable"), &ours).expect("written");
    std::fs::set_permissions(at("writable"), PermissionsExt::from_mode(0o664)).expect("set");
    std::fs::write(at("linked"), &ours).expect("written");
    std::fs::hard_link(at("linked"), at("second name")).expect("linked");
    symlink(at("ours"), at("link")).expect("linked");
    std::fs::create_dir(at("folder")).expect("made");
    let pipe = CString::new(at("pipe").to_str().expect("UTF-8")).expect("a path");
    // SAFETY: a path that ends in zero.
    assert_eq!(unsafe { libc::mkfifo(pipe.as_ptr(), 0o600) }, 0);

    let table = [
        ("text", Error::Page(NotOurPage::Length { bytes: 20 })),
        (
            "other",
            Error::Page(NotOurPage::Magic { found: u64::from_ne_bytes([7, 0, 0, 0, 0, 0, 0, 0]) }),
        ),
        (
            "version",
            Error::Page(NotOurPage::Version {
                found: 1 ^ u64::from_ne_bytes([3, 0, 0, 0, 0, 0, 0, 0]),
            }),
        ),
        ("writable", Error::File(NotOurFile::Writable { mode: 0o664 })),
        ("linked", Error::File(NotOurFile::Links { links: 2 })),
        ("link", Error::Kernel { call: "open", errno: libc::ELOOP }),
        ("pipe", Error::File(NotOurFile::NotRegular)),
    ];
    for (name, want) in table {
        let before = std::fs::symlink_metadata(at(name)).expect(name).modified().expect("a time");
        for got in [
            Reader::open(&folder.path(name)).map(drop),
            Publisher::open(&folder.path(name)).map(drop),
        ] {
            assert_eq!(got, Err(want), "{name}");
            assert!(want.to_string().len() > 15, "{want}");
        }
        let after = std::fs::symlink_metadata(at(name)).expect(name).modified().expect("a time");
        assert_eq!(before, after, "{name} was touched");
    }
    for name in ["folder", "no such folder/clock"] {
        assert!(Reader::open(&folder.path(name)).is_err(), "{name}");
        assert!(Publisher::open(&folder.path(name)).is_err(), "{name}");
    }
    assert_eq!(
        Reader::open(&shared(Path::new("/dev/null"))).map(drop),
        Err(Error::File(NotOurFile::NotRegular))
    );
    // Of another boot: nobody reads it, and a publisher begins anew there.
    let error = Reader::open(&folder.path("boot")).map(drop).expect_err("another boot");
    assert_eq!(error, Error::Page(NotOurPage::OtherBoot));
    let mut publisher = Publisher::open(&folder.path("boot")).expect("to begin anew");
    assert!(publisher.left().is_none(), "another boot's counter");
    assert!(Reader::open(&folder.path("boot")).is_err_and(|error| error.is_absent()));
    publish(&mut publisher, 2);
    assert_eq!(
        Reader::open(&folder.path("boot")).expect("ours").pair().expect("kept").realtime.sec,
        2
    );
}

#[test]
fn somebody_else_s_file_is_refused() {
    // SAFETY: no memory.
    if unsafe { libc::geteuid() } != 0 {
        let _ = writeln!(std::io::stderr(), "skipped somebody_else_s_file_is_refused: needs root");
        return;
    }
    let folder = Folder::new("owner");
    let path = folder.path("clock");
    let mut publisher = Publisher::open(&path).expect("a new file");
    publish(&mut publisher, 1);
    std::os::unix::fs::chown(folder.0.join("clock"), Some(4_242), None).expect("root may");
    let want = Error::File(NotOurFile::Owner { owner: 4_242 });
    assert_eq!(Reader::open(&path).map(drop), Err(want));
    drop(publisher);
    assert_eq!(Publisher::open(&path).map(drop), Err(want));
    // Unless that user is trusted, and no other.
    assert!(Reader::open_of(&path, 4_242).is_ok());
    assert_eq!(Reader::open_of(&path, 4_243).map(drop), Err(want));
}

#[test]
fn names() {
    let long = "x".repeat(246);
    for name in ["", "a\0b", long.as_str(), &"/x".repeat(600)] {
        assert!(matches!(SharedPath::of(name), Err(Error::Name { .. })), "{name:?}");
    }
    assert!(SharedPath::of(&"x".repeat(245)).is_ok());
    // A name can leave the folder only by a `/`, which makes it a path.
    assert_eq!(SharedPath::of("..").expect("a name").to_string(), "/dev/shm/instanter-..");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever stands in a file that its owner may write, reading it ends, and not by a
    /// panic.
    #[test]
    fn any_bytes_are_read_or_refused(
        words in proptest::collection::vec((0usize..1024, any::<u64>()), 0..40),
        sequence in 0u64..4,
    ) {
        let folder = Folder::new("bytes");
        let mut publisher = Publisher::open(&folder.path("clock")).expect("a new file");
        publish(&mut publisher, 1);
        drop(publisher);
        let file = folder.0.join("clock");
        let mut bytes = std::fs::read(&file).expect("a file");
        let mark = 384..388;
        for (place, word) in words.into_iter().filter(|(place, _)| !mark.contains(place)) {
            bytes[8 * place..][..8].copy_from_slice(&word.to_ne_bytes());
        }
        // Of a page that is in an update a reader waits milliseconds for the end.
        bytes[..8].copy_from_slice(&(sequence & 2 | 1 << 32).to_ne_bytes());
        std::fs::write(&file, bytes).expect("written");
        if let Ok(reader) = Reader::open(&folder.path("clock")) {
            let _ = (reader.pair(), reader.monotonic_nanos());
            let reading = reader.reading().expect("an even number");
            let _ = (reading.pair(), reading.snapshot(), reading.bound_ns());
        }
        // A successor takes it, whatever it thinks of it.
        let mut publisher = Publisher::open(&folder.path("clock")).expect("a page of ours");
        publish(&mut publisher, 3);
        let reader = Reader::open(&folder.path("clock")).expect("a line");
        prop_assert_eq!(reader.pair().expect("kept").realtime.sec, 3);
    }
}
