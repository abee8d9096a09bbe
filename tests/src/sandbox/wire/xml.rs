//! XML answers of the query services, built from the model.

use serde_json::Value;

use crate::sandbox::clock::Instant;
use crate::sandbox::model::{Kind, Model, Protocol, Reference, Shape};
use crate::sandbox::refusal::Refusal;

pub(crate) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// S3's namespace; its model names it only where a request carries it.
pub(crate) const S3: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// A document of one structure, under a root of that name.
pub(crate) fn document(model: &Model, root: &str, reference: &Reference, value: &Value) -> Vec<u8> {
    let mut writer = Writer { model, out: String::new() };
    if let Some(shape) = model.shape(reference) {
        writer.structure(shape, value);
    }
    format!("{DECLARATION}<{root} xmlns=\"{S3}\">{}</{root}>", writer.out).into_bytes()
}

/// The answer of an operation.
pub(crate) fn answer(model: &Model, operation: &str, output: &Value, request_id: &str) -> String {
    let reference = model.operation(operation).and_then(|operation| operation.output.as_ref());
    let mut writer = Writer { model, out: String::new() };
    if let Some(shape) = reference.and_then(|reference| model.shape(reference)) {
        writer.structure(shape, output);
    }
    let members = writer.out;
    let namespace = &model.metadata.xml_namespace;
    if model.metadata.protocol == Protocol::Ec2 {
        return format!(
            "{DECLARATION}<{operation}Response xmlns=\"{namespace}/\"><requestId>{request_id}</requestId>{members}\
             </{operation}Response>"
        );
    }
    let wrapped = match reference.and_then(|reference| reference.result_wrapper.as_deref()) {
        Some(wrapper) => format!("<{wrapper}>{members}</{wrapper}>"),
        None => members,
    };
    let metadata = format!("<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>");
    format!("{DECLARATION}<{operation}Response xmlns=\"{namespace}\">{wrapped}{metadata}</{operation}Response>")
}

/// A refusal. EC2 has a form of its own.
pub(crate) fn refusal(protocol: Protocol, namespace: &str, refusal: &Refusal, request_id: &str) -> String {
    let (code, message) = (escaped(&refusal.code), escaped(&refusal.message));
    if protocol == Protocol::Ec2 {
        return format!(
            "{DECLARATION}<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>\
             <RequestID>{request_id}</RequestID></Response>"
        );
    }
    let kind = if refusal.status < 500 { "Sender" } else { "Receiver" };
    format!(
        "{DECLARATION}<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{kind}</Type><Code>{code}</Code>\
         <Message>{message}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
}

struct Writer<'a> {
    model: &'a Model,
    out: String,
}

impl Writer<'_> {
    fn structure(&mut self, shape: &Shape, value: &Value) {
        for (name, reference) in &shape.members {
            let bodily = |member: &&Value| !member.is_null() && reference.location.is_none();
            if let Some(member) = value.get(name).filter(bodily) {
                self.element(reference.location_name.as_deref().unwrap_or(name), reference, member);
            }
        }
    }

    fn element(&mut self, name: &str, reference: &Reference, value: &Value) {
        let model = self.model;
        let Some(shape) = model.shape(reference) else { return };
        if shape.kind == Kind::List && shape.flattened {
            return self.items(name, shape, value);
        }
        self.tag("<", name);
        match shape.kind {
            Kind::Structure => self.structure(shape, value),
            Kind::List => self.items("member", shape, value),
            Kind::Timestamp => self.out.push_str(&Instant::from_epoch(value).map(Instant::iso).unwrap_or_default()),
            Kind::Map => self.entries(shape, value),
            Kind::String | Kind::Integer | Kind::Long | Kind::Float | Kind::Double | Kind::Boolean | Kind::Blob => {
                match value.as_str() {
                    Some(text) => escape(text, &mut self.out),
                    None => escape(&value.to_string(), &mut self.out),
                }
            }
        }
        self.tag("</", name);
    }

    fn tag(&mut self, opening: &str, name: &str) {
        for part in [opening, name, ">"] {
            self.out.push_str(part);
        }
    }

    fn entries(&mut self, shape: &Shape, value: &Value) {
        let Some(reference) = &shape.value else { return };
        for (name, member) in value.as_object().into_iter().flatten() {
            self.out.push_str(&["<entry><key>", &escaped(name), "</key>"].concat());
            self.element("value", reference, member);
            self.out.push_str("</entry>");
        }
    }

    fn items(&mut self, fallback: &str, shape: &Shape, value: &Value) {
        let Some(member) = &shape.member else { return };
        let name = member.location_name.as_deref().unwrap_or(fallback);
        for item in value.as_array().into_iter().flatten() {
            self.element(name, member, item);
        }
    }
}

/// Text that cannot be taken for markup. Characters that XML 1.0 does not allow at all become U+FFFD.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(text, &mut out);
    out
}

/// The same, behind what is there already. Most text has nothing to escape, and listings have a lot of text.
fn escape(text: &str, out: &mut String) {
    let plain =
        |byte: u8| byte.is_ascii() && !byte.is_ascii_control() && !matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'');
    if text.bytes().all(plain) {
        out.push_str(text);
        return;
    }
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(letter),
            letter if letter.is_control() || matches!(letter, '\u{FFFE}' | '\u{FFFF}') => out.push('\u{FFFD}'),
            letter => out.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn markup_in_text_is_escaped() {
        assert_eq!(super::escaped("a<b> & \"c\" 'd'\u{1}"), "a&lt;b&gt; &amp; &quot;c&quot; &apos;d&apos;\u{FFFD}");
    }
}
