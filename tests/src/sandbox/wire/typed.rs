//! Answers in JSON of services whose handlers were made for text: numbers and truth values as the model has them.

use serde_json::{Map, Value};

use crate::sandbox::model::{Kind, Model, Reference};

/// The value with the types of its shape, without what is null.
pub(super) fn typed(model: &Model, reference: &Reference, value: &Value) -> Value {
    let Some(shape) = model.shape(reference) else { return value.clone() };
    let parsed = || value.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| value.clone());
    match shape.kind {
        Kind::Structure => {
            let present = |name: &String| value.get(name).filter(|member| !member.is_null());
            let members = shape.members.iter();
            let members =
                members.filter_map(|(name, member)| Some((name.clone(), typed(model, member, present(name)?))));
            Value::Object(members.collect::<Map<_, _>>())
        }
        Kind::List => {
            let items = value.as_array().into_iter().flatten().zip(shape.member.iter().cycle());
            items.map(|(item, member)| typed(model, member, item)).collect()
        }
        Kind::Integer | Kind::Long | Kind::Float | Kind::Double | Kind::Boolean => parsed(),
        Kind::Map | Kind::String | Kind::Timestamp | Kind::Blob => value.clone(),
    }
}
