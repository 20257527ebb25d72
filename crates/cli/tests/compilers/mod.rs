//! What compilers say of the programs of tests.

/// Panics if a compiler has refused a test's own program, and not because this machine lacks
/// something.
pub(crate) fn is_no_mistake(name: &str, errors: &str) {
    let is_one = |line: &&str| {
        let is_named = line.contains(&format!("{name}:"));
        let is_error = line.contains(" error: ") || name.ends_with(".go");
        is_named && is_error && !line.contains(" fatal error: ")
    };
    assert!(!errors.lines().any(|line| is_one(&line)), "{errors}");
}
