//! Somebody creates a notebook, with the SDK, as an administrator of the account.

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_sdk_sagemaker::error::ProvideErrorMetadata as _;
use aws_sdk_sagemaker::types::{DirectInternetAccess, InstanceType, RootAccess};

use super::{DemoError, table};
use crate::sandbox::Sandbox;

/// How a notebook is created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// With nothing but what SageMaker demands.
    Default,
    /// Without internet and root, in a subnet.
    Safe,
}

/// Creates a notebook, and says what came of it.
pub(super) async fn create(
    sandbox: &Sandbox,
    (account, region): (&str, &str),
    name: &str,
    form: Form,
) -> Result<String, DemoError> {
    let client = client(sandbox, (account, region))?;
    let role = format!("arn:aws:iam::{account}:role/notebooks");
    let plain = client.create_notebook_instance().notebook_instance_name(name).role_arn(role);
    let plain = plain.instance_type(InstanceType::MlT3Medium);
    let (request, flags) = match form {
        Form::Default => (plain, ""),
        Form::Safe => {
            let safe = plain.subnet_id("subnet-0a1b2c3d4e5f60718").root_access(RootAccess::Disabled);
            let flags = " \\\n    --subnet-id subnet-0a1b2c3d4e5f60718 --root-access Disabled \\\n    \
                         --direct-internet-access Disabled";
            (safe.direct_internet_access(DirectInternetAccess::Disabled), flags)
        }
    };
    let strong = anstyle::Style::new().bold();
    let shown = format!(
        "\n{strong}account {account} $ aws sagemaker create-notebook-instance \\\n    --notebook-instance-name {name} \
         --instance-type ml.t3.medium --role-arn ...{flags}{strong:#}"
    );
    let told = match request.send().await {
        Ok(made) => made.notebook_instance_arn().unwrap_or_default().to_owned(),
        Err(error) => {
            let (code, message) = (error.code().unwrap_or_default(), error.message().unwrap_or_default());
            format!("{code}: {message}")
        }
    };
    Ok(format!("{shown}\n{}", table::wrapped(&told).trim_end()))
}

fn client(sandbox: &Sandbox, (account, region): (&str, &str)) -> Result<aws_sdk_sagemaker::Client, DemoError> {
    let key = sandbox.world().administrator(account, region)?;
    let credentials =
        Credentials::new(key.access_key_id, key.secret_access_key, key.session_token, None, "the sandbox");
    let config = aws_sdk_sagemaker::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .credentials_provider(credentials)
        .endpoint_url(sandbox.endpoint())
        .build();
    Ok(aws_sdk_sagemaker::Client::from_conf(config))
}
