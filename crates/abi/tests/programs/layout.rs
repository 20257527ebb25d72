//! Sizes and places of members, on both sides of the boundary.
//!
//! The numbers are written out here: they are what programs are compiled with. A C
//! program of static assertions is made of them.

use std::fmt::Write;
use std::mem::offset_of;
use std::process::Command;

use instanter_c::{Civil, Columns, Interval, Local, Parsed, Resolved, Snapshot, Time, Timespec};

use crate::installation::{has, installed, run};
use crate::{STRICT, skipped};

/// Checks Rust's layout against the numbers, and adds the same checks of C's.
macro_rules! layout {
    ($program:ident, $rust:ty as $c:literal, $size:literal { $($field:ident: $at:literal),+ }) => {
        assert_eq!(size_of::<$rust>(), $size, $c);
        let _ = writeln!($program, "ASSERT(sizeof({}) == {});", $c, $size);
        $(
            assert_eq!(offset_of!($rust, $field), $at, "{}.{}", $c, stringify!($field));
            let field = stringify!($field);
            let _ = writeln!($program, "ASSERT(offsetof({}, {field}) == {});", $c, $at);
        )+
    };
}

#[test]
fn both_sides_agree() {
    let mut program = String::from(
        "#include <instanter.h>\n\
         #ifdef __cplusplus\n#define ASSERT(x) static_assert(x, #x)\n\
         #else\n#define ASSERT(x) _Static_assert(x, #x)\n#endif\n",
    );
    layout!(program, Time as "instanter_time", 24 {
        seconds: 0, nanoseconds: 8, flags: 12, monotonic_ns: 16
    });
    layout!(program, Timespec as "instanter_timespec", 16 {
        seconds: 0, nanoseconds: 8, reserved: 12
    });
    layout!(program, Snapshot as "instanter_clocks", 136 {
        size: 0, realtime: 8, monotonic: 24, monotonic_raw: 40, boottime: 56, tai: 72,
        realtime_coarse: 88, monotonic_coarse: 104, counter: 120, flags: 128, reserved: 132
    });
    layout!(program, Civil as "instanter_civil", 24 {
        year: 0, nanosecond: 8, day_of_year: 12, month: 14, day: 15, hour: 16, minute: 17,
        second: 18, weekday: 19, reserved: 20
    });
    layout!(program, Local as "instanter_local", 56 {
        size: 0, civil: 8, offset_s: 32, is_dst: 36, abbreviation: 40
    });
    layout!(program, Interval as "instanter_interval", 48 {
        size: 0, start: 8, end: 16, offset_s: 24, is_dst: 28, abbreviation: 32
    });
    layout!(program, Resolved as "instanter_resolved", 64 {
        size: 0, seconds: 8, nanoseconds: 16, offset_s: 20, earlier: 24, later: 32, change: 40,
        before_s: 48, after_s: 52, kind: 56, reserved: 60
    });
    layout!(program, Columns as "instanter_columns", 56 {
        size: 0, year: 8, month: 16, day: 24, hour: 32, minute: 40, second: 48
    });
    layout!(program, Parsed as "instanter_parsed", 32 {
        size: 0, seconds: 8, nanoseconds: 16, zone: 20, offset_s: 24, reserved: 28
    });
    program += "ASSERT(sizeof(instanter_zone_t) == 4);\n\
                ASSERT(sizeof(enum instanter_status) == 4);\n\
                ASSERT(INSTANTER_STATUS_OTHER == -19);\n\
                ASSERT(INSTANTER_LINK_SYSCALL == 3);\n\
                ASSERT(INSTANTER_POLICY_REJECT == 3);\n\
                ASSERT(INSTANTER_KIND_FOLD == 2);\n\
                ASSERT(INSTANTER_DIALECT_GO == 1);\n\
                ASSERT(INSTANTER_ONE_MOMENT == 1);\n\
                ASSERT(INSTANTER_UTC == 0);\n";
    let file = installed().prefix.join("layout.c");
    std::fs::write(&file, &program).unwrap();
    for (compiler, language) in [("cc", ["-std=c11", "c"]), ("g++", ["-std=c++11", "c++"])] {
        if !has(compiler) || !has("pkg-config") {
            skipped("both_sides_agree", &format!("{compiler} or pkg-config is not installed"));
            continue;
        }
        run(Command::new(compiler)
            .args(STRICT)
            .args([language[0], "-x", language[1], "-fsyntax-only"])
            .args(installed().pkg_config(&["--cflags"]))
            .arg(&file));
    }
}
