//! Sources of aggregators that are not as one would wish.

use serde_json::json;

use super::World;
use crate::sandbox::SandboxError;
use crate::sandbox::config::{self, Held};
use crate::sandbox::iam::RoleSpec;
use crate::sandbox::state::Place;

impl World {
    /// Makes an aggregator of the whole organization and all Regions, with a role of its own, in its management account.
    ///
    /// # Errors
    /// [`SandboxError::BadAccount`], [`SandboxError::Refused`]: `PutConfigurationAggregator` would be.
    pub fn put_organization_aggregator(&self, account: &str, region: &str, name: &str) -> Result<(), SandboxError> {
        let trust = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
        let role = format!("{name}-aggregator");
        self.put_role(account, &RoleSpec::new(&role, &[]).trust(trust))?;
        let place = Place::new(account, region);
        let source = json!({"RoleArn": place.iam_arn(&format!("role/{role}")), "AllAwsRegions": true});
        let input = json!({"ConfigurationAggregatorName": name, "OrganizationAggregationSource": source});
        let put = self.change(|state| config::put_aggregator(state, &place, &input));
        put.map(drop).map_err(SandboxError::Refused)
    }

    /// The names of the aggregators of an account in a Region.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn aggregators(&self, account: &str, region: &str) -> Result<Vec<String>, SandboxError> {
        self.in_region(&Place::new(account, region), |region, _| region.config.aggregators.keys().cloned().collect())
    }

    /// Lets a source of all aggregators fail with an error code and a message: it gives nothing. `None`: no more.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn fail_source(&self, account: &str, region: &str, error: Option<(&str, &str)>) -> Result<(), SandboxError> {
        let place = Place::new(account, region);
        self.change(|state| {
            if !state.regions.contains_key(&place) {
                return Err(SandboxError::unknown(&place));
            }
            match error {
                Some((code, message)) => {
                    state.aggregation.failed.insert(place, (code.to_owned(), message.to_owned()));
                }
                None => {
                    state.aggregation.failed.remove(&place);
                }
            }
            Ok(())
        })
    }

    /// Lets a source send nothing from now on: all aggregators show what it holds at this moment, and call it outdated.
    /// `false`: it sends again.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn stop_source(&self, account: &str, region: &str, stopped: bool) -> Result<(), SandboxError> {
        let place = Place::new(account, region);
        self.change(|state| {
            let held = state.regions.get(&place).map(Held::of).ok_or_else(|| SandboxError::unknown(&place))?;
            let now = state.ambient.clock.now();
            if stopped {
                state.aggregation.stopped.insert(place, (now, held));
            } else {
                state.aggregation.stopped.remove(&place);
            }
            Ok(())
        })
    }
}
