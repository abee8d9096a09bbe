//! The notebook of an exemption: a name or an ARN, in which `*` stands for any characters.

use std::cmp::Ordering;
use std::fmt;

use crate::resource::{Arn, ResourceId, ResourceType};

/// The name of a notebook, its ARN, or the id, name or ARN of a domain. `*` stands for any characters of the name, also
/// for none.
///
/// Letter case makes no difference, as it makes none between the ARNs of one notebook: SageMaker's APIs do not agree on
/// it, and a change must be judged like a sweep.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    /// What follows the last `/`: all of it, unless it is an ARN.
    name: String,
}

/// What must be so where the exemption is: the account, the Region, and what its check judges.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) account: Option<&'a str>,
    pub(super) region: Option<&'a str>,
    pub(super) resource_type: Option<&'a ResourceType>,
}

/// The longest name of a notebook or domain
/// (<https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateNotebookInstance.html>).
const LONGEST_NAME: usize = 63;
/// The longest pattern: an ARN with a star between any two characters of the name would be longer, and senseless.
const LONGEST: usize = 256;

impl Pattern {
    /// The pattern, or what is wrong with it. An ARN has to lie in the account and Region of the exemption, because
    /// elsewhere it could never match.
    pub(super) fn of(text: &str, place: Place<'_>) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("has {} characters, more than {LONGEST}", text.chars().count()));
        }
        let name = if text.contains(':') { name_of_arn(text, place)? } else { text.to_owned() };
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'*';
        if !name.bytes().all(is_name) || name.is_empty() {
            return Err(format!("is {}, where a name has letters, digits, `-` and `*`", super::field::quoted(text)));
        }
        if name.bytes().filter(|byte| *byte != b'*').count() > LONGEST_NAME {
            return Err(format!("matches nothing: a name has at most {LONGEST_NAME} characters"));
        }
        Ok(Self { text: text.to_owned(), name })
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the resource of this name and id is meant.
    #[must_use]
    pub fn matches(&self, name: &str, id: &ResourceId) -> bool {
        let arn = id.as_str().parse::<Arn>();
        match (&arn, self.text.contains(':')) {
            (Ok(arn), true) => glob(&self.text, arn.as_str()),
            (Ok(arn), false) => glob(&self.name, name) || glob(&self.name, arn.last_segment()),
            // A domain has an id that is no ARN; account and Region were compared already.
            (Err(_), true) => glob(&self.name, id.as_str()),
            (Err(_), false) => glob(&self.name, name) || glob(&self.name, id.as_str()),
        }
    }
}

fn name_of_arn(text: &str, place: Place<'_>) -> Result<String, String> {
    let quoted = super::field::quoted(text);
    let arn: Arn = text.parse().map_err(|_| format!("is {quoted}, which is neither a name nor an ARN"))?;
    let is_aws = arn.partition().starts_with("aws") && !arn.partition().contains('*');
    if !is_aws || arn.service() != "sagemaker" {
        return Err(format!("is {quoted}, which is no ARN of SageMaker"));
    }
    for (what, own, of_entry) in [("account", arn.account(), place.account), ("Region", arn.region(), place.region)] {
        if own.contains('*') {
            return Err(format!("is {quoted}: `*` may stand in the name only"));
        }
        if let Some(of_entry) = of_entry.filter(|of_entry| own != *of_entry) {
            return Err(format!("is an ARN in the {what} {own}, but the exemption is for {of_entry}"));
        }
    }
    let (kind, name) = arn.resource().split_once('/').unwrap_or_default();
    let known = match kind {
        "notebook-instance" => ResourceType::NOTEBOOK_INSTANCE,
        "domain" => ResourceType::DOMAIN,
        _ => return Err(format!("is {quoted}, which is no ARN of a notebook instance or domain")),
    };
    match place.resource_type {
        Some(judged) if *judged != known => Err(format!("is the ARN of a {kind}, but the check judges {judged}")),
        _ => Ok(name.to_owned()),
    }
}

/// Whether a text matches a pattern, whatever the case of ASCII letters. Goes back to the last star only, so that the
/// work is bounded by the product of the two lengths.
fn glob(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern.as_bytes(), text.as_bytes());
    // What follows the last star, and the text from which it was tried.
    let mut last: Option<(&[u8], &[u8])> = None;
    loop {
        match (pattern.split_first(), text.split_first()) {
            (Some((b'*', rest)), _) => {
                pattern = rest;
                last = Some((rest, text));
            }
            (Some((wanted, rest)), Some((seen, more))) if wanted.eq_ignore_ascii_case(seen) => {
                (pattern, text) = (rest, more);
            }
            (None, None) => return true,
            (Some(_) | None, _) => match last.and_then(|(rest, from)| Some((rest, from.split_first()?.1))) {
                Some((rest, from)) => {
                    (pattern, text) = (rest, from);
                    last = Some((rest, from));
                }
                None => return false,
            },
        }
    }
}

impl std::str::FromStr for Pattern {
    type Err = String;

    /// A pattern for notebooks and domains anywhere.
    fn from_str(text: &str) -> Result<Self, String> {
        Self::of(text, Place { account: None, region: None, resource_type: None })
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text.eq_ignore_ascii_case(&other.text)
    }
}

impl Eq for Pattern {}

impl PartialOrd for Pattern {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Pattern {
    fn cmp(&self, other: &Self) -> Ordering {
        let [one, other] = [self, other].map(|pattern| pattern.text.bytes().map(|byte| byte.to_ascii_lowercase()));
        one.cmp(other)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ANYWHERE: Place<'_> = Place { account: None, region: None, resource_type: None };
    const ARN: &str = "arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/";

    fn pattern(text: &str) -> Pattern {
        Pattern::of(text, ANYWHERE).unwrap()
    }

    fn id(text: &str) -> ResourceId {
        text.parse().unwrap()
    }

    #[test]
    fn names_and_arns_match_whatever_their_case() {
        let nb = id(&format!("{ARN}my-Book"));
        for text in ["my-book", "My-*", "*", "*book", "m*-*k", "my-book*", &format!("{ARN}MY-BOOK"), &format!("{ARN}*")]
        {
            assert!(pattern(text).matches("My-Book", &nb), "{text}");
        }
        for text in ["my", "book", "my-books", "*-", "x*", "m*x*k", &format!("{ARN}my")] {
            assert!(!pattern(text).matches("My-Book", &nb), "{text}");
        }
        let elsewhere = id("arn:aws-cn:sagemaker:cn-north-1:111122223333:notebook-instance/my-book");
        assert!(!pattern(&format!("{ARN}my-book")).matches("my-book", &elsewhere));
    }

    #[test]
    fn a_domain_is_meant_by_id_name_or_arn() {
        let domain = id("d-abc123");
        for text in ["d-abc123", "research", "arn:aws:sagemaker:eu-west-1:111122223333:domain/d-abc*"] {
            assert!(pattern(text).matches("research", &domain), "{text}");
        }
        assert!(!pattern("arn:aws:sagemaker:eu-west-1:111122223333:domain/research").matches("research", &domain));
    }

    #[test]
    fn what_can_never_match_is_no_pattern() {
        let place = Place {
            account: Some("111122223333"),
            region: Some("eu-west-1"),
            resource_type: Some(&ResourceType::NOTEBOOK_INSTANCE),
        };
        for (text, says) in [
            ("a b", "a name has letters"),
            ("nb?", "a name has letters"),
            ("bücher", "a name has letters"),
            ("", "a name has letters"),
            (ARN, "a name has letters"),
            ("arn:aws:sagemaker:eu-west-1:999988887777:notebook-instance/x", "the account 999988887777"),
            ("arn:aws:sagemaker:us-east-1:111122223333:notebook-instance/x", "the Region us-east-1"),
            ("arn:aws:sagemaker:*:111122223333:notebook-instance/x", "in the name only"),
            ("arn:aws:sagemaker:eu-west-1:111122223333:domain/d-x", "the check judges"),
            ("arn:aws:sagemaker:eu-west-1:111122223333:notebook-*", "no ARN of a notebook"),
            ("arn:aws:s3:eu-west-1:111122223333:notebook-instance/x", "no ARN of SageMaker"),
            ("arn:*:sagemaker:eu-west-1:111122223333:notebook-instance/x", "no ARN of SageMaker"),
            ("c:/x", "neither a name nor an ARN"),
            (&"x".repeat(64), "at most 63"),
            (&"*".repeat(257), "more than 256"),
        ] {
            let error = Pattern::of(text, place).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    /// The textbook recursion, as a second opinion.
    fn oracle(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            (['*', rest @ ..], _) => (0..=text.len()).any(|skipped| oracle(rest, &text[skipped..])),
            ([wanted, rest @ ..], [seen, more @ ..]) => wanted.eq_ignore_ascii_case(seen) && oracle(rest, more),
            ([], _) | (_, []) => false,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_glob_agrees_with_the_textbook(pattern in "[abAB*]{0,8}", text in "[abAB]{0,10}") {
            let characters = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(glob(&pattern, &text), oracle(&characters(&pattern), &characters(&text)));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}", name in ".{0,40}") {
            if let Ok(pattern) = Pattern::of(&text, ANYWHERE) {
                let _ = pattern.matches(&name, &id(&format!("x{name}")));
            }
        }
    }
}
