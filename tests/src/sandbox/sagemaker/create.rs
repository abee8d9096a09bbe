//! `CreateNotebookInstance`.

use serde_json::{Value, json};

use super::lifecycle::depart;
use super::tags::pairs;
use super::{Notebook, settle};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

pub(super) fn create(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    settle(region, ambient);
    refuse_contradictions(call)?;
    let mut notebook = Notebook::new(call.required("NotebookInstanceName"));
    let arn = notebook.arn(&region.place);
    if region.sagemaker.notebooks.contains_key(&notebook.name) {
        return Err(Refusal::validation(format!("Cannot create a duplicate Notebook Instance ({arn})")));
    }
    set(&mut notebook, call);
    let now = ambient.clock.now();
    (notebook.created, notebook.modified) = (Some(now), Some(now));
    notebook.network_interface_id = notebook.subnet_id.as_ref().map(|_| format!("eni-{}", ambient.random.hex(17)));
    "Pending".clone_into(&mut notebook.status);
    let name = notebook.name.clone();
    super::put(region, ambient, notebook);
    depart(region, ambient, &name, "InService");
    Ok(json!({"NotebookInstanceArn": arn}))
}

/// What the model cannot say. AWS's wording of these is not published.
fn refuse_contradictions(call: &Call<'_>) -> Result<(), Refusal> {
    if call.text("SubnetId").is_some() {
        return Ok(());
    }
    if call.text("DirectInternetAccess") == Some("Disabled") {
        return Err(Refusal::validation("DirectInternetAccess can be Disabled only if a SubnetId is specified."));
    }
    if !call.list("SecurityGroupIds").is_empty() {
        return Err(Refusal::validation("SecurityGroupIds can be specified only if a SubnetId is specified."));
    }
    Ok(())
}

fn set(notebook: &mut Notebook, call: &Call<'_>) {
    let text = |member: &str| call.text(member).map(ToOwned::to_owned);
    let texts = |member: &str| call.texts(member).into_iter().map(ToOwned::to_owned).collect();
    call.required("InstanceType").clone_into(&mut notebook.instance_type);
    notebook.role_arn = text("RoleArn");
    notebook.subnet_id = text("SubnetId");
    notebook.security_groups = texts("SecurityGroupIds");
    notebook.kms_key_id = text("KmsKeyId");
    notebook.lifecycle_config = text("LifecycleConfigName");
    notebook.default_code_repository = text("DefaultCodeRepository");
    notebook.additional_code_repositories = texts("AdditionalCodeRepositories");
    notebook.accelerator_types = texts("AcceleratorTypes");
    notebook.direct_internet_access = text("DirectInternetAccess").or(notebook.direct_internet_access.take());
    notebook.root_access = text("RootAccess").or(notebook.root_access.take());
    notebook.ip_address_type = text("IpAddressType").or(notebook.ip_address_type.take());
    notebook.platform_identifier = text("PlatformIdentifier").or(notebook.platform_identifier.take());
    notebook.minimum_imds_version = imds(call).or(notebook.minimum_imds_version.take());
    let size = call.count("VolumeSizeInGB").and_then(|size| u32::try_from(size).ok());
    notebook.volume_size = size.unwrap_or(notebook.volume_size);
    notebook.tags = pairs(call.list("Tags"));
}

/// The minimum IMDS version that a request asks for.
pub(super) fn imds(call: &Call<'_>) -> Option<String> {
    let version = call.input.pointer("/InstanceMetadataServiceConfiguration/MinimumInstanceMetadataServiceVersion");
    version.and_then(Value::as_str).map(ToOwned::to_owned)
}
