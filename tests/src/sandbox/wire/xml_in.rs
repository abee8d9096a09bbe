//! XML bodies of requests, read by the model.

use quick_xml::escape::unescape;
use quick_xml::events::Event;
use quick_xml::reader::Reader;
use serde_json::{Map, Value};

use crate::sandbox::model::{Kind, Model, Reference, Shape};
use crate::sandbox::refusal::Refusal;

#[derive(Debug, Default)]
struct Node {
    name: String,
    text: String,
    children: Vec<Node>,
}

/// The structure that a document holds.
///
/// # Errors
/// `MalformedXML`.
pub(super) fn read(model: &Model, shape: &Shape, body: &[u8]) -> Result<Value, Refusal> {
    let malformed = || {
        let message = "The XML you provided was not well-formed or did not validate against our published schema";
        Refusal::new("MalformedXML", message)
    };
    let root = std::str::from_utf8(body).ok().and_then(parse).ok_or_else(malformed)?;
    structure(model, shape, root).ok_or_else(malformed)
}

fn parse(text: &str) -> Option<Node> {
    let mut reader = Reader::from_str(text);
    let mut open = vec![Node::default()];
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => open.push(node(start.local_name().as_ref())),
            Event::Empty(start) => open.last_mut()?.children.push(node(start.local_name().as_ref())),
            Event::End(_) => {
                let closed = open.pop()?;
                open.last_mut()?.children.push(closed);
            }
            Event::Text(text) => open.last_mut()?.text.push_str(&text.xml10_content()),
            Event::CData(text) => open.last_mut()?.text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                let entity = format!("&{};", &*reference);
                open.last_mut()?.text.push_str(&unescape(&entity).ok()?);
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::DocType(_) => return None,
        }
    }
    let mut root = open.pop().filter(|_| open.is_empty())?;
    (root.children.len() == 1).then(|| root.children.pop()).flatten()
}

fn node(name: &str) -> Node {
    Node { name: name.to_owned(), ..Node::default() }
}

fn structure(model: &Model, shape: &Shape, node: Node) -> Option<Value> {
    let mut object = Map::new();
    let mut children = node.children;
    for (name, reference) in &shape.members {
        let key = reference.location_name.as_deref().unwrap_or(name);
        let member = model.shape(reference)?;
        let (mine, others): (Vec<Node>, Vec<Node>) = children.into_iter().partition(|child| child.name == key);
        children = others;
        let mut mine = mine.into_iter();
        let read = if member.kind == Kind::List && member.flattened {
            let items = mine.map(|item| value(model, member.member.as_ref()?, item)).collect::<Option<Vec<_>>>()?;
            (!items.is_empty()).then_some(Value::Array(items))
        } else if let Some(only) = mine.next() {
            Some(value(model, reference, only)?)
        } else {
            None
        };
        object.extend(read.map(|read| (name.clone(), read)));
    }
    Some(Value::Object(object))
}

fn value(model: &Model, reference: &Reference, node: Node) -> Option<Value> {
    let shape = model.shape(reference)?;
    match shape.kind {
        Kind::Structure => structure(model, shape, node),
        Kind::List => {
            let member = shape.member.as_ref()?;
            node.children.into_iter().map(|item| value(model, member, item)).collect::<Option<_>>().map(Value::Array)
        }
        Kind::Integer | Kind::Long => node.text.trim().parse::<i64>().ok().map(Value::from),
        Kind::Boolean => node.text.trim().to_lowercase().parse::<bool>().ok().map(Value::from),
        Kind::Map | Kind::String | Kind::Float | Kind::Double | Kind::Timestamp | Kind::Blob => {
            Some(Value::String(node.text))
        }
    }
}
