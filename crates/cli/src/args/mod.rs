//! The command line: subcommands, options, and help that teaches.

use std::ffi::OsString;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Parser, Subcommand};

#[cfg(any(target_os = "linux", target_os = "android"))]
mod bench;
mod calendar;
mod clocks;
mod color;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod doctor;
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
#[path = "../elsewhere/args.rs"]
mod elsewhere;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod fake;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod keeper;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod preload;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod report;
mod shell;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod trace;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod vdso;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod watch;

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use self::{
    bench::BenchArgs,
    doctor::DoctorArgs,
    keeper::{Follow, KeeperCommand, ReadArgs, ServeArgs},
    preload::PreloadArgs,
    report::ReportArgs,
    vdso::{VdsoArgs, VdsoCommand},
    watch::WatchArgs,
};
pub(crate) use calendar::{DateArgs, ZoneArgs};
pub(crate) use clocks::ClocksArgs;
pub(crate) use color::Color;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) use elsewhere::{
    AnyCommand as KeeperCommand, Anything as BenchArgs, Anything as DoctorArgs,
    Anything as PreloadArgs, Anything as ReportArgs, Anything as VdsoArgs, Anything as WatchArgs,
};
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(crate) use elsewhere::{Anything as FakeArgs, Anything as TraceArgs};
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(crate) use fake::{Children, FakeArgs};
pub(crate) use shell::{CompletionsArgs, ManArgs};
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(crate) use trace::TraceArgs;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// What time it is, where that came from, what it cost, why it can be trusted
///
/// The Linux kernel keeps, in a memory page that every process can read, the
/// straight line that turns the CPU's counter into time. Instanter reads that
/// page itself: one look at the counter, a multiplication, no call.
/// This command shows the result and lets you check each part of it.
#[derive(Debug, Parser)]
#[command(name = "instanter", version, styles = STYLES, max_term_width = 100)]
#[command(after_long_help = "\
Examples:
  instanter                     the time now, its source and its cost
  instanter explain             one reading, step by step, with this machine's numbers
  instanter clocks --json       every clock, for a script
  instanter zone Europe/Berlin  what a zone's clocks show, and when they change
  instanter date 2024-07-01T12:00 --in Asia/Tokyo --to local
                                a date and time there, as it is here
  instanter keeper serve lab    a clock that other processes read
  INSTANTER_SOURCE=vdso instanter explain
                                the same reading without the kernel's page

Environment:
  INSTANTER_SOURCE   page, vdso or syscall: where readings start (default page)
  NO_COLOR           any value: no colours
  COLUMNS            width of the output, in characters
  TZ, TZDIR          the local zone, and the folder of zones, as in glibc
  INSTANTER_PRELOAD_LIB
                     the library that `instanter preload` takes

Exit status:
  0  fine
  1  what was asked for is not there, or is degraded; standard error says why
  2  the command line was not understood
  (instanter doctor has its own: see its help)

Fields of --json keep their names from one version to the next; JSON.md in the
source describes each. What may pass 2^53, and addresses, are strings.")]
pub(crate) struct Cli {
    /// What to do; `now` if nothing is said
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// Print JSON instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Colours: auto (on a terminal, unless NO_COLOR is set), always or never
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    #[arg(hide_default_value = true, hide_possible_values = true)]
    pub(crate) color: Color,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The time, its source, its cost, and why it can be trusted
    ///
    /// Prints the date and time in UTC first, on a line of its own (RFC 3339, nine
    /// digits); then Unix seconds, the monotonic clock and the boot time, all read
    /// at the same moment; then who answered and what an answer costs beside the
    /// bare counter instruction, measured side by side just now.
    #[command(after_long_help = "\
Examples:
  instanter now
  instanter now | head -1                   only date and time
  instanter now --json | jq .unix_seconds

Exit status:
  0  the time was printed
  1  no clock answers")]
    Now,

    /// A table of every clock: value, resolution, source, cost, purpose
    ///
    /// p50 is the median cost of a call among other calls, p99 that of one call
    /// timed on its own which 99 of 100 do not exceed. A coarse clock's resolution
    /// is the kernel's tick. Clocks that this machine lacks are listed below the
    /// table with the reason.
    ///
    /// The hardware clock, which goes on while the machine is off, shows whole
    /// seconds. It is read when one of them begins, which takes up to a second where
    /// there is one, and set at the moment at which its seconds begin with the
    /// system's. Whether it shows UTC or local time, the third line of /etc/adjtime
    /// says; --systohc with --utc or --local writes that line.
    #[command(after_long_help = "\
Examples:
  instanter clocks
  instanter clocks --pid 1                  and the CPU time of process 1
  instanter clocks --device /dev/ptp0       and a network card's or a host's clock
  instanter clocks --json | jq '.clocks[] | select(.source == \"page\") | .name'
  instanter clocks --json | jq .hardware_clock.ahead_ns
  instanter clocks --systohc                set the hardware clock, as hwclock does

Exit status:
  0  fine, also where the machine lacks some clocks
  1  a clock named by --pid or --device is not there; --systohc or --hctosys could
     not be done")]
    Clocks(ClocksArgs),

    /// The vDSO: the small library that the kernel maps into every process
    ///
    /// Lists its symbols with version, address and the two hashes under which ELF
    /// files a name: the System V hash (DT_HASH) and the GNU hash (DT_GNU_HASH).
    /// A runtime without a dynamic linker has these numbers built in; Go, for one,
    /// looks for {\"__vdso_clock_gettime\", 0xd35ec75, 0x6e43a318} under
    /// {\"LINUX_2.6\", 0x3ae75f6}.
    #[command(after_long_help = "\
Examples:
  instanter vdso
  instanter vdso --pid 1                    another process's, if you may trace it
  instanter vdso --file libc.so.6           any ELF shared library's, of any CPU
  instanter vdso dump vdso.so && readelf -Ws vdso.so && objdump -T vdso.so

Exit status:
  0  fine
  1  there is no vDSO, it cannot be read, or the file exists already")]
    Vdso(VdsoArgs),

    /// One reading step by step, with this machine's numbers
    ///
    /// Goes the way that one call of now() goes: the auxiliary vector, the vDSO, its
    /// symbol, the page before it, the counter, the arithmetic. Does the arithmetic
    /// a second time on its own, compares the result with the kernel's answers
    /// before and after, and counts the system calls of a million readings.
    #[command(after_long_help = "\
Examples:
  instanter explain
  instanter explain --json | jq .system_calls
  INSTANTER_SOURCE=syscall instanter explain       the slow way, for comparison

Exit status:
  0  fine: readings come from the page, or from where INSTANTER_SOURCE says
  1  degraded: the page is not used although nobody asked for that")]
    Explain,

    /// What readings cost, side by side with what they are measured against
    ///
    /// All candidates run in one process, in alternation, so that the ratios mean
    /// something even where the machine is busy; the times are an illustration. p50
    /// is the median of batches, divided by the calls of a batch: throughput. The
    /// other quantiles are of calls timed one by one: latency. System calls have a run
    /// of their own, beside the bare counter.
    ///
    /// --compare says of each reading whether it is faster, slower, or whether the
    /// difference is noise: no larger than what the fifths of each run differ by.
    #[command(after_long_help = "\
Examples:
  instanter bench                           a second or two
  instanter bench --quick                   a few tenths of a second
  instanter bench --plot costs.svg          histograms and tails as a picture
  instanter bench --json > before.json      to be compared with later
  instanter bench --compare before.json
  instanter bench --json | jq '.targets[] | select(.met | not)'

Exit status:
  0  measured, whether the targets are met or not
  1  a clock that is to be measured does not answer, or a FILE cannot be read or
     written")]
    Bench(BenchArgs),

    /// How good this machine's clock is, what is wrong with it, and what mends it
    ///
    /// One verdict, good, degraded or bad, and the checks behind it: what was measured,
    /// why it matters, and the command that mends it. Nothing is changed: the commands
    /// are for you. It takes about two seconds, and for 0.2 s of them all CPUs.
    ///
    /// --watch looks again every INTERVAL (seconds, or 90s, 5m, 1h): a page on a terminal, in
    /// a pipe a line for each look and for each check that has changed.
    ///
    /// --prometheus prints gauges in seconds, ratios and counts; with --output they
    /// come into a file that node_exporter's textfile collector can read at any moment.
    #[command(after_long_help = "\
Checks:
  clock-source  what the kernel counts, and what that costs programs
  reading       who answers for each clock, at what cost
  backward      whether time goes backward while all CPUs read it
  coherence     how far the counters of CPUs differ, pair by pair
  counter       whether the CPU's counter is constant and nonstop; the hypervisor
  resolution    in which steps the clocks go
  rates         how fast wall, monotonic and raw clock go beside each other
  daemon        chronyd, ntpd, timesyncd, ptp4l, and what they say
  discipline    whether the wall clock is kept right, by the kernel's bound
  sandbox       containers, system call filters, an exchanged vDSO
  namespace     offsets of a time namespace
  host-clock    vmclock and PTP clocks of the host
  rtc           the hardware clock
  tzdata        version and state of the zone files
  local-zone    /etc/localtime, TZ, and what they cost
  leap-seconds  until when the table of leap seconds holds

Examples:
  instanter doctor
  instanter doctor --only clock-source,coherence
  instanter doctor --explain backward       what is looked at, and how it is judged
  instanter doctor --json | jq -r '.checks[] | select(.level == \"bad\") | .summary'
  instanter doctor --watch 1m >> clock.log
  instanter doctor --prometheus --output /var/lib/node_exporter/textfile/instanter.prom

Exit status:
  0  good
  1  degraded: usable, and slower, coarser or less sure than it could be
  2  bad: programs suffer from it
  3  no verdict: the command line was not understood, or nothing could be written")]
    Doctor(DoctorArgs),

    /// A page about this machine's clock, in one file
    ///
    /// Writes the doctor's verdict with its checks, the way of one reading from the
    /// counter to the date, what readings cost, every clock, how the CPUs' counters
    /// agree, how clocks drift, and the vDSO's symbols, as one HTML file: it loads
    /// nothing, needs no scripts, and fits a phone. To be attached to a ticket.
    #[command(after_long_help = "\
Examples:
  instanter report clock.html
  instanter report --for 60 clock.html      drift over a minute
  instanter report - | ssh desk 'cat > clock.html'

Exit status:
  0  written, whatever the verdict
  1  FILE cannot be written, or no clock answers")]
    Report(ReportArgs),

    /// Clocks beside each other while they go: a screen, or lines
    ///
    /// Shows each clock, how far it has gone from a reference since the start and how
    /// fast it goes against it; the same as a chart that scrolls; marks where the wall
    /// clock was stepped, the machine suspended, the clock source exchanged, a reading
    /// became dearer; and a map of how the CPUs' counters agree. Keys: q quit, space
    /// pause, ? all others.
    ///
    /// In a pipe, and with --plain, it prints a line a look, and for what happened
    /// lines that begin with an asterisk. What --record writes, --replay shows again,
    /// on any machine; JSON.md in the source describes its lines, which are also what
    /// --json prints.
    #[command(after_long_help = "\
Examples:
  instanter watch
  instanter watch --reference realtime      the others against the wall clock
  instanter watch --reference /dev/ptp0     all against a network card or the host
  instanter watch --record night.jsonl --interval 5
  instanter watch --replay night.jsonl --speed 100
  instanter watch --plain --for 60 | grep '^\\*'    what happens within a minute

Exit status:
  0  fine, also where a signal ended it
  1  a clock does not answer; a FILE cannot be read or written")]
    Watch(WatchArgs),

    /// A time zone: its clocks now, its transitions, the names of all zones
    ///
    /// NAME is a name of the tz database in capital or small letters, an offset such
    /// as +05:30, a POSIX TZ string, a path that begins with / or ., or `local`.
    /// Zones come from the system's files; where there are none, from the copy of
    /// the tz database in this program.
    ///
    /// --transitions prints what `zdump -v` of glibc prints, to the byte: for each
    /// transition the second before and the second itself, in UTC and in local time,
    /// and the ends of what C can tell as a date.
    #[command(after_long_help = "\
Examples:
  instanter zone                            the local zone, and how it was found
  instanter zone america/new_york
  instanter zone EST5EDT,M3.2.0,M11.1.0
  instanter zone Europe/Berlin --transitions --from 2024 --to 2026
  instanter zone -- -03:30                  -- before what looks like an option
  instanter zone --list | grep -i york
  instanter zone --json | jq -r .next.utc   when clocks change here

Exit status:
  0  fine
  1  there is no such zone, or it cannot be read; or the local zone is UTC for
     want of anything better")]
    Zone(ZoneArgs),

    /// Dates and times: read, converted between zones, printed
    ///
    /// Reads RFC 3339 (2024-07-01T12:00:00.5Z), RFC 9557 (the same with
    /// [Europe/Berlin] after it), RFC 2822 (Mon, 1 Jul 2024 12:00:00 +0200), ISO
    /// 8601 (20240701T1200, 2024-W27-1, 2024-183) and Unix time (@1719828000.5); or
    /// what --parse or --parse-go describes. A date alone is its midnight. What has
    /// no offset is local time in the zone that it names, else in --in.
    ///
    /// Clocks that are put forward skip some local times, and those that are put
    /// back show some twice. For these --gap chooses: compatible takes the offset
    /// from before the change, earlier and later take the earlier and the later of
    /// the two moments, reject refuses.
    #[command(after_long_help = "\
Examples:
  instanter date                            now, with nanoseconds
  instanter date @1720000000 --to UTC
  instanter date '2024-07-01 12:00' --in Asia/Tokyo --to America/New_York
  instanter date 2024-03-31T02:30 --in Europe/Berlin --gap reject
  instanter date --format '%A, %-d %B %Y, week %V'
  instanter date --go 'Mon Jan _2 15:04:05 MST 2006'
  instanter date '1 Jul 24' --parse '%d %b %y'
  instanter date --lines --to UTC < stamps.txt
  instanter date - --json < stamps.txt | jq -r .unix

Exit status:
  0  fine
  1  a text cannot be read, or there is no such zone; of many lines, all that can
     be read are printed, and standard error has the numbers of the others
  2  the command line was not understood, a pattern included")]
    Date(DateArgs),

    /// An unmodified program with these clocks and calendars
    ///
    /// Runs CMD with libinstanter_preload.so in LD_PRELOAD: what the program asks the
    /// C library for time, local time, mktime and strftime, that library answers, with
    /// the same results and without the lock. What LD_PRELOAD held is kept. The library
    /// is looked for beside this program and in ../lib.
    ///
    /// It cannot work for a program that is linked statically, that runs as another
    /// user (set-user-ID), or that does not use glibc; Go programs and Java's do not
    /// ask the C library for the time. The first of these are refused.
    ///
    /// --check runs CMD several times with the library and without, its standard input
    /// empty, and compares output, messages and exit status.
    #[command(after_long_help = "\
Examples:
  instanter preload -- gawk -f report.awk log.txt
  instanter preload --check -- python3 script.py
  instanter preload --check --runs 21 -- date -f stamps.txt +%c

Exit status:
  that of CMD; with --check:
  0  the same with the library and without
  1  different, or CMD cannot run with the library")]
    Preload(PreloadArgs),

    /// A clock that processes share: kept by one, read by many
    ///
    /// Does in user space what a kernel does for all: one process keeps a page of memory
    /// in which the CPU's counter is turned into time, and others read it as fast as the
    /// machine's own clock, without a system call. It need not be the machine's time: it
    /// may follow chrony or a network card, or whatever a script says.
    #[command(subcommand)]
    Keeper(Box<KeeperCommand>),

    /// An unmodified program whose clocks show what you want
    ///
    /// CMD and all that it starts get a vDSO of ours, which reads the kernel's page and shifts
    /// what it finds: a read costs some nanoseconds more and no system call. That holds for
    /// programs in C, static ones, Go, Java, Python alike. System calls that read a clock
    /// are answered, and those that wait are rewritten to follow the rate: sleeps, timed
    /// futexes, poll, select, epoll, timers. A change while they run wakes nobody early
    /// or late.
    ///
    /// --at and --offset move the date alone: monotonic time stays on its own base and
    /// never goes back. --rate, --freeze and --step concern all clocks. With --clock they
    /// concern the ones named.
    ///
    /// A program that sets or steers the clock (as root: date -s, adjtime, adjtimex) does so
    /// with its tree's, and not with the machine's: slews take as long, and leap seconds
    /// come when they would, by the tree's own time.
    ///
    /// What goes by the true clock all the same: timeouts of sockets (SO_RCVTIMEO) and of
    /// io_uring, times of packets in shared memory (PACKET_RX_RING), or for a program that
    /// filters its own system calls (SO_TIMESTAMP), and times of files, all of which are named
    /// when a program sets them or asks for them; a program that reads the CPU's counter itself
    /// (rdtsc, cntvct_el0), but for --trap-tsc: its first read is named, in code of the program
    /// or of a library, not in what is compiled meanwhile, and as far as the CPU's breakpoints
    /// (four) go round; CPU time.
    /// With --step, waits take their true time. A process has one tracer, so a debugger cannot
    /// join it meanwhile.
    ///
    /// CMD lives as long as this command: when that ends, even by SIGKILL, so does all that
    /// CMD has started, because nobody would answer for its clocks. No memory and no process
    /// is left; the name of a control socket may be, and the next run takes it.
    ///
    /// With --trap-tsc the counter goes as monotonic time does. Each read of it is trapped
    /// and answered, which takes tens of microseconds; and because the kernel's vDSO cannot
    /// read the counter either, every read of a clock becomes a system call. On AArch64 that
    /// takes Linux 6.12 or newer; cntfrq_el0 is trapped with it, and shows what is true.
    ///
    /// What cannot be done is said before CMD starts: it has the set-user-ID bit, is of
    /// another CPU or of 32 bits, ptrace, seccomp or shared memory are forbidden here, or
    /// the kernel cannot trap the counter.
    /// Such a program further down is ended with a message.
    #[command(after_long_help = "\
Examples:
  instanter fake --at 2038-01-19T03:14:00Z -- date
  instanter fake --at 2038-01-19T03:14:00Z --rate 10 -- python3 script.py
  instanter fake --offset -30d -- make test
  instanter fake --freeze --clock realtime -- ./report
  instanter fake --rate +100ppm -- ./server
  instanter fake --for postgres=1h --for psql=-1h -- ./test.sh
  instanter fake --script leap.txt -- ./server      a line: 10s leap insert
  instanter fake --control /tmp/clock -- ./server & the clocks of a running program:
  instanter fake --set --control /tmp/clock --offset 1h
  instanter fake --rate 100 --trap-tsc -- ./game
  instanter fake --offset 1h --verify
  instanter fake --offset 1h -- instanter fake --probe

Lines of a --script begin with the true time since the start; those of a --control
file do not:
  2s jump -1h | at T | rate X | freeze [D] | slew ±D at Nppm | step D
     leap insert | leap delete

Exit status:
  that of CMD, 128 and the signal's number if one ended it; 1 if it was not started
  0  with --verify: nothing escaped; with --set: the clocks have changed")]
    Fake(FakeArgs),

    /// Every read of time that a program makes: which clock, from where, how many
    ///
    /// Runs CMD with a vDSO of ours, which counts and then answers, and reports its
    /// reads of time by clock, by call site and by thread, with what they cost and how many
    /// of them were real system calls. Sleeps, timers and waits with a timeout are counted
    /// where they enter the kernel, with the time spent there. CMD's input, output and exit
    /// status are its own; the report goes to standard error, or to the file of --output.
    ///
    /// A call site is the function that wanted the time: what the C library and the
    /// standard libraries of Rust, C++ and Go do on the way is passed over and named as
    /// what the call went through. Names and lines come from the program's symbols, and
    /// for code made at run time from /tmp/perf-PID.map. In --folded and --svg the stack is
    /// that of the first call from its site; calls by other ways are added to it.
    ///
    /// One read of 64 on each way to a call site is timed: that one calls the kernel's
    /// function, and its time includes a reading of the counter before and after. What is not
    /// seen: programs that read the CPU's counter themselves (rdtsc). What cannot be traced is
    /// said before CMD starts: it has the set-user-ID bit, is of another CPU or of 32 bits, or
    /// ptrace, seccomp or shared memory are forbidden here; such a program further down is
    /// ended with a message. A process has one tracer, so a debugger cannot join it meanwhile.
    #[command(after_long_help = "\
Examples:
  instanter trace -- ./server --port 8080
  instanter trace --children -- sh -c 'make && ./run'
  instanter trace --json --output reads.json -- python3 script.py
  instanter trace --svg reads.svg -- ./program
                                a flame graph of who reads the clock

Exit status:
  that of CMD, 128 and the signal's number if one ended it; 1 if it was not started")]
    Trace(TraceArgs),

    /// A script with which a shell completes this command's words
    ///
    /// Printed to standard output, made from the command's own definitions.
    #[command(after_long_help = "\
Examples:
  source <(instanter completions bash)      in this shell of bash
  instanter completions bash > ~/.local/share/bash-completion/completions/instanter
  instanter completions zsh > ~/.zfunc/_instanter   a folder that is in $fpath
  instanter completions fish > ~/.config/fish/completions/instanter.fish

Exit status:
  0  fine
  1  nothing could be written")]
    Completions(CompletionsArgs),

    /// Manual pages, for man
    ///
    /// Prints the page of the command or of a subcommand, or writes all of them into a
    /// folder. They are made from the command's own definitions.
    #[command(after_long_help = "\
Examples:
  instanter man | man -l -
  instanter man doctor | man -l -
  instanter man --dir ~/.local/share/man/man1       then: man instanter-doctor

Exit status:
  0  fine
  1  there is no such subcommand, or nothing could be written")]
    Man(ManArgs),
}

/// The subcommand that a command line names, as far as it can be told where it is
/// not understood.
pub(crate) fn subcommand(args: impl Iterator<Item = OsString>) -> Option<OsString> {
    let mut args = args.skip(1);
    while let Some(arg) = args.next() {
        match arg.to_str() {
            // The one option before it that takes a value.
            Some("--color") => drop(args.next()),
            Some(option) if option.starts_with('-') => {}
            _ => return Some(arg),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_subcommand_is_told() {
        let table: &[(&[&str], Option<&str>)] = &[
            (&["instanter"], None),
            (&["instanter", "--json"], None),
            (&["instanter", "doctor", "--frobnicate"], Some("doctor")),
            (&["instanter", "--json", "--color", "never", "doctor"], Some("doctor")),
            (&["instanter", "--color=never", "now", "doctor"], Some("now")),
        ];
        for (args, want) in table {
            let got = subcommand(args.iter().map(OsString::from));
            assert_eq!(got.as_deref(), want.map(std::ffi::OsStr::new), "{args:?}");
        }
    }
}
