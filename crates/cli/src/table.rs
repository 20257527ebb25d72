//! Tables that fit: columns that matter least are left out first, and the last
//! one wraps.

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table as Layout, presets};
use textwrap::core::display_width;

/// Spaces between two columns.
const GAP: u16 = 2;

/// The last column wraps rather than be left out, down to this width.
const NARROWEST_LAST: usize = 14;

/// A column of a table.
#[derive(Clone, Copy)]
pub(crate) struct Column {
    name: &'static str,
    is_number: bool,
    /// When it is left out: the highest first; never if zero.
    expendable: u8,
}

impl Column {
    pub(crate) const fn text(name: &'static str) -> Column {
        Column { name, is_number: false, expendable: 0 }
    }

    /// Aligned to the right.
    pub(crate) const fn number(name: &'static str) -> Column {
        Column { name, is_number: true, expendable: 0 }
    }

    pub(crate) const fn expendable(self, rank: u8) -> Column {
        Column { expendable: rank, ..self }
    }
}

/// Rows of text under named columns.
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(columns: impl IntoIterator<Item = Column>) -> Table {
        Table { columns: columns.into_iter().collect(), rows: Vec::new() }
    }

    /// Adds a row; one text a column.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Lays the table out in `room` characters, or as wide as it likes. Returns
    /// its lines, the header first, and the names of the columns left out.
    pub(crate) fn fit(&self, room: Option<usize>) -> (Vec<String>, Vec<&'static str>) {
        let mut shown: Vec<usize> = (0..self.columns.len()).collect();
        if let Some(room) = room {
            while self.narrowest(&shown) > room {
                let Some(least) = shown
                    .iter()
                    .copied()
                    .filter(|&column| self.columns[column].expendable > 0)
                    .max_by_key(|&column| self.columns[column].expendable)
                else {
                    break;
                };
                shown.retain(|&column| column != least);
            }
        }
        let left_out = (0..self.columns.len())
            .filter(|column| !shown.contains(column))
            .map(|column| self.columns[column].name)
            .collect();
        (self.lay_out(&shown, room), left_out)
    }

    fn lay_out(&self, shown: &[usize], room: Option<usize>) -> Vec<String> {
        let mut layout = Layout::new();
        layout.load_style(presets::NOTHING);
        layout.set_header(shown.iter().map(|&column| self.columns[column].name));
        for row in &self.rows {
            layout.add_row(shown.iter().map(|&column| row[column].as_str()));
        }
        if let Some(room) = room {
            layout.set_content_arrangement(ContentArrangement::Dynamic);
            layout.set_width(u16::try_from(room).unwrap_or(u16::MAX));
        }
        let wide = room.is_some_and(|room| self.narrowest(shown) > room);
        for (place, &column) in shown.iter().enumerate() {
            let is_last = place + 1 == shown.len();
            let Some(cells) = layout.column_mut(place) else { continue };
            cells.set_padding((0, if is_last { 0 } else { GAP }));
            if self.columns[column].is_number {
                cells.set_cell_alignment(CellAlignment::Right);
            }
            // Where even that is too wide, text gives way; a number that is cut in
            // two cannot be read.
            let may_wrap = is_last || (wide && !self.columns[column].is_number);
            if !may_wrap {
                cells.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        layout.trim_fmt().lines().map(str::to_owned).collect()
    }

    /// The width with the last column, if its text wraps, at its narrowest.
    fn narrowest(&self, shown: &[usize]) -> usize {
        let gaps = usize::from(GAP) * shown.len().saturating_sub(1);
        let widths = shown.iter().enumerate().map(|(place, &column)| {
            let width = self.width(column);
            let wraps = place + 1 == shown.len() && !self.columns[column].is_number;
            if wraps { width.min(NARROWEST_LAST) } else { width }
        });
        gaps + widths.sum::<usize>()
    }

    fn width(&self, column: usize) -> usize {
        let name = display_width(self.columns[column].name);
        self.rows.iter().map(|row| display_width(&row[column])).fold(name, usize::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new([
            Column::text("name"),
            Column::number("value"),
            Column::number("spare").expendable(2),
            Column::text("words").expendable(1),
        ]);
        table.row(["a", "1", "22222", "some words that are long"].map(str::to_owned));
        table.row(["bb", "12345", "2", ""].map(str::to_owned));
        table
    }

    #[test]
    fn with_room_nothing_wraps() {
        let (lines, left_out) = table().fit(None);
        assert_eq!(
            lines,
            [
                "name  value  spare  words",
                "a         1  22222  some words that are long",
                "bb    12345      2",
            ]
        );
        assert!(left_out.is_empty());
    }

    #[test]
    fn the_last_column_wraps_then_columns_go() {
        let (lines, left_out) = table().fit(Some(36));
        assert!(lines.iter().all(|line| line.len() <= 36), "{lines:#?}");
        assert!(left_out.is_empty() && lines.len() == 4, "{lines:#?}");
        let (lines, left_out) = table().fit(Some(30));
        assert!(lines.iter().all(|line| line.len() <= 30), "{lines:#?}");
        assert_eq!(left_out, ["spare"]);
        let (lines, left_out) = table().fit(Some(12));
        assert_eq!(lines, ["name  value", "a         1", "bb    12345"]);
        assert_eq!(left_out, ["spare", "words"]);
    }
}
