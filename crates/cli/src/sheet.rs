//! A text in the making: headings, wrapped prose, labelled values, tables.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use textwrap::core::display_width;

use crate::table::Table;

const HEADING: Style = AnsiColor::Green.on_default().bold();
const LABEL: Style = AnsiColor::Cyan.on_default();
const STRONG: Style = Style::new().bold();
const HEADER: Style = Style::new().underline();
const LITERAL: Style = AnsiColor::Cyan.on_default();
const NOTE: Style = Style::new().dimmed();

/// Text for a width. Holds escape codes for colours; whoever prints it takes
/// them out where they are not wanted.
pub(crate) struct Sheet {
    text: String,
    prose: usize,
    table: Option<usize>,
}

impl Sheet {
    /// Prose is wrapped at `prose` characters; tables at `table`, or not at all.
    pub(crate) fn new(prose: usize, table: Option<usize>) -> Sheet {
        Sheet { text: String::new(), prose, table }
    }

    /// Whether tables have less room than a terminal's usual 80 characters.
    pub(crate) fn is_narrow(&self) -> bool {
        self.table.is_some_and(|width| width < 80)
    }

    /// How many characters a line of prose may have.
    pub(crate) fn room(&self) -> usize {
        self.prose
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }

    pub(crate) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// One line that stands out.
    pub(crate) fn strong(&mut self, text: &str) {
        self.styled(STRONG, "", text);
    }

    /// A paragraph that stands out.
    pub(crate) fn strong_prose(&mut self, text: &str) {
        self.wrapped(STRONG, 0, text);
    }

    /// The heading of a section.
    pub(crate) fn heading(&mut self, text: &str) {
        self.wrapped(HEADING, 0, text);
    }

    /// A paragraph.
    pub(crate) fn prose(&mut self, indent: usize, text: &str) {
        self.wrapped(Style::new(), indent, text);
    }

    /// A line as it is, however long: a drawing.
    pub(crate) fn line(&mut self, indent: usize, text: &str) {
        self.styled(Style::new(), &" ".repeat(indent), text.trim_end());
    }

    /// A remark that matters less.
    pub(crate) fn note(&mut self, indent: usize, text: &str) {
        self.wrapped(NOTE, indent, text);
    }

    /// Labels on the left, values beside them; long values go on below
    /// themselves.
    pub(crate) fn fields<L: AsRef<str>, V: AsRef<str>>(
        &mut self,
        indent: usize,
        fields: impl IntoIterator<Item = (L, V)>,
    ) {
        let fields: Vec<(L, V)> = fields.into_iter().collect();
        let widest = fields.iter().map(|(label, _)| display_width(label.as_ref())).max();
        let column = indent + widest.unwrap_or(0) + 2;
        let room = self.prose.saturating_sub(column).max(16);
        for (label, value) in &fields {
            let (label, value) = (label.as_ref(), value.as_ref());
            for (index, line) in textwrap::wrap(value, room).iter().enumerate() {
                let label = if index == 0 { label } else { "" };
                let gap = column - indent - display_width(label);
                let (start, end) = if label.is_empty() {
                    (String::new(), String::new())
                } else {
                    (LABEL.render().to_string(), LABEL.render_reset().to_string())
                };
                let line = line.trim_end();
                let row = format!("{:indent$}{start}{label}{end}{:gap$}{line}", "", "");
                self.text.push_str(row.trim_end());
                self.blank();
            }
        }
    }

    /// A table, without the columns that there is no room for. Returns their
    /// names.
    pub(crate) fn table(&mut self, indent: usize, table: &Table) -> Vec<&'static str> {
        let room = self.table.map(|width| width.saturating_sub(indent));
        let (lines, left_out) = table.fit(room);
        for (index, line) in lines.iter().enumerate() {
            let style = if index == 0 { HEADER } else { Style::new() };
            let margin = " ".repeat(indent);
            self.styled(style, &margin, line);
        }
        left_out
    }

    /// Says which columns there was no room for.
    pub(crate) fn left_out(&mut self, columns: &[&str]) {
        if !columns.is_empty() {
            let columns = columns.join(", ");
            self.note(
                0,
                &format!("Too narrow for: {columns}. A wider terminal or --json shows all."),
            );
        }
    }

    /// A paragraph that stands out in a style of its own.
    pub(crate) fn marked(&mut self, style: Style, indent: usize, text: &str) {
        self.wrapped(style, indent, text);
    }

    /// A line as it is, however long: something to be copied.
    pub(crate) fn verbatim(&mut self, indent: usize, text: &str) {
        self.styled(LITERAL, &" ".repeat(indent), text);
    }

    fn wrapped(&mut self, style: Style, indent: usize, text: &str) {
        let margin = " ".repeat(indent);
        let room = self.prose.saturating_sub(indent).max(16);
        for line in textwrap::wrap(text, room) {
            self.styled(style, &margin, line.trim_end());
        }
    }

    fn styled(&mut self, style: Style, margin: &str, line: &str) {
        let (start, end) = (style.render(), style.render_reset());
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{margin}{start}{line}{end}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(sheet: Sheet) -> String {
        anstream::adapter::strip_str(&sheet.finish()).to_string()
    }

    #[test]
    fn values_go_on_below_themselves() {
        let mut sheet = Sheet::new(30, None);
        sheet.fields(2, [("a", "one two three four five six"), ("long", "x"), ("", "y")]);
        assert_eq!(
            plain(sheet),
            "  a     one two three four\n        five six\n  long  x\n        y\n"
        );
    }

    #[test]
    fn prose_is_wrapped_and_indented() {
        let mut sheet = Sheet::new(20, None);
        sheet.prose(2, "the quick brown fox jumps");
        assert_eq!(plain(sheet), "  the quick brown\n  fox jumps\n");
    }
}
