//! What may be meant by a word that nobody knows.

/// `; did you mean ...?`, if one of the known words is near enough to be meant.
pub(crate) fn nearest(word: &str, known: &[&str]) -> String {
    let distance = |other: &&&str| edits(word, other);
    match known.iter().min_by_key(distance) {
        Some(found) if distance(&found) <= (found.len() / 3).max(1) => format!("; did you mean `{found}`?"),
        _ => String::new(),
    }
}

/// How many characters have to be added, taken away or replaced (Levenshtein's distance), whatever their case.
fn edits(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, seen) in one.to_lowercase().chars().enumerate() {
        let mut next = vec![above + 1];
        for (wanted, pair) in other.iter().zip(row.windows(2)) {
            let [diagonal, up] = pair else { continue };
            let left = next.last().copied().unwrap_or_default();
            next.push((diagonal + usize::from(*wanted != seen)).min(up + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
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
    }
}
