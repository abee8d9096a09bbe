//! A reason without what differs from account to account: account ids, Regions, ids of requests and the like.

/// Texts after which a request's id stands, up to a comma, a bracket or a blank.
const REQUESTS: [&str; 3] = ["Request ID: ", "RequestToken: ", "RequestId: "];
/// What a Region's name ends in, before its number.
const DIRECTIONS: [&str; 9] =
    ["north", "south", "east", "west", "central", "northeast", "northwest", "southeast", "southwest"];
/// What may stand between a Region's country and its direction.
const PARTITIONS: [&str; 6] = ["gov", "iso", "isob", "isoe", "isof", "de"];

/// The text with words in capitals for what differs.
pub(crate) fn normalized(text: &str) -> String {
    let mut text = text.to_owned();
    for before in REQUESTS {
        text = without_requests(&text, before);
    }
    let (mut out, mut word) = (String::with_capacity(text.len()), String::new());
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() || letter == '-' {
            word.push(letter);
        } else {
            out.push_str(&replaced(&word));
            word.clear();
            out.push(letter);
        }
    }
    out.push_str(&replaced(&word));
    out
}

fn without_requests(text: &str, before: &str) -> String {
    let mut parts = text.split(before);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|letter: char| !matches!(letter, ',' | ')' | ' ' | '"'));
        out.push_str(before);
        out.push_str("ID");
        out.push_str(rest);
    }
    out
}

/// A word of letters, digits and hyphens, with its parts replaced that differ.
fn replaced(word: &str) -> String {
    let parts: Vec<&str> = word.split('-').collect();
    let mut out: Vec<&str> = Vec::with_capacity(parts.len());
    let mut rest = parts.as_slice();
    while let Some((first, others)) = rest.split_first() {
        let (name, taken) = if let Some(taken) = region(rest) {
            ("REGION", taken)
        } else if is_uuid(rest) {
            ("ID", 5)
        } else if first.len() == 12 && first.bytes().all(|byte| byte.is_ascii_digit()) {
            ("ACCOUNT", 1)
        } else if is_random(first) {
            ("ID", 1)
        } else {
            out.push(first);
            rest = others;
            continue;
        };
        out.push(name);
        rest = rest.get(taken..).unwrap_or_default();
    }
    out.join("-")
}

/// How many parts make up the Region that stands in front.
fn region(parts: &[&str]) -> Option<usize> {
    let is_number = |part: &&str| part.len() == 1 && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_country = |part: &&str| *part == "eusc" || (part.len() == 2 && part.bytes().all(|b| b.is_ascii_lowercase()));
    match parts {
        [country, direction, number, ..]
            if is_country(country) && DIRECTIONS.contains(direction) && is_number(number) =>
        {
            Some(3)
        }
        [country, partition, direction, number, ..]
            if is_country(country)
                && PARTITIONS.contains(partition)
                && DIRECTIONS.contains(direction)
                && is_number(number) =>
        {
            Some(4)
        }
        _ => None,
    }
}

fn is_uuid(parts: &[&str]) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    parts.len() >= lengths.len() && parts.iter().zip(lengths).all(|(part, length)| part.len() == length && is_hex(part))
}

/// Whether a part is a digest or something else that nobody chose: long, and of hexadecimal digits alone.
fn is_random(part: &str) -> bool {
    part.len() >= 16 && is_hex(part)
}

fn is_hex(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_replaced() {
        for (text, expected) in [
            (
                "arn:aws:iam::111122223333:role/notebook-guard-eu-west-1",
                "arn:aws:iam::ACCOUNT:role/notebook-guard-REGION",
            ),
            ("bucket notebook-guard-111122223333-us-gov-east-1", "bucket notebook-guard-ACCOUNT-REGION"),
            ("eusc-de-east-1 and cn-northwest-1", "REGION and REGION"),
            ("stack/x/0a1b2c3d-0f0e-4f2c-9d1b-2b1f6f9c0a12", "stack/x/ID"),
            ("StackSet-notebook-guard-0a1b2c3d-0f0e-4f2c-9d1b-2b1f6f9c0a12", "StackSet-notebook-guard-ID"),
            ("stacksets-exec-0123456789abcdef0123456789abcdef", "stacksets-exec-ID"),
            ("(Request ID: 7W+a/B==, Extended Request ID: x/y+z=)", "(Request ID: ID, Extended Request ID: ID)"),
            ("already exists", "already exists"),
            ("limit of 1000 rules, 75 in-use", "limit of 1000 rules, 75 in-use"),
            ("decade-old facade", "decade-old facade"),
            ("größer-als", "größer-als"),
            ("", ""),
        ] {
            assert_eq!(normalized(text), expected);
        }
    }
}
