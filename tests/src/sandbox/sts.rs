//! AWS STS: who am I, and becoming someone else.

use std::time::Duration;

use serde_json::{Value, json};

use super::credentials::Credential;
use super::iam;
use super::refusal::Refusal;
use super::service::{Call, Service};
use super::state::State;

/// The service.
pub(crate) const SERVICE: Service = Service {
    name: "sts",
    model_text: include_str!("model/sts.json"),
    operations: &[("AssumeRole", assume_role), ("GetCallerIdentity", get_caller_identity)],
};

const DEFAULT_SECONDS: usize = 3600;
/// A session that was itself assumed lasts an hour at most ("role chaining").
const CHAINED_SECONDS: usize = 3600;

#[expect(clippy::unnecessary_wraps, reason = "it has the type of every handler")]
fn get_caller_identity(_: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let caller = call.caller;
    Ok(json!({"UserId": caller.user_id, "Account": caller.account, "Arn": caller.arn}))
}

fn assume_role(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (role_arn, session) = (call.required("RoleArn"), call.required("RoleSessionName"));
    let (account, role) =
        parsed(role_arn).ok_or_else(|| Refusal::new("ValidationError", format!("{role_arn} is invalid")))?;
    let seconds = call.count("DurationSeconds").unwrap_or(DEFAULT_SECONDS);
    if call.caller.session_token.is_some() && seconds > CHAINED_SECONDS {
        let message =
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining";
        return Err(Refusal::new("ValidationError", message));
    }
    let known = iam::assumable(state, call, role_arn, (account, role)).ok_or_else(|| {
        let caller = &call.caller.arn;
        let message = format!("User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role_arn}");
        Refusal::new("AccessDenied", message).with_status(403)
    })?;
    let (id, longest) = (known.id.clone(), usize::try_from(known.session).unwrap_or(DEFAULT_SECONDS));
    if seconds > longest {
        let message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        return Err(Refusal::new("ValidationError", message));
    }
    let mut credential = Credential::session(account, role, session, &mut state.ambient.random);
    credential.user_id = format!("{id}:{session}");
    let expires = state.ambient.clock.now().plus(Duration::from_secs(seconds as u64));
    credential.expires = Some(expires);
    let answer = json!({
        "Credentials": {
            "AccessKeyId": credential.access_key_id,
            "SecretAccessKey": credential.secret_access_key,
            "SessionToken": credential.session_token,
            "Expiration": expires.epoch(),
        },
        "AssumedRoleUser": {"AssumedRoleId": credential.user_id, "Arn": credential.arn},
    });
    state.credentials.insert(credential.access_key_id.clone(), credential);
    Ok(answer)
}

/// The account and the name, without its path, of `arn:aws:iam::111122223333:role/path/name`.
fn parsed(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.splitn(6, ':');
    let (scheme, partition, service, region) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let (account, resource) = (parts.next()?, parts.next()?);
    let name = resource.strip_prefix("role/")?.rsplit('/').next()?;
    let plausible = scheme == "arn" && partition.starts_with("aws") && service == "iam" && region.is_empty();
    let digits = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    (plausible && digits && !name.is_empty()).then_some((account, name))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_role_arn_gives_account_and_name() {
        let parsed = super::parsed("arn:aws:iam::111122223333:role/path/auditor");
        assert_eq!(parsed, Some(("111122223333", "auditor")));
        assert_eq!(super::parsed("arn:aws:iam::111122223333:user/auditor"), None);
    }
}
