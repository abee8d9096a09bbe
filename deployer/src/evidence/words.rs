//! Numbers with their nouns and verbs.

/// `1 account × Region`, `3 accounts × Regions`.
pub(crate) fn places(count: u64) -> String {
    if count == 1 { "1 account × Region".to_owned() } else { format!("{count} accounts × Regions") }
}

/// `1 notebook or domain`, `3 notebooks and domains`.
pub(crate) fn resources(count: u64) -> String {
    if count == 1 { "1 notebook or domain".to_owned() } else { format!("{count} notebooks and domains") }
}

/// The first word for one, the second for any other number.
pub(crate) fn by<'a>(count: u64, one: &'a str, more: &'a str) -> &'a str {
    if count == 1 { one } else { more }
}

/// The words of a name that programs use: `exportedBy` is `exported by`.
pub(crate) fn of_name(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    for one in name.chars() {
        if one.is_uppercase() {
            words.push(' ');
        }
        words.extend(one.to_lowercase());
    }
    words.replace(['.', '_', '-'], " ").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_more_than_one() {
        assert_eq!((places(1).as_str(), places(0).as_str()), ("1 account × Region", "0 accounts × Regions"));
        assert_eq!((resources(1).as_str(), resources(2).as_str()), ("1 notebook or domain", "2 notebooks and domains"));
        assert_eq!((by(1, "is", "are"), by(0, "is", "are")), ("is", "are"));
        assert_eq!(
            (of_name("exportedBy").as_str(), of_name("scope.accounts").as_str()),
            ("exported by", "scope accounts")
        );
    }
}
