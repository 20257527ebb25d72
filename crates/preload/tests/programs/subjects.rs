//! The programs, and what they are to do.

use std::path::Path;
use std::process::Command;

/// A program and its arguments.
pub struct Subject {
    pub name: String,
    pub program: &'static str,
    pub args: Vec<String>,
    pub environment: Vec<(&'static str, &'static str)>,
}

impl Subject {
    pub fn new(name: &str, program: &'static str, args: &[&str]) -> Subject {
        Subject {
            name: name.to_owned(),
            program,
            args: args.iter().map(|&arg| arg.to_owned()).collect(),
            environment: Vec::new(),
        }
    }
}

const GAWK: &str = r#"BEGIN {
    for (i = 0; i < 40000; i++) {
        t = -1500000000 + i * 97003 + i % 7
        print t, strftime("%Y-%m-%d %H:%M:%S %Z %z %a %j %c %G-W%V", t)
    }
    for (i = 0; i < 5000; i++)
        print mktime(1950 + i % 150 " " i % 12 " " i % 31 " " i % 24 " " i % 60 " " i % 61)
}"#;

const PERL: &str = r#"use POSIX qw(strftime mktime tzset tzname);
for my $i (0 .. 40000) {
    my $t = -1500000000 + $i * 97003;
    my @l = localtime($t);
    my @g = gmtime($t);
    print join(" ", @l, @g, scalar(localtime($t)), strftime("%c %Z %z %s", @l), mktime(@l)), "\n";
}
for my $zone ("Asia/Tokyo", "", "America/New_York", "EST5", "Nowhere", "Asia/Tokyo") {
    $ENV{TZ} = $zone; tzset();
    print join(" ", $zone, tzname(), scalar(localtime(1720000000))), "\n";
}
delete $ENV{TZ}; tzset();
print join(" ", tzname(), scalar(localtime(1720000000))), "\n";
"#;

const PYTHON: &str = r#"
import os, time, threading
for i in range(20000):
    t = -1500000000 + i * 197003
    l = time.localtime(t)
    print(tuple(l), l.tm_zone, l.tm_gmtoff, time.mktime(l), time.ctime(t), time.asctime(l),
          time.strftime("%Y-%m-%dT%H:%M:%S%z %Z %A %B %p %x %X %j %U %W %V", l))
for zone in ["Asia/Tokyo", "", ":", "EST5EDT,M3.2.0,M11.1.0", "Nowhere", "Europe/Berlin"]:
    os.environ["TZ"] = zone
    time.tzset()
    print(zone, time.tzname, time.timezone, time.altzone, time.daylight, time.ctime(1720000000))
def work():
    for i in range(2000): time.localtime(1720000000 + i * 86400)
threads = [threading.Thread(target=work) for _ in range(4)]
[t.start() for t in threads]; [t.join() for t in threads]
pid = os.fork()
if pid == 0:
    os.environ["TZ"] = "Asia/Kolkata"; time.tzset()
    os._exit(0 if time.ctime(0).endswith("05:30:00 1970") else 3)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
for year in (-300000000000, 1, 9999, 2**31 - 1, 2**40):
    try: print(time.mktime((year, 2, 30, 25, 61, 61, 0, 0, -1)))
    except OverflowError as error: print(error)
for t in (2**62, -2**62, 67768036191676799, -67768040609740800, 253402300800):
    try: print(time.localtime(t))
    except (OverflowError, OSError, ValueError) as error: print(error)
"#;

const PHP: &str = r#"date_default_timezone_set("UTC");
for ($i = 0; $i < 20000; $i++) {
    $t = -1500000000 + $i * 197003;
    echo date("c T e U", $t), " ", @strftime("%c %Z %z", $t), " ", @gmstrftime("%c", $t), "\n";
}
echo intdiv(time(), 86400 * 3650), "\n";
"#;

const BASH: &str = r#"for ((i = 0; i < 20000; i++)); do
    printf '%(%Y-%m-%d %H:%M:%S %Z %z %c)T\n' $((-1500000000 + i * 197003))
done
for TZ in Asia/Tokyo Europe/Berlin '' EST5 Nowhere; do printf '%(%c %Z)T\n' 1720000000; done
unset TZ; printf '%(%c %Z)T\n' 1720000000
"#;

/// Returns the programs; files that they need are made in a folder.
pub fn all(folder: &Path) -> Vec<Subject> {
    let file = |name: &str| folder.join(name).display().to_string();
    let stamps: String =
        (0..20_000_i64).map(|i| format!("@{}\n", -1_500_000_000 + i * 197_003)).collect();
    std::fs::write(file("stamps"), stamps).expect("a file can be written");
    let listed = folder.join("listed");
    std::fs::create_dir_all(&listed).expect("a folder can be made");
    for index in 0..2_000_u64 {
        let at = std::time::UNIX_EPOCH + std::time::Duration::from_secs(index * 1_000_003);
        let file = std::fs::File::create(listed.join(format!("{index:04}"))).expect("a file");
        file.set_modified(at).expect("its time can be set");
    }
    let mut subjects = vec![
        Subject::new("gawk strftime, mktime", "gawk", &[GAWK]),
        Subject::new("perl localtime, POSIX", "perl", &["-e", PERL]),
        Subject::new("python time", "python3", &["-c", PYTHON]),
        Subject::new("php date, strftime", "php", &["-n", "-r", PHP]),
        Subject::new("bash printf %()T", "bash", &["-c", BASH]),
        Subject::new("date -f", "date", &["-f", &file("stamps"), "+%c %Z %z %s %N"]),
        Subject::new("date -R -f", "date", &["-R", "-f", &file("stamps")]),
        Subject::new("ls full-iso", "ls", &["-l", "--time-style=full-iso", &file("listed")]),
        Subject::new("ls", "ls", &["-l", &file("listed")]),
    ];
    if crate::exists("git") {
        let repository = file("repository");
        history(&repository);
        for date in ["local", "iso-local", "rfc", "format-local:%c %Z %s"] {
            let format = format!("--date={date}");
            let args = ["-C", &repository, "log", "--format=%ad %cd", &format];
            subjects.push(Subject::new(&format!("git log {format}"), "git", &args));
        }
    }
    subjects
}

/// Makes a repository with some hundred commits over fifty years.
fn history(repository: &str) {
    let git = |args: &[&str]| {
        let status = Command::new("git").args(args).status().expect("git starts");
        assert!(status.success(), "git {args:?}");
    };
    git(&["init", "-q", repository]);
    let commits: String = (0..500)
        .map(|i| {
            let at = 86_400 + i * 3_456_789;
            format!("commit refs/heads/main\ncommitter A <a@b> {at} +0130\ndata 1\nx\n\n")
        })
        .collect();
    let input = Path::new(repository).join("input");
    std::fs::write(&input, commits).expect("a file can be written");
    let status = Command::new("git")
        .args(["-C", repository, "fast-import", "--quiet"])
        .stdin(std::fs::File::open(&input).expect("it is there"))
        .status()
        .expect("git starts");
    assert!(status.success());
    git(&["-C", repository, "symbolic-ref", "HEAD", "refs/heads/main"]);
}
