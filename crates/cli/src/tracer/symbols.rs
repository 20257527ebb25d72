//! What an address is: function, file and line, as the program's own symbols tell.

use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

use blazesym::symbolize::source::{Process, Source};
use blazesym::symbolize::{CodeInfo, Input, Symbolized, Symbolizer};
use nix::unistd::Pid;

use super::maps::Maps;

/// A function in which an address lies; one address lies in several where functions are
/// inlined.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Frame {
    /// Its name, demangled; `None` where no symbol covers the address.
    pub(crate) function: Option<String>,
    /// The source file, as the compiler wrote it down.
    pub(crate) file: Option<String>,
    pub(crate) line: Option<u32>,
    /// The file that is mapped there, or what `/proc` calls it.
    pub(crate) module: String,
    /// The address in that module: the same in each process that runs it.
    pub(crate) address: u64,
}

impl Frame {
    /// The function's name, or where it is.
    pub(crate) fn name(&self) -> String {
        match &self.function {
            Some(name) => name.clone(),
            None => format!("{}+{:#x}", short(&self.module), self.address),
        }
    }
}

/// The last part of a path.
pub(crate) fn short(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some((_, name)) if !name.is_empty() => name,
        _ if path.is_empty() => "[anonymous]",
        _ => path,
    }
}

/// Finds symbols, and remembers what it found.
pub(crate) struct Symbols {
    symbolizer: Symbolizer,
    known: HashMap<(usize, u64), Rc<[Frame]>>,
}

impl Symbols {
    pub(crate) fn new() -> Symbols {
        let symbolizer = Symbolizer::builder()
            .enable_code_info(true)
            .enable_inlined_fns(true)
            .enable_demangling(true)
            .build();
        Symbols { symbolizer, known: HashMap::new() }
    }

    /// Returns the functions of an address, innermost first: at least one. `program` tells
    /// apart the programs that a process runs one after another.
    pub(crate) fn frames(
        &mut self,
        program: usize,
        process: Pid,
        maps: &Maps,
        address: u64,
    ) -> Rc<[Frame]> {
        if let Some(known) = self.known.get(&(program, address)) {
            return Rc::clone(known);
        }
        let frames: Rc<[Frame]> = self.look_up(process, maps, address).into();
        // What the runtime compiled a moment ago, it may not have written down yet.
        if frames.iter().any(|frame| frame.function.is_some()) {
            self.known.insert((program, address), Rc::clone(&frames));
        }
        frames
    }

    /// A program has ended.
    pub(crate) fn forget(&mut self, program: usize) {
        self.known.retain(|(of, _), _| *of != program);
    }

    fn look_up(&self, process: Pid, maps: &Maps, address: u64) -> Vec<Frame> {
        let mapping = maps.find(address);
        let module = mapping.map(|mapping| mapping.name.clone()).unwrap_or_default();
        let inside = mapping.map_or(address, |mapping| address - mapping.start + mapping.offset);
        let unknown = Frame {
            function: None,
            file: None,
            line: None,
            module: module.clone(),
            address: inside,
        };
        let found = [true, false].into_iter().find_map(|map_files| {
            let mut of = Process::new(u32::try_from(process.as_raw()).ok()?.into());
            // Opening these takes a privilege; the path alone does for most.
            of.map_files = map_files;
            let source = Source::Process(of);
            match self.symbolizer.symbolize_single(&source, Input::AbsAddr(address)).ok()? {
                Symbolized::Sym(symbol) => Some(symbol),
                Symbolized::Unknown(_) => None,
            }
        });
        let Some(symbol) = found else { return vec![unknown] };
        let frame = |name: &str, code: Option<&CodeInfo<'_>>| Frame {
            function: Some(tidy(name)),
            file: code.map(|code| code.to_path().to_string_lossy().into_owned()),
            line: code.and_then(|code| code.line),
            ..unknown.clone()
        };
        let outer = frame(&symbol.name, symbol.code_info.as_deref());
        let mut frames = vec![outer];
        frames.extend(symbol.inlined.iter().map(|call| frame(&call.name, call.code_info.as_ref())));
        frames.reverse();
        frames
    }
}

/// A name without what only the linker needs: a version, a hash.
fn tidy(name: &str) -> String {
    let name = name.split_once("@@").map_or(name, |(name, _)| name);
    let name = name.strip_prefix("__GI_").unwrap_or(name);
    let hash = name.rsplit_once("::h").filter(|(_, hash)| {
        hash.len() == 16 && hash.bytes().all(|digit| digit.is_ascii_hexdigit())
    });
    hash.map_or(name, |(name, _)| name).to_owned()
}

/// Names of functions that read a clock or wait for somebody else: the caller is the one
/// whom it concerns.
pub(crate) fn is_on_behalf(frame: &Frame) -> bool {
    let module = short(&frame.module);
    let is = |prefix: &str| module.starts_with(prefix);
    let library = ["libc.so", "libc-", "ld-", "libpthread", "librt", "libstdc++", "libc++"];
    if module == "[vdso]" || library.into_iter().any(is) {
        return true;
    }
    let Some(name) = &frame.function else { return false };
    // Rust's `<T as Trait>::f` is T's.
    let name = name.trim_start_matches(['<', '_', '&']);
    // glibc's own names for what it calls itself.
    let name = name.strip_prefix("GI_").unwrap_or(name).trim_start_matches('_');
    // What the standard libraries do on the way from what a program calls to the kernel.
    let within = [
        "std::time::",
        "std::sys::",
        "std::thread::",
        "std::sync::",
        "core::",
        "alloc::",
        "std::chrono::",
        "std::this_thread::",
        "std::condition_variable::",
        "internal/runtime/syscall",
        "runtime/internal/syscall.",
        "syscall.",
        "vdso_",
    ];
    // Go's scheduler reads the clock for itself, too, so there it is single functions.
    let whole = [
        "time.Now",
        "time.now",
        "time.Since",
        "time.Until",
        "time.runtimeNano",
        "time.runtimeNow",
        "time.Sleep",
        "runtime.nanotime",
        "runtime.nanotime1",
        "runtime.walltime",
        "runtime.time_now",
        "runtime.futex",
        "runtime.futexsleep",
        "runtime.usleep",
        "runtime.notetsleep",
        "runtime.notetsleep_internal",
        "runtime.netpoll",
        "clock_gettime",
        "clock_gettime64",
        "clock_getres",
        "gettimeofday",
        "time",
        "timespec_get",
        "clock",
        "getcpu",
        "sched_getcpu",
        "times",
        "nanosleep",
        "clock_nanosleep",
        "usleep",
        "sleep",
        "poll",
        "ppoll",
        "select",
        "pselect",
        "epoll_wait",
        "epoll_pwait",
        "epoll_pwait2",
        "syscall",
        "cp_begin",
        "syscall_cp",
        "syscall_cp_c",
        "syscall_cp_asm",
        "syscall_cancel",
        "syscall_cancel_arch",
        "internal_syscall_cancel",
        "syscall_cancel_arch_start",
        "syscall_cancel_arch_end",
        "vdso_time",
    ];
    let in_paths = Path::new(frame.file.as_deref().unwrap_or_default());
    within.iter().any(|prefix| name.starts_with(prefix))
        || whole.contains(&name.trim_end_matches(".abi0"))
        || in_paths.starts_with("/rustc")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(function: &str, module: &str) -> Frame {
        Frame {
            function: Some(function.to_owned()).filter(|name| !name.is_empty()),
            file: None,
            line: None,
            module: module.to_owned(),
            address: 0x1234,
        }
    }

    #[test]
    fn names_are_tidy() {
        let table = [
            ("main", "main"),
            ("a::b::h0123456789abcdef", "a::b"),
            ("a::b::hello", "a::b::hello"),
            ("clock_gettime@@GLIBC_2.17", "clock_gettime"),
        ];
        for (name, want) in table {
            assert_eq!(tidy(name), want, "tidy({name:?})");
        }
        assert_eq!(frame("", "/usr/bin/a").name(), "a+0x1234");
        assert_eq!(frame("", "").name(), "[anonymous]+0x1234");
    }

    #[test]
    fn who_asks_for_others() {
        let table = [
            ("main", "/bin/a", false),
            ("main.main", "/bin/a", false),
            ("time.Now", "/bin/a", true),
            ("timers.Run", "/bin/a", false),
            ("<std::time::Instant as core::ops::Sub>::sub", "/bin/a", true),
            ("__clock_gettime", "/bin/static", true),
            ("anything", "/usr/lib/x86_64-linux-gnu/libc.so.6", true),
            ("anything", "/usr/lib/libcrypto.so.3", false),
            ("__vdso_clock_gettime", "[vdso]", true),
            ("", "/bin/a", false),
            // Made at run time.
            ("fib", "", false),
            ("", "", false),
        ];
        for (function, module, want) in table {
            assert_eq!(is_on_behalf(&frame(function, module)), want, "{function} in {module}");
        }
    }

    #[test]
    fn own_functions_are_found() {
        let own = nix::unistd::getpid();
        let maps = Maps::of(own);
        let mut symbols = Symbols::new();
        let address = own_functions_are_found as fn() as usize as u64;
        let frames = symbols.frames(0, own, &maps, address);
        let last = frames.last().unwrap();
        assert!(last.name().contains("own_functions_are_found"), "{last:?}");
        assert!(last.file.as_deref().is_some_and(|file| file.ends_with("symbols.rs")), "{last:?}");
        let nowhere = symbols.frames(0, own, &maps, 16);
        assert_eq!(nowhere[0].function, None);
    }
}
