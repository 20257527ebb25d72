//! The parser of a vDSO's ELF image, from outside: against this process's own
//! vDSO and C library as other programs read them, against images built here
//! in every shape, and against broken ones.
#![forbid(unsafe_code)]

mod builder;
mod hashes;
mod hostile;
mod names;
mod real;
mod shapes;
