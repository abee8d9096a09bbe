//! Cutting a query into its words.

use std::fmt;

/// One word.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A keyword or a property.
    Word(String),
    /// Between single quotes; two of them are one.
    Text(String),
    Number(f64),
    Sign(String),
}

impl Token {
    /// Whether it is a keyword, in whatever case, or a sign.
    pub(super) fn is(&self, wanted: &str) -> bool {
        match self {
            Self::Word(word) => word.eq_ignore_ascii_case(wanted),
            Self::Sign(sign) => sign == wanted,
            Self::Text(_) | Self::Number(_) => false,
        }
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => write!(f, "{word}"),
            Self::Text(text) => write!(f, "'{text}'"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Sign(sign) => write!(f, "{sign}"),
        }
    }
}

fn is_in_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || ['.', '_', '-'].contains(&letter)
}

/// The words of a query.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(first) = rest.next() {
        match first {
            _ if first.is_whitespace() => {}
            '\'' => {
                let mut inside = String::new();
                loop {
                    match rest.next() {
                        Some('\'') if rest.next_if_eq(&'\'').is_some() => inside.push('\''),
                        Some('\'') => break,
                        Some(letter) => inside.push(letter),
                        None => return Err("a text does not end".to_owned()),
                    }
                }
                tokens.push(Token::Text(inside));
            }
            _ if first.is_ascii_alphanumeric() => {
                let mut word = String::from(first);
                while let Some(letter) = rest.next_if(|letter| is_in_word(*letter)) {
                    word.push(letter);
                }
                let number = word.parse().ok().filter(|_| first.is_ascii_digit());
                tokens.push(number.map_or(Token::Word(word), Token::Number));
            }
            '<' | '>' | '!' => {
                let equal = rest.next_if_eq(&'=').is_some();
                let unequal = first == '<' && !equal && rest.next_if_eq(&'>').is_some();
                let sign = match (first, equal, unequal) {
                    (_, _, true) => "!=".to_owned(),
                    (_, true, _) => format!("{first}="),
                    _ => first.to_string(),
                };
                tokens.push(Token::Sign(sign));
            }
            ',' | '(' | ')' | '*' | '=' => tokens.push(Token::Sign(first.to_string())),
            other => return Err(format!("{other} is not expected")),
        }
    }
    Ok(tokens)
}
