//! What may be meant by a word that nobody knows.

/// `; did you mean ...?`, if one of the known words is near enough to be meant.
pub(crate) fn nearest(word: &str, known: &[&str]) -> String {
    let mut nearest = Nearest::new(word);
    for other in known {
        nearest.look(other);
    }
    nearest.meant()
}

/// The same for words that come one after the other, of which none is kept but the nearest.
#[derive(Debug)]
pub(crate) struct Nearest {
    word: String,
    found: Option<(usize, String)>,
}

impl Nearest {
    pub(crate) fn new(word: &str) -> Self {
        Self { word: word.to_owned(), found: None }
    }

    /// Takes a known word.
    pub(crate) fn look(&mut self, known: &str) {
        let distance = edits(&self.word, known);
        if self.found.as_ref().is_none_or(|(other, _)| distance < *other) {
            self.found = Some((distance, known.to_owned()));
        }
    }

    /// `; did you mean ...?`, if the nearest is near enough to be meant.
    pub(crate) fn meant(&self) -> String {
        match &self.found {
            Some((distance, found)) if *distance <= (found.len() / 3).max(1) => {
                format!("; did you mean `{found}`?")
            }
            _ => String::new(),
        }
    }
}

/// How many characters have to be added, taken away, replaced, or swapped with the next one (the distance of Damerau and
/// Levenshtein), whatever their case.
fn edits(one: &str, other: &str) -> usize {
    let letters = |text: &str| text.to_lowercase().chars().collect::<Vec<char>>();
    let (one, other) = (letters(one), letters(other));
    // The rows of the two letters before, and what they end in.
    let (mut older, mut old, mut before): (Vec<usize>, Vec<usize>, Option<char>) =
        (Vec::new(), (0..=other.len()).collect(), None);
    let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX / 2);
    for (above, letter) in one.iter().enumerate() {
        let mut row = vec![above + 1];
        for (column, wanted) in other.iter().enumerate() {
            let changed = at(&old, column) + usize::from(wanted != letter);
            let is_swapped = before == Some(*wanted) && column > 0 && other.get(column - 1) == Some(letter);
            let swapped = if is_swapped { at(&older, column - 1) + 1 } else { usize::MAX };
            row.push(changed.min(at(&old, column + 1) + 1).min(at(&row, column) + 1).min(swapped));
        }
        (older, old, before) = (old, row, Some(*letter));
    }
    old.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_near_is_meant() {
        assert_eq!(nearest("Paymnets", &["Prod", "Payments"]), "; did you mean `Payments`?");
        assert_eq!(nearest("prod", &["Prod", "Payments"]), "; did you mean `Prod`?");
        assert_eq!(nearest("Nowhere", &["Prod", "Payments"]), "");
        assert_eq!(nearest("Prod", &[]), "");
        assert_eq!(nearest("fruad", &["batch", "fraud"]), "; did you mean `fraud`?");
    }

    #[test]
    fn distances_are_those_of_damerau_and_levenshtein() {
        for (one, other, distance) in [
            ("kitten", "sitting", 3),
            ("ab", "ba", 1),
            ("", "abc", 3),
            ("abc", "", 3),
            ("ca", "abc", 3),
            ("Ab", "aB", 0),
        ] {
            assert_eq!(edits(one, other), distance, "{one} {other}");
        }
    }
}
