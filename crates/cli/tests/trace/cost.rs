//! Not a test of speed: it prints what it measures, in alternation.

use std::io::Write;
use std::process::Command;

use super::{compile, output, trace};

#[test]
fn what_a_traced_read_costs() {
    for flags in [&["-O2"][..], &["-O2", "-static"]] {
        let Some(program) = compile("what_a_traced_read_costs", "cost.c", flags) else { return };
        let (mut native, mut traced) = (Vec::new(), Vec::new());
        for _ in 0..5 {
            native.push(output(&mut Command::new(&program.path)).stdout);
            traced.push(output(&mut trace(&["--output", "/dev/null"], &program.path, &[])).stdout);
        }
        let least = |all: &[Vec<u8>]| {
            let numbers = all
                .iter()
                .filter_map(|text| String::from_utf8_lossy(text).trim().parse::<f64>().ok());
            numbers.fold(f64::INFINITY, f64::min)
        };
        let (native, traced) = (least(&native), least(&traced));
        let _ = writeln!(
            std::io::stderr(),
            "clock_gettime {flags:?}: {native:.1} ns, traced {traced:.1} ns: {:.1} ns more",
            traced - native
        );
    }
}
