//! The C header, made of the doc comments of the crate `abi`.

use anyhow::{Context, Result, bail};

use crate::repository;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Fail if the file would be written otherwise, and write nothing
    #[arg(long)]
    check: bool,
}

/// Writes or checks `instanter.h`.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let file = repository().join("crates/abi/include/instanter.h");
    let made = make()?;
    if !arguments.check {
        std::fs::write(&file, &made).with_context(|| file.display().to_string())?;
        println!("instanter.h: {} lines", made.lines().count());
        return Ok(());
    }
    let there = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    if made != there {
        bail!("instanter.h is not what the sources give: run `cargo xtask header`");
    }
    println!("instanter.h: {} lines, as it should be", made.lines().count());
    Ok(())
}

fn make() -> Result<String> {
    let folder = repository().join("crates/abi");
    let config = cbindgen::Config::from_file(folder.join("cbindgen.toml"))
        .map_err(|error| anyhow::anyhow!("cbindgen.toml: {error}"))?;
    let bindings = cbindgen::Builder::new().with_crate(&folder).with_config(config).generate()?;
    let mut made = Vec::new();
    bindings.write(&mut made);
    Ok(in_the_manner_of_c(&String::from_utf8(made)?))
}

/// Makes comments of one line where a line is enough, and calls by a name of C's what
/// Rust has a section for.
fn in_the_manner_of_c(made: &str) -> String {
    const LONGEST: usize = 100;
    let made = made.replace(" * # Safety\n * ", " * Pointers: ");
    let lines: Vec<&str> = made.lines().collect();
    let mut out = String::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let indent = line.len() - line.trim_start().len();
        let body = lines.get(at + 1).and_then(|line| line.trim_start().strip_prefix("* "));
        let closes = lines.get(at + 2).is_some_and(|line| line.trim_start() == "*/");
        match body {
            Some(body) if line.trim_start() == "/**" && closes => {
                let short = format!("{:indent$}/** {body} */", "");
                if short.len() <= LONGEST {
                    out += &short;
                    out.push('\n');
                    at += 3;
                    continue;
                }
            }
            _ => {}
        }
        out += line;
        out.push('\n');
        at += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments() {
        let long = "x".repeat(100);
        let table = [
            ("/**\n * One.\n */\nint a;\n", "/** One. */\nint a;\n"),
            ("    /**\n     * One.\n     */\n", "    /** One. */\n"),
            ("/**\n * One.\n * Two.\n */\n", "/**\n * One.\n * Two.\n */\n"),
            (
                "/**\n * A.\n *\n * # Safety\n * `a`.\n */\n",
                "/**\n * A.\n *\n * Pointers: `a`.\n */\n",
            ),
            (&*format!("/**\n * {long}\n */\n"), &*format!("/**\n * {long}\n */\n")),
            ("/**", "/**\n"),
        ];
        for (made, want) in table {
            assert_eq!(in_the_manner_of_c(made), want, "{made}");
        }
    }
}
