//! What the user says beyond the policies: keys of the requests, ids.

/// `KEY=VALUE` for a condition key.
pub(super) fn context(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if key.contains(':') => Ok((key.to_owned(), value.to_owned())),
        _ => Err("a condition key and its value, such as aws:PrincipalOrgID=o-abcdefghij".to_owned()),
    }
}

/// Whether a text is an id of a root, a unit or an account, and no name.
pub(super) fn is_id(text: &str) -> bool {
    let is_word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let is_account = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    let is_root = text.strip_prefix("r-").is_some_and(is_word);
    let unit = text.strip_prefix("ou-").and_then(|rest| rest.split_once('-'));
    is_account || is_root || unit.is_some_and(|(root, id)| is_word(root) && is_word(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        assert_eq!(context("aws:X=a=b"), Ok(("aws:X".to_owned(), "a=b".to_owned())));
        assert!(context("aws:X").is_err() && context("x=y").is_err());
        assert!(["r-abcd", "ou-abcd-12345678", "111122223333"].into_iter().all(is_id));
        assert!(!["", "r-", "ou-abcd", "11112222333", "Prod/Payments"].into_iter().any(is_id));
    }
}
