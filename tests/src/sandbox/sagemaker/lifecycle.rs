//! Start, stop, update and delete: the status machine of a notebook instance.

use serde_json::{Value, json};

use super::create::imds;
use super::{Notebook, not_found, settle};
use crate::sandbox::config::{record_change, record_deletion};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Ambient, Region, State};

pub(super) fn start(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    begin(region, ambient, call, &["Stopped", "Failed"], "Pending")?;
    depart(region, ambient, call.required("NotebookInstanceName"), "InService");
    Ok(Value::Null)
}

pub(super) fn stop(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    begin(region, ambient, call, &["InService"], "Stopping")?;
    depart(region, ambient, call.required("NotebookInstanceName"), "Stopped");
    Ok(Value::Null)
}

pub(super) fn delete(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    begin(region, ambient, call, &["Stopped", "Failed"], "Deleting")?;
    depart(region, ambient, call.required("NotebookInstanceName"), "");
    Ok(Value::Null)
}

pub(super) fn update(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    refuse_contradictions(call)?;
    let name = call.required("NotebookInstanceName");
    let before = begin(region, ambient, call, &["Stopped", "Failed"], "Updating")?;
    if let Some(notebook) = region.sagemaker.notebooks.get_mut(name) {
        set(notebook, call);
        notebook.failure_reason = None;
    }
    // A failed notebook that could be updated is stopped afterwards.
    let after = if before == "Failed" { "Stopped".to_owned() } else { before };
    depart(region, ambient, name, &after);
    let recordable = region.sagemaker.notebooks.get(name).map(|notebook| notebook.recordable(&region.place));
    if let Some(recordable) = recordable {
        record_change(region, ambient, &recordable);
    }
    Ok(json!({}))
}

/// Enters a passing status, if the notebook is in one that allows it. Gives the status before.
fn begin(
    region: &mut Region,
    ambient: &mut Ambient,
    call: &Call<'_>,
    from: &[&str],
    to: &str,
) -> Result<String, Refusal> {
    settle(region, ambient);
    let place = region.place.clone();
    let notebook = region.sagemaker.notebooks.get_mut(call.required("NotebookInstanceName")).ok_or_else(not_found)?;
    if !from.contains(&notebook.status.as_str()) {
        let (status, from, arn) = (&notebook.status, from.join(", "), notebook.arn(&place));
        let message = format!(
            "Status ({status}) not in ([{from}]). Unable to transition to ({to}) for Notebook Instance ({arn})."
        );
        return Err(Refusal::validation(message));
    }
    notebook.modified = Some(ambient.clock.now());
    Ok(std::mem::replace(&mut notebook.status, to.to_owned()))
}

/// Puts a notebook on its way to another status; an empty one means gone.
pub(super) fn depart(region: &mut Region, ambient: &Ambient, name: &str, to: &str) {
    let Some(notebook) = region.sagemaker.notebooks.get_mut(name) else { return };
    notebook.arriving = Some(to.to_owned());
    if let Some(transition) = ambient.settings.transition {
        let due = ambient.clock.now().plus(transition).0;
        region.sagemaker.due.insert((due, name.to_owned()));
    }
}

/// Lets a notebook arrive where it is going.
pub(super) fn arrive(region: &mut Region, ambient: &mut Ambient, name: &str) {
    let Some(notebook) = region.sagemaker.notebooks.get_mut(name) else { return };
    match notebook.arriving.take() {
        Some(gone) if gone.is_empty() => remove(region, ambient, name),
        Some(status) => notebook.status = status,
        None => {}
    }
}

/// Takes a notebook away, and records that.
pub(crate) fn remove(region: &mut Region, ambient: &mut Ambient, name: &str) {
    if let Some(notebook) = region.sagemaker.notebooks.remove(name) {
        let recordable = notebook.recordable(&region.place);
        record_deletion(region, ambient, &recordable);
    }
}

fn refuse_contradictions(call: &Call<'_>) -> Result<(), Refusal> {
    let pairs = [
        ("LifecycleConfigName", "DisassociateLifecycleConfig"),
        ("AcceleratorTypes", "DisassociateAcceleratorTypes"),
        ("DefaultCodeRepository", "DisassociateDefaultCodeRepository"),
        ("AdditionalCodeRepositories", "DisassociateAdditionalCodeRepositories"),
    ];
    match pairs.iter().find(|(set, unset)| call.input.get(*set).is_some() && call.flag(unset)) {
        Some((set, unset)) => Err(Refusal::validation(format!("{set} and {unset} cannot both be specified."))),
        None => Ok(()),
    }
}

fn set(notebook: &mut Notebook, call: &Call<'_>) {
    let text = |member: &str, old: &mut Option<String>| {
        if let Some(new) = call.text(member) {
            *old = Some(new.to_owned());
        }
    };
    text("RoleArn", &mut notebook.role_arn);
    text("IpAddressType", &mut notebook.ip_address_type);
    text("PlatformIdentifier", &mut notebook.platform_identifier);
    text("LifecycleConfigName", &mut notebook.lifecycle_config);
    text("DefaultCodeRepository", &mut notebook.default_code_repository);
    text("RootAccess", &mut notebook.root_access);
    notebook.minimum_imds_version = imds(call).or(notebook.minimum_imds_version.take());
    call.text("InstanceType").unwrap_or(&notebook.instance_type.clone()).clone_into(&mut notebook.instance_type);
    let size = call.count("VolumeSizeInGB").and_then(|size| u32::try_from(size).ok());
    notebook.volume_size = size.unwrap_or(notebook.volume_size);
    let texts = |member: &str, unset: &str, old: &mut Vec<String>| {
        if call.input.get(member).is_some() || call.flag(unset) {
            *old = call.texts(member).into_iter().map(ToOwned::to_owned).collect();
        }
    };
    texts("AcceleratorTypes", "DisassociateAcceleratorTypes", &mut notebook.accelerator_types);
    let repositories = &mut notebook.additional_code_repositories;
    texts("AdditionalCodeRepositories", "DisassociateAdditionalCodeRepositories", repositories);
    notebook.lifecycle_config.take_if(|_| call.flag("DisassociateLifecycleConfig"));
    notebook.default_code_repository.take_if(|_| call.flag("DisassociateDefaultCodeRepository"));
}
