//! Smithy's RPC protocol over CBOR, the first choice of SDKs that speak with CloudWatch:
//! <https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use minicbor::data::{IanaTag, Type};
use minicbor::{Decoder, Encoder, decode};
use serde_json::{Map, Number, Value, json};

use crate::sandbox::model::{Kind, Model, Reference, Shape};
use crate::sandbox::refusal::Refusal;

/// What a request and its answer say of themselves in the header `smithy-protocol`.
pub(super) const NAME: &str = "rpc-v2-cbor";
/// The protocol's name in service models.
pub(super) const MODEL_NAME: &str = "smithy-rpc-v2-cbor";
pub(super) const CONTENT_TYPE: &str = "application/cbor";
/// Where services that had the query protocol before say what they said there.
pub(super) const QUERY_ERROR: &str = "x-amzn-query-error";

/// The target and the operation of `/service/TARGET/operation/OPERATION`.
pub(super) fn route(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix("/service/")?.split_once("/operation/").filter(|(_, operation)| !operation.contains('/'))
}

/// The request that a body holds: JSON by the model's names, times as seconds, bytes in base64.
///
/// # Errors
/// `SerializationException`: it is no CBOR, or no map.
pub(super) fn read(body: &[u8]) -> Result<Value, Refusal> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    let unreadable = |message: String| Refusal::new("SerializationException", message);
    let value = value(&mut Decoder::new(body)).map_err(|error| unreadable(error.to_string()))?;
    if value.is_object() { Ok(value) } else { Err(unreadable("the body is not a map".to_owned())) }
}

fn value(decoder: &mut Decoder<'_>) -> Result<Value, decode::Error> {
    Ok(match decoder.datatype()? {
        Type::Bool => Value::Bool(decoder.bool()?),
        Type::Null => {
            decoder.null()?;
            Value::Null
        }
        Type::Undefined => {
            decoder.undefined()?;
            Value::Null
        }
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => Value::from(decoder.u64()?),
        Type::I8 | Type::I16 | Type::I32 | Type::I64 => Value::from(decoder.i64()?),
        Type::F16 | Type::F32 | Type::F64 => Number::from_f64(decoder.f64()?).map_or(Value::Null, Value::Number),
        Type::Bytes => Value::String(STANDARD.encode(decoder.bytes()?)),
        Type::String => Value::String(decoder.str()?.to_owned()),
        Type::StringIndef => Value::String(decoder.str_iter()?.collect::<Result<String, _>>()?),
        Type::Array | Type::ArrayIndef => Value::Array(items(decoder)?),
        Type::Map | Type::MapIndef => Value::Object(members(decoder)?),
        // A time: seconds since 1970.
        Type::Tag => {
            decoder.tag()?;
            value(decoder)?
        }
        other @ (Type::Int | Type::Simple | Type::BytesIndef | Type::Break | Type::Unknown(_)) => {
            return Err(decode::Error::type_mismatch(other));
        }
    })
}

fn items(decoder: &mut Decoder<'_>) -> Result<Vec<Value>, decode::Error> {
    let count = decoder.array()?;
    let mut items = Vec::new();
    while goes_on(decoder, count, items.len())? {
        items.push(value(decoder)?);
    }
    Ok(items)
}

fn members(decoder: &mut Decoder<'_>) -> Result<Map<String, Value>, decode::Error> {
    let count = decoder.map()?;
    let (mut members, mut seen) = (Map::new(), 0);
    while goes_on(decoder, count, seen)? {
        let Value::String(name) = value(decoder)? else {
            return Err(decode::Error::message("the key of a map is not text"));
        };
        members.insert(name, value(decoder)?);
        seen += 1;
    }
    Ok(members)
}

/// Whether another entry comes, in a row that says its length or one that ends with a break.
fn goes_on(decoder: &mut Decoder<'_>, count: Option<u64>, seen: usize) -> Result<bool, decode::Error> {
    match count {
        Some(count) => Ok((seen as u64) < count),
        None if decoder.datatype()? == Type::Break => {
            decoder.skip()?;
            Ok(false)
        }
        None => Ok(true),
    }
}

/// The body of an answer.
pub(super) fn answer(model: &Model, operation: &str, output: &Value) -> Vec<u8> {
    let mut writer = Writer { model, encoder: Encoder::new(Vec::new()) };
    let reference = model.operation(operation).and_then(|operation| operation.output.as_ref());
    // Writing into memory does not fail.
    let _ = match reference {
        Some(reference) => writer.value(reference, output),
        None => writer.encoder.map(0).map(|_| ()),
    };
    writer.encoder.into_writer()
}

/// The body of a refusal.
pub(super) fn refusal(refusal: &Refusal) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    let pairs = [("__type", &refusal.code), ("message", &refusal.message)];
    let _ = encoder.map(2).map(|_| ());
    for (name, text) in pairs {
        let _ = encoder.str(name).and_then(|encoder| encoder.str(text)).map(|_| ());
    }
    encoder.into_writer()
}

type Written = Result<(), minicbor::encode::Error<std::convert::Infallible>>;

struct Writer<'a> {
    model: &'a Model,
    encoder: Encoder<Vec<u8>>,
}

impl Writer<'_> {
    fn value(&mut self, reference: &Reference, value: &Value) -> Written {
        let model = self.model;
        let Some(shape) = model.shape(reference) else { return self.encoder.null().map(|_| ()) };
        let text = || value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        match shape.kind {
            Kind::Structure => self.structure(shape, value),
            Kind::List => self.list(shape, value),
            Kind::Map => self.map(shape, value),
            Kind::Boolean => self.encoder.bool(text() == "true").map(|_| ()),
            Kind::Integer | Kind::Long => self.encoder.i64(text().parse().unwrap_or_default()).map(|_| ()),
            Kind::Float | Kind::Double => self.encoder.f64(text().parse().unwrap_or_default()).map(|_| ()),
            Kind::Timestamp => {
                self.encoder.tag(IanaTag::Timestamp)?.f64(value.as_f64().unwrap_or_default()).map(|_| ())
            }
            Kind::Blob => self.encoder.bytes(&STANDARD.decode(text()).unwrap_or_default()).map(|_| ()),
            Kind::String => self.encoder.str(&text()).map(|_| ()),
        }
    }

    fn structure(&mut self, shape: &Shape, value: &Value) -> Written {
        let present = |name: &String| value.get(name).filter(|member| !member.is_null());
        let members: Vec<_> =
            shape.members.iter().filter_map(|(name, member)| Some((name, member, present(name)?))).collect();
        self.encoder.map(members.len() as u64)?;
        for (name, reference, member) in members {
            self.encoder.str(name)?;
            self.value(reference, member)?;
        }
        Ok(())
    }

    fn list(&mut self, shape: &Shape, value: &Value) -> Written {
        let (items, member) = (value.as_array().map(Vec::as_slice).unwrap_or_default(), shape.member.as_ref());
        self.encoder.array(items.len() as u64)?;
        items.iter().zip(member.into_iter().cycle()).try_for_each(|(item, member)| self.value(member, item))
    }

    fn map(&mut self, shape: &Shape, value: &Value) -> Written {
        let entries: Vec<_> = value.as_object().into_iter().flatten().zip(shape.value.iter().cycle()).collect();
        self.encoder.map(entries.len() as u64)?;
        for ((name, entry), reference) in entries {
            self.encoder.str(name)?;
            self.value(reference, entry)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn rows_with_and_without_a_length_are_read() {
        let fixed = [0xa1, 0x61, b'a', 0x82, 0x01, 0x21];
        let open = [0xbf, 0x61, b'a', 0x9f, 0x01, 0x21, 0xff, 0xff];
        assert_eq!(super::read(&fixed).unwrap(), json!({"a": [1, -2]}));
        assert_eq!(super::read(&open).unwrap(), json!({"a": [1, -2]}));
        assert_eq!(super::read(&[0xa1, 0x61, b't', 0xc1, 0xf9, 0x3c, 0x00]).unwrap(), json!({"t": 1.0}));
        assert_eq!(super::read(&[0x82, 0x01]).unwrap_err().code, "SerializationException");
    }

    #[test]
    fn a_path_names_target_and_operation() {
        assert_eq!(super::route("/service/Granite/operation/DescribeAlarms"), Some(("Granite", "DescribeAlarms")));
        assert_eq!(super::route("/service/Granite"), None);
    }
}
