//! The delivery channel. Nothing is delivered to it: what it names need not exist.

use serde_json::{Value, json};

use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

pub(super) fn put(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, _) = state.here(call)?;
    if region.config.recorder.is_none() {
        let message = "Configuration recorder is not available to put delivery channel.";
        return Err(Refusal::new("NoAvailableConfigurationRecorderException", message));
    }
    let mut channel = call.input.get("DeliveryChannel").cloned().unwrap_or_default();
    if let Value::Object(members) = &mut channel {
        members.entry("name").or_insert_with(|| json!("default"));
    }
    let text = |member: &str| channel.get(member).and_then(Value::as_str).unwrap_or_default();
    if text("s3BucketName").is_empty() {
        return Err(Refusal::new("NoSuchBucketException", "Cannot find a S3 bucket with an empty bucket name."));
    }
    let other = region.config.channel.as_ref().is_some_and(|known| known.get("name") != channel.get("name"));
    if other {
        let message = format!(
            "Failed to put delivery channel '{}' because the maximum number of delivery channels: 1 is reached.",
            text("name")
        );
        return Err(Refusal::new("MaxNumberOfDeliveryChannelsExceededException", message));
    }
    region.config.channel = Some(channel);
    Ok(Value::Null)
}

pub(super) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, _) = state.here(call)?;
    let channel = region.config.channel.as_ref();
    let name = channel.and_then(|channel| channel.get("name")).and_then(Value::as_str);
    let names = call.texts("DeliveryChannelNames");
    if let Some(unknown) = names.iter().find(|wanted| Some(**wanted) != name) {
        return Err(no_such_channel(unknown));
    }
    Ok(json!({"DeliveryChannels": channel.into_iter().collect::<Vec<_>>()}))
}

pub(super) fn delete(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, _) = state.here(call)?;
    let wanted = call.required("DeliveryChannelName");
    let channel = region.config.channel.as_ref();
    if channel.and_then(|channel| channel.get("name")).and_then(Value::as_str) != Some(wanted) {
        return Err(no_such_channel(wanted));
    }
    if region.config.recorder.as_ref().is_some_and(|recorder| recorder.recording) {
        let message = format!(
            "Failed to delete last specified delivery channel with name '{wanted}', because there is a running \
             configuration recorder."
        );
        return Err(Refusal::new("LastDeliveryChannelDeleteFailedException", message));
    }
    region.config.channel = None;
    Ok(Value::Null)
}

fn no_such_channel(name: &str) -> Refusal {
    Refusal::new(
        "NoSuchDeliveryChannelException",
        format!("Cannot find delivery channel with specified name '{name}'."),
    )
}
