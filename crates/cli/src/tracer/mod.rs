//! Another program under this one's eyes: started, given a vDSO of ours before its first
//! instruction, and stopped at the system calls that somebody wants to see.
//!
//! | file | subject |
//! |---|---|
//! | `launch` | a program started so that nothing of it runs unseen |
//! | `events` | the loop: stops of all threads of the tree, and what follows from each |
//! | `stop` | one thread while it is stopped: registers, memory, the call it makes |
//! | `space` | what a process has mapped: our image, the kernel's vDSO, scratch memory |
//! | `install` | mapping the image into a program that has just been loaded |
//! | `kept` | the auxiliary vector as the kernel keeps it |
//! | `inject` | a system call made by a stopped thread on our behalf |
//! | `filter` | the seccomp filter: which system calls stop at all |
//! | `memory` | the memory that we share with every process of the tree |
//! | `maps` | what a process has mapped |
//! | `symbols` | what an address is: function, file and line |
//! | `status` | what the kernel tells of a thread |
//! | `page` | where a program has the kernel's data page |
//! | `trap` | reads of the CPU's counter that are to be answered here |
//! | `watch` | reads of the counter that are not trapped, and that one of them is reached |
//! | `signals` | signals to this process: those that wake it, and those it passes on |
//! | `cpu` | registers, and what instructions look like |
//!
//! The one part of the command that needs `unsafe`: ptrace, fork and shared memory.
#![allow(unsafe_code)]
// What one of the subcommands uses the other need not.
#![allow(dead_code, unused_imports)]

mod cpu;
mod events;
mod filter;
mod inject;
mod install;
mod kept;
mod launch;
pub(crate) mod maps;
mod memory;
mod mounts;
mod page;
mod remote;
mod signals;
mod space;
pub(crate) mod status;
mod stop;
pub(crate) mod symbols;
mod trap;
mod watch;

pub(crate) use cpu::Registers;
pub(crate) use events::{Handler, Options, TRUE_VIEW, Then, Tracer, interrupt};
pub(crate) use filter::{Filter, When};
pub(crate) use launch::{Launch, Refusal};
pub(crate) use memory::Memory;
pub(crate) use signals::Kick;
pub(crate) use space::Space;
pub(crate) use stop::{Call, Stop};
