//! Texts in files that a spreadsheet opens.

/// What makes a spreadsheet take a cell for a formula, also in its wide forms.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A cell that begins like a formula would be run by a spreadsheet: an apostrophe before it makes it text.
pub(crate) fn harmless(cell: &str) -> String {
    if cell.trim_start_matches(' ').starts_with(FORMULA) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(harmless("=1+1"), "'=1+1");
        assert_eq!(harmless("  =1+1"), "'  =1+1");
        assert_eq!(harmless("-x"), "'-x");
        assert_eq!(harmless("＝1"), "'＝1");
        assert_eq!(harmless("nb-1"), "nb-1");
        assert_eq!(harmless("a=1"), "a=1");
    }
}
