//! What a keeper promises, on counters that the tests make up.

mod history;
mod hostile;
mod kernel;
mod leap;
mod page;
mod posix;
mod processes;
mod shared;
mod simulated;
mod sleep;
mod slew;
mod sources;
mod systems;
mod take_over;
mod timers;
