//! Tables that read well in a terminal and are Markdown at the same time.

/// A table; the first column is text, the others are numbers and stand to the right.
pub(crate) fn render(heads: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let widest = cells.map(|cell| cell.chars().count()).max().unwrap_or(0);
        widest.max(heads[column].chars().count()).max(2)
    };
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let line = |cells: &[String]| {
        let cells = cells.iter().zip(&widths).enumerate();
        let padded = cells.map(|(column, (cell, &width))| {
            if column == 0 {
                format!(" {cell:<width$} |")
            } else {
                format!(" {cell:>width$} |")
            }
        });
        format!("|{}\n", padded.collect::<String>())
    };
    let heads: Vec<String> = heads.iter().map(|&head| head.to_owned()).collect();
    let rule = widths.iter().enumerate().map(|(column, &width)| {
        let dashes = "-".repeat(width + 1);
        if column == 0 {
            format!("{dashes}-|")
        } else {
            format!("{dashes}:|")
        }
    });
    let rule = format!("|{}\n", rule.collect::<String>());
    let body: String = rows.iter().map(|row| line(row)).collect();
    line(&heads) + &rule + &body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let rows = [
            vec!["a".to_owned(), "1".to_owned()],
            vec!["bcd".to_owned(), "20000".to_owned()],
        ];
        assert_eq!(
            render(&["who", "s"], &rows),
            "| who |     s |\n|-----|------:|\n| a   |     1 |\n| bcd | 20000 |\n"
        );
    }
}
