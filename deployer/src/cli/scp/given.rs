//! What the user says beyond the policies: keys of the requests, targets.

/// `KEY=VALUE` for a condition key.
pub(super) fn context(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if key.contains(':') => Ok((key.to_owned(), value.to_owned())),
        _ => Err("a condition key and its value, such as aws:PrincipalOrgID=o-abcdefghij".to_owned()),
    }
}

/// The id of a root, a unit or an account.
pub(super) fn target(text: &str) -> Result<String, String> {
    let is_word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let is_account = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    let is_root = text.strip_prefix("r-").is_some_and(is_word);
    let is_unit = text
        .strip_prefix("ou-")
        .and_then(|rest| rest.split_once('-'))
        .is_some_and(|(root, id)| is_word(root) && is_word(id));
    if is_account || is_root || is_unit {
        Ok(text.to_owned())
    } else {
        Err("an id: r-..., ou-..., or an account's twelve digits".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        assert_eq!(context("aws:X=a=b"), Ok(("aws:X".to_owned(), "a=b".to_owned())));
        assert!(context("aws:X").is_err() && context("x=y").is_err());
        assert!(["r-abcd", "ou-abcd-12345678", "111122223333"].into_iter().all(|id| target(id).is_ok()));
        assert!(["", "r-", "ou-abcd", "11112222333", "Prod/Payments"].into_iter().all(|id| target(id).is_err()));
    }
}
