//! A program started so that nothing of it runs unseen.

use std::ffi::{CString, OsStr, OsString};
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::FromRawFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use nix::libc;

use super::{Filter, cpu, trap};
use crate::files;

/// Why a program was not started, or was ended before its first instruction.
#[derive(Debug)]
pub(crate) struct Refusal(String);

impl Refusal {
    pub(super) fn new(message: impl Into<String>) -> Refusal {
        Refusal(message.into())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is to be started.
#[derive(Debug)]
pub(crate) struct Launch {
    path: PathBuf,
    arguments: Vec<CString>,
    environment: Vec<CString>,
}

impl Launch {
    /// Finds the program as the shell does, and looks whether it can be traced.
    ///
    /// # Errors
    /// There is none, or it is of a kind that cannot be given our image.
    pub(crate) fn new(command: &[OsString]) -> Result<Launch, Refusal> {
        if instanter_vdso::IMAGE.is_none() {
            return Err(Refusal::new("this works on x86-64 and AArch64 only"));
        }
        let program = command.first().ok_or_else(|| Refusal::new("no command was given"))?;
        let path = files::program(program).map_err(Refusal::new)?;
        check(&path, 0)?;
        let text = |text: &OsStr| {
            CString::new(text.as_bytes())
                .map_err(|_| Refusal::new(format!("{text:?} has a zero byte in it")))
        };
        let arguments = command.iter().map(|word| text(word)).collect::<Result<_, _>>()?;
        let environment = std::env::vars_os()
            .map(|(name, value)| {
                let mut line = name;
                line.push("=");
                line.push(value);
                text(&line)
            })
            .collect::<Result<_, _>>()?;
        Ok(Launch { path, arguments, environment })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Starts it, stopped before `execve`, with this thread as its tracer.
    /// With `traps`, its reads of the counter raise `SIGSEGV`.
    pub(super) fn start(
        &self,
        filter: &Filter,
        options: libc::c_int,
        traps: bool,
    ) -> Result<Started, Refusal> {
        let fail = |what: &str, error: io::Error| Refusal::new(format!("{what}: {error}"));
        let path = CString::new(self.path.as_os_str().as_bytes())
            .map_err(|_| Refusal::new("the path has a zero byte in it"))?;
        let pointers = |texts: &[CString]| -> Vec<*const libc::c_char> {
            texts.iter().map(|text| text.as_ptr()).chain([std::ptr::null()]).collect()
        };
        let (arguments, environment) = (pointers(&self.arguments), pointers(&self.environment));
        let pipe = || -> Result<(File, File), Refusal> {
            let mut ends = [0; 2];
            // SAFETY: two descriptors are written, which nobody else owns.
            unsafe {
                if libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) < 0 {
                    return Err(fail("cannot make a pipe", io::Error::last_os_error()));
                }
                Ok((File::from_raw_fd(ends[0]), File::from_raw_fd(ends[1])))
            }
        };
        let (mut go_from, mut go_to) = pipe()?;
        let (trouble_from, mut trouble_to) = pipe()?;
        // SAFETY: the child makes system calls only, allocates nothing, and ends or
        // becomes the program.
        let pid = unsafe { libc::fork() };
        if pid < 0 {
            return Err(fail("cannot start a process", io::Error::last_os_error()));
        }
        if pid == 0 {
            drop(go_to);
            let mut word = [0; 1];
            if go_from.read_exact(&mut word).is_ok() {
                let trapped = if traps { trap::set() } else { Ok(()) };
                let (step, error) = match (trapped, filter.apply()) {
                    (Err(error), _) => (3, error),
                    (_, Err(error)) => (1, error),
                    (Ok(()), Ok(())) => {
                        // SAFETY: both lists end with null and their texts with zero. What
                        // this process ignores and blocks, the program shall not.
                        unsafe {
                            restore_signals();
                            libc::execve(path.as_ptr(), arguments.as_ptr(), environment.as_ptr());
                        }
                        (2, io::Error::last_os_error())
                    }
                };
                let code = error.raw_os_error().unwrap_or(0).to_ne_bytes();
                let _ = trouble_to.write_all(&[step, code[0], code[1], code[2], code[3]]);
            }
            // SAFETY: ends this process at once.
            unsafe { libc::_exit(127) };
        }
        drop((go_from, trouble_to));
        // SAFETY: no memory is touched; the fourth argument is a number.
        let seized = unsafe { libc::ptrace(libc::PTRACE_SEIZE, pid, 0, i64::from(options)) };
        if seized < 0 {
            let error = io::Error::last_os_error();
            drop(go_to);
            // SAFETY: ends and waits for the child made above.
            unsafe {
                libc::kill(pid, libc::SIGKILL);
                libc::waitpid(pid, std::ptr::null_mut(), 0);
            }
            return Err(Refusal::new(format!("ptrace is not allowed here: {error}")));
        }
        if let Err(error) = go_to.write_all(&[1]) {
            return Err(fail("the process that was started has gone", error));
        }
        Ok(Started { pid, trouble: trouble_from })
    }
}

/// A process that is about to become the program.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) pid: i32,
    trouble: File,
}

impl Started {
    /// After it has ended without becoming the program: why.
    pub(super) fn why(mut self, path: &Path) -> Refusal {
        let mut bytes = [0; 5];
        if self.trouble.read_exact(&mut bytes).is_err() {
            return Refusal::new(format!("{path:?} ended before it was loaded"));
        }
        let [step, code @ ..] = bytes;
        let error = io::Error::from_raw_os_error(i32::from_ne_bytes(code));
        match step {
            1 => Refusal::new(format!("seccomp is not allowed here: {error}")),
            3 => Refusal::new(trap::described(&error)),
            _ => Refusal::new(format!("cannot run {path:?}: {error}")),
        }
    }
}

/// Rust programs ignore `SIGPIPE`, and we ignore what a terminal sends.
///
/// # Safety
/// For the child, before it becomes the program.
unsafe fn restore_signals() {
    // SAFETY: default actions, an empty set.
    unsafe {
        for signal in [libc::SIGPIPE, libc::SIGINT, libc::SIGQUIT] {
            libc::signal(signal, libc::SIG_DFL);
        }
        let mut none = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
    }
}

/// Refuses what cannot get our image.
fn check(path: &Path, scripts: u32) -> Result<(), Refusal> {
    let fail = |error| Refusal::new(format!("cannot read {path:?}: {error}"));
    let about = path.metadata().map_err(fail)?;
    if files::runs_as_somebody_else(&about) {
        return Err(Refusal::new(format!(
            "{path:?} is set-user-ID or set-group-ID: traced it would run without that"
        )));
    }
    let mut head = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(4096).read_to_end(&mut head).map_err(fail)?,
        // It can be executed and not read.
        Err(_) => return Ok(()),
    };
    if let Some(line) = head.strip_prefix(b"#!") {
        let line = line.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let word = line.split(|byte| b" \t".contains(byte)).find(|word| !word.is_empty());
        let word = word.unwrap_or_default().to_vec();
        // The kernel follows a few of these and then refuses itself.
        return if scripts < 5 {
            check(Path::new(&OsString::from_vec(word)), scripts + 1)
        } else {
            Ok(())
        };
    }
    match architecture(&head) {
        Some(reason) => Err(Refusal::new(format!("{path:?} is {reason}"))),
        None => Ok(()),
    }
}

const NARROW: &str = "a program of 32 bits, which has another vDSO";

/// Why an ELF file is not of a CPU that this command can trace.
fn architecture(head: &[u8]) -> Option<String> {
    let elf = head.strip_prefix(b"\x7fELF")?;
    let machine = head.get(18..20).map(|bytes| u16::from(bytes[0]) | u16::from(bytes[1]) << 8)?;
    let own = if cfg!(target_arch = "x86_64") { 62 } else { 183 };
    if elf.first() != Some(&2) {
        return Some(NARROW.to_owned());
    }
    (machine != own).then(|| format!("a program of another CPU (ELF machine {machine})"))
}

/// Why the program that a process has become cannot get our image. Its file is not opened: who
/// serves it may be a process that waits for us.
pub(super) fn foreign(tid: i32) -> Option<&'static str> {
    cpu::is_narrow(tid).then_some(NARROW)
}
