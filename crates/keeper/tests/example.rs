//! The example runs, and what it asserts holds.

#[path = "../examples/kernel.rs"]
mod kernel;

#[test]
fn the_example_runs() {
    kernel::main().expect("a kernel that keeps time");
}
