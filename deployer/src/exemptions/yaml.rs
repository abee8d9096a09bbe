//! YAML text to a small tree that knows its lines. Refuses what lets a text mean something that is not written at that
//! place: anchors, aliases, tags, a second document.

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError};

use super::Fault;

/// A place in the text, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct At {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl At {
    pub(super) const START: Self = Self { line: 1, column: 1 };
}

impl From<Marker> for At {
    fn from(marker: Marker) -> Self {
        Self { line: marker.line().max(1), column: marker.col() + 1 }
    }
}

/// A value and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) at: At,
    pub(super) value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// Nothing: left out, `~` or `null`.
    Nothing,
    /// A text, whatever YAML would take it for: account ids begin with a zero, and a reason may be `no`.
    Text(String),
    List(Vec<Node>),
    /// The members in their order, doubles included.
    Map(Vec<(Node, Node)>),
}

/// Deeper than any file of exemptions, and shallow enough for recursion.
const DEEPEST: usize = 16;

/// The root of the text, or nothing if there is only white space and comments.
pub(super) fn parse(text: &str) -> Result<Option<Node>, Fault> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| malformed(text, &error))?;
        builder.take(event, span.start.into()).map_err(|(problem, allowed)| {
            let at = span.start.into();
            Fault::at(at, problem, if starts_with_star(text, at) { QUOTE } else { allowed })
        })?;
    }
    Ok(builder.root)
}

const QUOTE: &str = "a value that begins with `*` in quotes, such as notebook: \"*-legacy\"";

fn malformed(text: &str, error: &ScanError) -> Fault {
    let at = At::from(*error.marker());
    let line = text.lines().nth(at.line - 1).unwrap_or_default();
    let allowed = if starts_with_star(text, at) {
        QUOTE
    } else if line.chars().take_while(|character| character.is_whitespace()).any(|character| character == '\t') {
        "indentation with blanks: YAML takes no tabs there"
    } else {
        "YAML; values with `: `, ` #` or a quote in them need quotes"
    };
    Fault::at(at, format!("the file is not YAML: {}", error.info()), allowed)
}

/// Whether the value on this line looks like an alias, which is what YAML makes of `*-legacy`.
fn starts_with_star(text: &str, at: At) -> bool {
    let line = text.lines().nth(at.line - 1).unwrap_or_default();
    line.split_once(':').is_some_and(|(_, value)| value.trim_start().starts_with('*'))
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
}

struct Open {
    at: At,
    value: Value,
    key: Option<Node>,
}

type Refusal = (&'static str, &'static str);

impl Builder {
    fn take(&mut self, event: Event<'_>, at: At) -> Result<(), Refusal> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                plain(anchor, tag.is_some())?;
                let is_nothing = style == ScalarStyle::Plain && ["", "~", "null", "Null", "NULL"].contains(&&*text);
                let value = if is_nothing { Value::Nothing } else { Value::Text(text.into_owned()) };
                self.add(Node { at, value });
            }
            Event::SequenceStart(anchor, tag) => {
                plain(anchor, tag.is_some())?;
                self.open(at, Value::List(Vec::new()))?;
            }
            Event::MappingStart(anchor, tag) => {
                plain(anchor, tag.is_some())?;
                self.open(at, Value::Map(Vec::new()))?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(Open { at, value, .. }) = self.open.pop() {
                    self.add(Node { at, value });
                }
            }
            Event::Alias(_) => return Err(("an alias stands in place of a value", "the value, written out")),
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(("a second document begins here", "one document with one `exemptions:`"));
                }
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn open(&mut self, at: At, value: Value) -> Result<(), Refusal> {
        if self.open.len() >= DEEPEST {
            return Err(("lists and maps are nested too deeply", "texts as values"));
        }
        self.open.push(Open { at, value, key: None });
        Ok(())
    }

    fn add(&mut self, node: Node) {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open { value: Value::Map(members), key, .. }) => match key.take() {
                Some(key) => members.push((key, node)),
                None => *key = Some(node),
            },
            Some(Open { value: Value::List(items), .. }) => items.push(node),
            Some(Open { value: Value::Nothing | Value::Text(_), .. }) => {}
        }
    }
}

/// Neither an anchor nor a tag.
fn plain(anchor: usize, is_tagged: bool) -> Result<(), Refusal> {
    if anchor != 0 {
        Err(("an anchor (`&`) stands before a value", "the value alone; in quotes if it begins with `&`"))
    } else if is_tagged {
        Err(("a tag (`!`) stands before a value", "the value alone; in quotes if it begins with `!`"))
    } else {
        Ok(())
    }
}
