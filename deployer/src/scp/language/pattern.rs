//! Patterns: `*` is any text, `?` any one character; in the language of 2012 with policy variables.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>

use super::context::{Context, Lookup};
use super::policy::Version;
use super::truth::Truth;

/// A pattern, ready to be held against texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Piece>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Any,
    One,
    Letter(char),
}

/// Whether `*` and `?` are patterns or plain characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wildcards {
    Matched,
    Plain,
}

impl Pattern {
    /// Without variables, as in `Action`.
    pub(super) fn plain(text: &str) -> Self {
        Self(text.chars().map(wildcard).collect())
    }

    /// With variables, if the version knows them. Says why it cannot be told if it depends on what is not known.
    pub(super) fn expand(
        text: &str,
        wildcards: Wildcards,
        version: Version,
        context: &Context,
    ) -> Result<Self, String> {
        let piece = |letter| if wildcards == Wildcards::Matched { wildcard(letter) } else { Piece::Letter(letter) };
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${").filter(|_| version == Version::Of2012) {
            pieces.extend(before.chars().map(piece));
            let (variable, after) =
                after.split_once('}').ok_or_else(|| format!("`{text}` has a policy variable without an end"))?;
            pieces.extend(value(variable, context)?.chars().map(Piece::Letter));
            rest = after;
        }
        pieces.extend(rest.chars().map(piece));
        Ok(Self(pieces))
    }

    /// Whether the whole text matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        matches(&self.0, &text.chars().collect::<Vec<_>>())
    }

    /// The same without regard to letter case.
    pub(super) fn matches_any_case(&self, text: &str) -> bool {
        let lower = |letter: char| letter.to_lowercase().collect::<Vec<_>>();
        let pieces = self.0.iter().flat_map(|piece| match piece {
            Piece::Letter(letter) => lower(*letter).into_iter().map(Piece::Letter).collect(),
            Piece::Any | Piece::One => vec![*piece],
        });
        matches(&pieces.collect::<Vec<_>>(), &text.chars().flat_map(lower).collect::<Vec<_>>())
    }

    /// Whether an ARN matches. Each of its six parts is compared by itself, so that `*` stays inside a part
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>). A
    /// pattern that would match only if `*` reached over a colon cannot be decided.
    pub(super) fn matches_arn(&self, arn: &str) -> Truth {
        if self.0 == [Piece::Any] {
            return Truth::True;
        }
        if !self.matches(arn) {
            return Truth::False;
        }
        let patterns: Vec<&[Piece]> = self.0.splitn(6, |piece| *piece == Piece::Letter(':')).collect();
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let is_same = patterns.len() == parts.len()
            && patterns.iter().zip(&parts).all(|(pattern, part)| matches(pattern, &part.chars().collect::<Vec<_>>()));
        if is_same {
            return Truth::True;
        }
        Truth::unknown(format!("whether `*` in `{}` reaches over a colon is not documented", self.text()))
    }

    fn text(&self) -> String {
        let letter = |piece: &Piece| match piece {
            Piece::Any => '*',
            Piece::One => '?',
            Piece::Letter(letter) => *letter,
        };
        self.0.iter().map(letter).collect()
    }
}

fn wildcard(letter: char) -> Piece {
    match letter {
        '*' => Piece::Any,
        '?' => Piece::One,
        letter => Piece::Letter(letter),
    }
}

/// The text that a policy variable stands for.
fn value(variable: &str, context: &Context) -> Result<String, String> {
    // How to write the three characters themselves.
    if matches!(variable, "*" | "?" | "$") {
        return Ok(variable.to_owned());
    }
    let (key, default) = match variable.split_once(',') {
        Some((key, default)) => (key.trim(), Some(default.trim())),
        None => (variable, None),
    };
    let default = default.and_then(|text| text.strip_prefix('\'')).and_then(|text| text.strip_suffix('\''));
    match (context.get(key), default) {
        (Lookup::Values([value]), _) if value.contains(['*', '?', '$']) => {
            Err(format!("the value of `${{{key}}}` has characters that may count as wildcards"))
        }
        (Lookup::Values([value]), _) => Ok(value.clone()),
        (Lookup::Absent, Some(default)) => Ok(default.to_owned()),
        (Lookup::Values(_), _) => Err(format!("`${{{key}}}` has several values")),
        (Lookup::Absent, None) => Err(format!("`${{{key}}}` has no value")),
        (Lookup::Unknown, _) => Err(format!("the request does not say what `{key}` is")),
    }
}

/// The usual way with one step back: to the last `*`, which then takes one character more.
fn matches(pattern: &[Piece], text: &[char]) -> bool {
    let (mut at, mut seen) = (0, 0);
    let mut last_any: Option<(usize, usize)> = None;
    while let Some(letter) = text.get(seen) {
        match pattern.get(at) {
            Some(Piece::Any) => {
                last_any = Some((at, seen));
                at += 1;
            }
            Some(Piece::One) => (at, seen) = (at + 1, seen + 1),
            Some(Piece::Letter(wanted)) if wanted == letter => (at, seen) = (at + 1, seen + 1),
            Some(Piece::Letter(_)) | None => match last_any {
                Some((any, taken)) => {
                    last_any = Some((any, taken + 1));
                    (at, seen) = (any + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|piece| *piece == Piece::Any)
}
