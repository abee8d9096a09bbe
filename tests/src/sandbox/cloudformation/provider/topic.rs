//! `AWS::SNS::Topic`: a name that alarms can have as their action. Nothing can be published to it.

use serde_json::Value;

use super::{Failure, Made, Outcome, Site, generated, string};
use crate::sandbox::cloudformation::stack::Resource;
use crate::sandbox::state::{Place, State};

#[expect(clippy::unnecessary_wraps, reason = "it has the type of every handler")]
pub(super) fn create(state: &mut State, site: &Site<'_>, properties: &Value) -> Outcome {
    let name = string(properties, "TopicName").unwrap_or_else(|| generated(state, site, 256));
    Ok(made(&site.place.arn("sns", &name)))
}

fn made(arn: &str) -> Made {
    let name = arn.rsplit(':').next().unwrap_or_default().to_owned();
    Made::new(arn, [("TopicArn", arn.to_owned()), ("TopicName", name)])
}

/// Topics are not kept: what a stack has made is there.
#[expect(clippy::unnecessary_wraps, reason = "it has the type of every handler")]
pub(super) fn read(_: &State, _: &Place, resource: &Resource) -> Option<Value> {
    Some(resource.properties.clone())
}

#[expect(clippy::unnecessary_wraps, reason = "it has the type of every handler")]
pub(super) fn update(_: &mut State, _: &Site<'_>, old: &Resource, _: &Value) -> Outcome {
    Ok(made(&old.physical))
}

#[expect(clippy::unnecessary_wraps, reason = "it has the type of every handler")]
pub(super) fn delete(_: &mut State, _: &Site<'_>, _: &Resource) -> Result<(), Failure> {
    Ok(())
}
