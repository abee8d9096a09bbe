//! Query requests: a flat form to the nested value that the model describes, and back to nothing.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::sandbox::model::{Kind, Model, Protocol, Reference, Shape};
use crate::sandbox::refusal::Refusal;

/// A form as a tree: `Filter.1.Value.2=x` is four levels deep.
#[derive(Debug, Default)]
struct Tree {
    value: Option<String>,
    children: BTreeMap<String, Tree>,
}

/// The request that a form holds.
///
/// # Errors
/// EC2's `UnknownParameter`, or a value that is not what the model wants.
pub(crate) fn read(model: &Model, shape: &Shape, form: &[(String, String)]) -> Result<Value, Refusal> {
    let mut tree = Tree::default();
    let parameters = form.iter().filter(|(name, _)| name != "Action" && name != "Version");
    for (name, value) in parameters {
        let mut node = &mut tree;
        for part in name.split('.') {
            node = node.children.entry(part.to_owned()).or_default();
        }
        node.value = Some(value.clone());
    }
    let reader = Reader { model, ec2: model.metadata.protocol == Protocol::Ec2 };
    reader.structure(shape, tree, "")
}

struct Reader<'a> {
    model: &'a Model,
    ec2: bool,
}

impl Reader<'_> {
    fn value(&self, reference: &Reference, tree: Tree, path: &str) -> Result<Value, Refusal> {
        let Some(shape) = self.model.shape(reference) else { return Ok(Value::Null) };
        match shape.kind {
            Kind::Structure => self.structure(shape, tree, path),
            Kind::List => self.list(shape, tree, path),
            Kind::Map => Err(malformed(path)),
            Kind::Integer | Kind::Long => tree.text(path)?.parse::<i64>().map(Value::from).map_err(|_| malformed(path)),
            Kind::Float | Kind::Double => tree.text(path)?.parse::<f64>().map(Value::from).map_err(|_| malformed(path)),
            Kind::Boolean => match tree.text(path)?.as_str() {
                "true" => Ok(Value::Bool(true)),
                "false" => Ok(Value::Bool(false)),
                _ => Err(malformed(path)),
            },
            Kind::String | Kind::Timestamp | Kind::Blob => tree.text(path).map(Value::String),
        }
    }

    fn structure(&self, shape: &Shape, mut tree: Tree, path: &str) -> Result<Value, Refusal> {
        let mut object = Map::new();
        for (name, reference) in &shape.members {
            let key = self.key(name, reference);
            if let Some(child) = tree.children.remove(&key) {
                let value = self.value(reference, child, &format!("{path}{key}."))?;
                object.insert(name.clone(), value);
            }
        }
        // The other query services read past what they do not know; EC2 does not.
        match tree.children.keys().next() {
            Some(unknown) if self.ec2 => {
                let message = format!("The parameter {path}{unknown} is not recognized");
                Err(Refusal::new("UnknownParameter", message))
            }
            _ => Ok(Value::Object(object)),
        }
    }

    fn list(&self, shape: &Shape, mut tree: Tree, path: &str) -> Result<Value, Refusal> {
        let Some(member) = &shape.member else { return Ok(Value::Null) };
        if !self.ec2 && !shape.flattened {
            let wrapper = member.location_name.as_deref().unwrap_or("member");
            tree = tree.children.remove(wrapper).unwrap_or_default();
        }
        let numbered = tree.children.into_iter().map(|(key, child)| key.parse::<usize>().map(|at| (at, child)));
        let mut numbered = numbered.collect::<Result<Vec<_>, _>>().map_err(|_| malformed(path))?;
        numbered.sort_by_key(|(at, _)| *at);
        let items = numbered.into_iter().map(|(at, child)| self.value(member, child, &format!("{path}{at}.")));
        items.collect::<Result<Vec<_>, _>>().map(Value::Array)
    }

    /// EC2 writes the query name, else the location name with a capital; the others the location name as it is.
    fn key(&self, name: &str, reference: &Reference) -> String {
        if !self.ec2 {
            return reference.location_name.clone().unwrap_or_else(|| name.to_owned());
        }
        let capital = |text: &String| {
            let mut letters = text.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
        };
        let located = reference.location_name.as_ref().map(capital);
        reference.query_name.clone().or(located).unwrap_or_else(|| name.to_owned())
    }
}

impl Tree {
    fn text(self, path: &str) -> Result<String, Refusal> {
        self.value.ok_or_else(|| malformed(path))
    }
}

fn malformed(path: &str) -> Refusal {
    let name = path.trim_end_matches('.');
    Refusal::new("InvalidParameterValue", format!("The value given for the parameter {name} is not valid"))
}
