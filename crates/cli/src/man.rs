//! `instanter man`: manual pages, made of the command's own definitions.
//!
//! What `--help` shows after the options (examples, exit status) becomes sections of
//! their own, in which lines stay as they are.

use std::io::{self, Write};
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::args::{Cli, ManArgs};
use crate::failure::{Failure, Outcome, Status};
use crate::screen::Screen;

pub(crate) fn run(args: &ManArgs, screen: &Screen) -> Outcome {
    let pages = pages().map_err(|error| Failure::new(format!("cannot make the pages: {error}")))?;
    if let Some(folder) = &args.dir {
        return write(&pages, folder, screen);
    }
    let wanted = match &args.name {
        Some(words) => format!("instanter-{}.1", words.trim().replace(' ', "-")),
        None => "instanter.1".to_owned(),
    };
    let Some((_, page)) = pages.iter().find(|(file, _)| *file == wanted) else {
        let name = args.name.as_deref().unwrap_or_default();
        return Err(Failure::new(format!(
            "{name:?} is no subcommand: instanter --help lists them"
        )));
    };
    screen.stream(|out| out.write_all(page))?;
    Ok(Status::Fine)
}

fn write(pages: &[(String, Vec<u8>)], folder: &Path, screen: &Screen) -> Outcome {
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::new(format!("cannot make {:?}: {error}", folder.display())))?;
    for (file, page) in pages {
        let path = folder.join(file);
        std::fs::write(&path, page)
            .map_err(|error| Failure::new(format!("cannot write {:?}: {error}", path.display())))?;
    }
    screen.stream(|out| {
        pages.iter().try_for_each(|(file, _)| writeln!(out, "{}", folder.join(file).display()))
    })?;
    Ok(Status::Fine)
}

/// Every page with the name of its file.
fn pages() -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    add(&command, "instanter", &mut pages)?;
    Ok(pages)
}

/// Adds the page of a command and those of its subcommands.
fn add(command: &Command, name: &str, pages: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    pages.push((format!("{name}.1"), page(command, name)?));
    for subcommand in command.get_subcommands().filter(|each| !each.is_hide_set()) {
        add(subcommand, &format!("{name}-{}", subcommand.get_name()), pages)?;
    }
    Ok(())
}

fn page(command: &Command, name: &str) -> io::Result<Vec<u8>> {
    let after = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    // The name of a page has hyphens, and its synopsis the words that are typed.
    let typed = name.replace('-', " ");
    let man = Man::new(command.clone().bin_name(typed).display_name(name));
    let mut page = Vec::new();
    // No date: pages made of the same sources are the same.
    let (title, version) = (name.to_uppercase(), env!("CARGO_PKG_VERSION"));
    writeln!(page, ".TH \"{}\" 1 \"\" \"instanter {version}\" Instanter", escaped(&title))?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    if command.get_arguments().next().is_some() {
        man.render_options_section(&mut page)?;
    }
    subcommands(command, name, &mut page)?;
    sections(&after, &mut page)?;
    if name != "instanter" {
        page.write_all(b".SH \"SEE ALSO\"\n\\fBinstanter\\fR(1)\n")?;
    }
    Ok(page)
}

fn subcommands(command: &Command, name: &str, page: &mut Vec<u8>) -> io::Result<()> {
    let mut listed = command.get_subcommands().filter(|each| !each.is_hide_set()).peekable();
    if listed.peek().is_some() {
        writeln!(page, ".SH SUBCOMMANDS")?;
    }
    for subcommand in listed {
        let about = subcommand.get_about().map(ToString::to_string).unwrap_or_default();
        let page_name = format!("{name}-{}", subcommand.get_name());
        writeln!(page, ".TP\n\\fB{}\\fR(1)\n{}", escaped(&page_name), escaped(about.trim()))?;
    }
    Ok(())
}

/// `Examples:` and what is indented below it; and so on. What belongs to no such
/// heading is notes.
fn sections(text: &str, page: &mut Vec<u8>) -> io::Result<()> {
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        let heading = line
            .strip_suffix(':')
            .filter(|_| lines.peek().is_some_and(|next| next.starts_with("  ")));
        match heading {
            Some(heading) => writeln!(page, ".SH {:?}\n.nf", heading.to_uppercase())?,
            None => writeln!(page, ".SH NOTES\n{}", escaped(line))?,
        }
        // Till the next empty line.
        for line in lines.by_ref().take_while(|line| !line.is_empty()) {
            writeln!(page, "{}", escaped(line.strip_prefix("  ").unwrap_or(line)))?;
        }
        if heading.is_some() {
            writeln!(page, ".fi")?;
        }
    }
    Ok(())
}

/// A line of text as roff takes it: no requests, no escapes, hyphens that can be
/// copied.
fn escaped(line: &str) -> String {
    let text = line.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_request() {
        let table = [
            ("plain", "plain"),
            (".TH", "\\&.TH"),
            ("'x", "\\&'x"),
            ("--json \\d", "\\-\\-json \\ed"),
        ];
        for (line, want) in table {
            assert_eq!(escaped(line), want, "{line:?}");
        }
    }

    #[test]
    fn sections_keep_their_lines() {
        let mut page = Vec::new();
        let text = "Examples:\n  a   b\n  c\n\nExit status:\n  0  fine\n\nA note\nthat goes on.";
        sections(text, &mut page).expect("memory is written to");
        assert_eq!(
            String::from_utf8(page).expect("text"),
            ".SH \"EXAMPLES\"\n.nf\na   b\nc\n.fi\n.SH \"EXIT STATUS\"\n.nf\n0  fine\n.fi\n.SH NOTES\nA note\nthat goes on.\n"
        );
    }

    #[test]
    fn every_subcommand_has_a_page() {
        let pages = pages().expect("memory is written to");
        let command = Cli::command();
        for subcommand in command.get_subcommands() {
            let file = format!("instanter-{}.1", subcommand.get_name());
            let page = pages.iter().find(|(name, _)| *name == file);
            let (_, page) = page.unwrap_or_else(|| panic!("{file}"));
            let text = String::from_utf8_lossy(page);
            for section in [".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION", ".SH OPTIONS"] {
                assert!(text.contains(section), "{section} in {file}: {text}");
            }
        }
        assert!(pages.iter().any(|(name, _)| name == "instanter-vdso-dump.1"));
        assert!(!pages.iter().any(|(name, _)| name.contains("help")));
    }
}
