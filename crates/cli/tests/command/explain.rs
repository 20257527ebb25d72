//! `explain`: its arithmetic is right, and its count of system calls too.

use serde_json::Value;

use super::{instanter, json, skipped};

fn explain(source: Option<&str>) -> Value {
    let mut command = instanter(&["explain", "--json"]);
    if let Some(source) = source {
        command.env("INSTANTER_SOURCE", source);
    }
    json(&mut command)
}

fn number(value: &Value) -> i128 {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.parse().unwrap_or_else(|_| panic!("{text:?} is no number"))
}

#[test]
fn the_arithmetic_adds_up() {
    let report = explain(None);
    if report["source"] != "page" {
        let why = report["why_not_page"].to_string();
        return skipped("the_arithmetic_adds_up", &format!("the page does not serve: {why}"));
    }
    let sums = report["arithmetic"].as_array().expect("a list");
    assert_eq!(sums.len(), 2);
    for sum in sums {
        let of = |field: &str| number(&sum[field]);
        let ticks = of("counter") - of("origin");
        assert_eq!(of("delta"), ticks.max(0), "{sum}");
        assert_eq!(of("product"), of("delta") * of("mult"), "{sum}");
        assert_eq!(of("sum"), of("product") + of("base_nsec"), "{sum}");
        assert_eq!(of("nanoseconds"), of("sum") >> of("shift"), "{sum}");
        assert_eq!(of("carry"), of("nanoseconds") / 1_000_000_000, "{sum}");
        if sum["namespace"].is_null() {
            let (seconds, nanos) =
                (of("base_sec") + of("carry"), of("nanoseconds") % 1_000_000_000);
            assert_eq!(sum["result"], format!("{seconds}.{nanos:09}"), "{sum}");
        }
        assert_eq!(sum["equal"], true, "{sum}");
    }
    assert_eq!(report["bracket"][2]["monotonic"], sums[0]["result"]);
}

#[test]
fn the_answer_lies_between_the_kernels() {
    for source in [None, Some("vdso"), Some("syscall")] {
        let report = explain(source);
        assert_eq!(report["in_order"], true, "{source:?}: {}", report["bracket"]);
        assert!(report["bracket"].as_array().is_some_and(|answers| answers.len() >= 3));
    }
}

#[test]
fn system_calls_are_counted() {
    for (source, at_least) in [("page", 0), ("vdso", 0), ("syscall", 2)] {
        let report = explain(Some(source));
        let counted = &report["system_calls"];
        if counted.is_null() {
            let why = report["system_calls_error"].to_string();
            return skipped("system_calls_are_counted", &why);
        }
        if report["source"] != source {
            skipped("system_calls_are_counted", &format!("{source} does not serve here"));
            continue;
        }
        let (calls, system_calls) = (number(&counted["calls"]), number(&counted["system_calls"]));
        assert!(calls >= 1_000, "{source}: {counted}");
        assert!(number(&counted["first_call_system_calls"]) > 0, "{source}: {counted}");
        if at_least == 0 {
            assert_eq!(system_calls, 0, "{source}: {counted}");
        } else {
            assert!(system_calls >= at_least * calls, "{source}: {counted}");
        }
    }
}

#[test]
fn a_pin_is_no_degradation() {
    for source in ["vdso", "syscall"] {
        instanter(&["explain"]).env("INSTANTER_SOURCE", source).assert().code(0);
        assert_eq!(explain(Some(source))["pinned"], source);
    }
}

/// A process that is traced already cannot be traced by its parent too: that is
/// what a sandbox without ptrace looks like.
#[test]
fn where_ptrace_is_denied_it_says_so() {
    const NAME: &str = "where_ptrace_is_denied_it_says_so";
    let output = std::process::Command::new("strace")
        .args([
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            env!("CARGO_BIN_EXE_instanter"),
            "explain",
            "--json",
        ])
        .env_remove("INSTANTER_SOURCE")
        .output();
    let report = match &output {
        Ok(output) => serde_json::from_slice::<Value>(&output.stdout).ok(),
        Err(_) => None,
    };
    let Some(report) = report else {
        return skipped(NAME, "strace is not installed, or may not trace here");
    };
    assert!(report["system_calls"].is_null(), "{report}");
    let why = report["system_calls_error"].as_str().expect("a reason");
    assert!(why.contains("ptrace is not allowed here: EPERM"), "{why}");
}
