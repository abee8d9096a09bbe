//! From a place such as `Statement[0].Effect` to its line in the text.

use std::collections::BTreeMap;

/// The lines of all places in a JSON text.
#[derive(Debug, Default)]
pub(super) struct Places(BTreeMap<String, usize>);

impl Places {
    /// Walks the text. What is no JSON has no places.
    pub(super) fn new(text: &str) -> Self {
        let is_json = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        let mut walk = Walk { letters: text.chars().collect(), at: 0, line: 1, places: BTreeMap::new() };
        if is_json {
            walk.value("");
        }
        Self(walk.places)
    }

    /// The line of a place, or of the nearest one around it.
    pub(super) fn line(&self, path: &str) -> Option<usize> {
        let mut path = path;
        loop {
            if let Some(line) = self.0.get(path) {
                return Some(*line);
            }
            if path.is_empty() {
                return None;
            }
            path = path.rsplit_once(['.', '[']).map_or("", |(around, _)| around);
        }
    }
}

/// A walk over text that is known to be JSON.
struct Walk {
    letters: Vec<char>,
    at: usize,
    line: usize,
    places: BTreeMap<String, usize>,
}

impl Walk {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn step(&mut self) {
        self.line += usize::from(self.peek() == Some('\n'));
        self.at += 1;
    }

    fn skip(&mut self, while_any: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&while_any) {
            self.step();
        }
    }

    fn space(&mut self) {
        self.skip(|letter| letter.is_whitespace() || letter == ',' || letter == ':');
    }

    fn value(&mut self, path: &str) {
        self.space();
        self.places.entry(path.to_owned()).or_insert(self.line);
        match self.peek() {
            Some('{') => self.object(path),
            Some('[') => self.list(path),
            Some('"') => drop(self.text()),
            _ => self.skip(|letter| !letter.is_whitespace() && !",]}".contains(letter)),
        }
    }

    fn object(&mut self, path: &str) {
        self.step();
        loop {
            self.space();
            if self.peek() != Some('"') {
                break;
            }
            let line = self.line;
            let name = self.text();
            let path = if path.is_empty() { name } else { format!("{path}.{name}") };
            self.places.entry(path.clone()).or_insert(line);
            self.value(&path);
        }
        self.step();
    }

    fn list(&mut self, path: &str) {
        self.step();
        for index in 0_usize.. {
            self.space();
            if self.peek().is_none_or(|letter| letter == ']') {
                break;
            }
            self.value(&format!("{path}[{index}]"));
        }
        self.step();
    }

    /// A text without its quotes. Escapes stay as they are: no element's name has any.
    fn text(&mut self) -> String {
        self.step();
        let mut text = String::new();
        while let Some(letter) = self.peek().filter(|letter| *letter != '"') {
            text.push(letter);
            self.step();
            if letter == '\\' {
                text.extend(self.peek());
                self.step();
            }
        }
        self.step();
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_their_lines() {
        let places = Places::new(
            "{\n \"Statement\": [\n  {\"Effect\": \"De\\\"ny\",\n   \"Action\": [\"a\",\n    \"b\"]},\n {}]\n}",
        );
        for (path, line) in [
            ("", 1),
            ("Statement", 2),
            ("Statement[0].Effect", 3),
            ("Statement[0].Action[1]", 5),
            ("Statement[0].Resource", 3),
            ("Statement[1]", 6),
            ("Version", 1),
        ] {
            assert_eq!(places.line(path), Some(line), "{path}");
        }
        assert_eq!(Places::new("{").line("Statement"), None);
    }
}
