//! SageMaker's notebooks and domains, and the security groups of EC2.

use std::collections::BTreeSet;

use aws_config::SdkConfig;
use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::operation::describe_domain::DescribeDomainOutput;
use aws_sdk_sagemaker::operation::describe_notebook_instance::DescribeNotebookInstanceOutput;

use super::ec2::Ec2;
use super::failure::read_error;
use super::meter::Meter;
use super::resilience::{retries, retry_partition, timeouts};
use crate::facts::SecurityGroups;
use crate::port::{Inventory, Listed, Page, ReadError};
use crate::resource::{ResourceId, ResourceType};
use crate::subject::{Domain, Notebook, Seen, SeenList, Subject};

/// The most resources on a page (<https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListNotebookInstances.html>).
const PAGE: i32 = 100;

/// The resources of one account and Region.
#[derive(Debug)]
pub struct AwsInventory {
    sagemaker: Client,
    ec2: Ec2,
    meter: Meter,
}

impl AwsInventory {
    /// The services that the SDK's configuration points at.
    #[must_use]
    pub fn new(sdk: &SdkConfig, meter: &Meter) -> Self {
        let config = aws_sdk_sagemaker::config::Builder::from(sdk)
            .retry_config(retries())
            .retry_partition(retry_partition("sagemaker"))
            .timeout_config(timeouts())
            .interceptor(meter.clone())
            .build();
        Self { sagemaker: Client::from_conf(config), ec2: Ec2::new(sdk, meter), meter: meter.clone() }
    }

    /// The Regions that are enabled in the account.
    ///
    /// # Errors
    /// [`ReadError`] if EC2 does not tell.
    pub async fn regions(&self) -> Result<Vec<String>, ReadError> {
        self.ec2.regions().await
    }

    async fn notebook_page(&self, next_token: Option<String>) -> Result<Page, ReadError> {
        const OPERATION: &str = "ListNotebookInstances";
        let answer = self
            .sagemaker
            .list_notebook_instances()
            .max_results(PAGE)
            .set_next_token(next_token)
            .send()
            .await
            .map_err(|error| read_error(OPERATION, &error))?;
        let listed = answer
            .notebook_instances()
            .iter()
            .map(|notebook| listed(OPERATION, notebook.notebook_instance_arn(), notebook.notebook_instance_name()));
        Ok(Page { resources: listed.collect::<Result<_, _>>()?, next_token: answer.next_token().map(str::to_owned) })
    }

    async fn domain_page(&self, next_token: Option<String>) -> Result<Page, ReadError> {
        const OPERATION: &str = "ListDomains";
        let answer = self
            .sagemaker
            .list_domains()
            .max_results(PAGE)
            .set_next_token(next_token)
            .send()
            .await
            .map_err(|error| read_error(OPERATION, &error))?;
        let listed = answer.domains().iter().map(|domain| listed(OPERATION, domain.domain_id(), domain.domain_id()));
        Ok(Page { resources: listed.collect::<Result<_, _>>()?, next_token: answer.next_token().map(str::to_owned) })
    }
}

/// A list that shows a resource without an id or a name cannot be trusted to be complete.
fn listed(operation: &'static str, id: Option<&str>, name: Option<&str>) -> Result<Listed, ReadError> {
    let unusable = |reason: String| ReadError::Unusable { operation, reason };
    match (id, name) {
        (Some(id), Some(name)) => {
            Ok(Listed { id: id.parse().map_err(|error| unusable(format!("{error}")))?, name: name.to_owned() })
        }
        _ => Err(unusable("it shows a resource without id or name".to_owned())),
    }
}

impl Inventory for AwsInventory {
    async fn page(&self, resource_type: &ResourceType, next_token: Option<String>) -> Result<Page, ReadError> {
        if *resource_type == ResourceType::DOMAIN {
            self.domain_page(next_token).await
        } else {
            self.notebook_page(next_token).await
        }
    }

    async fn describe(&self, resource_type: &ResourceType, name: &str, id: &ResourceId) -> Result<Subject, ReadError> {
        self.meter.pace().await;
        if *resource_type == ResourceType::DOMAIN {
            let answer = self.sagemaker.describe_domain().domain_id(name).send().await;
            let answer = answer.map_err(|error| gone_or(read_error("DescribeDomain", &error)))?;
            Ok(Subject::Domain(domain(id.clone(), &answer)))
        } else {
            let answer = self.sagemaker.describe_notebook_instance().notebook_instance_name(name).send().await;
            let answer = answer.map_err(|error| gone_or(read_error("DescribeNotebookInstance", &error)))?;
            Ok(Subject::Notebook(notebook(id.clone(), name, &answer)))
        }
    }

    async fn security_groups(&self, ids: &BTreeSet<String>) -> Result<SecurityGroups, ReadError> {
        self.ec2.security_groups(ids).await
    }
}

/// SageMaker has no modelled error for a missing notebook: it is a validation error that says `RecordNotFound`.
fn gone_or(error: ReadError) -> ReadError {
    match error {
        ReadError::Refused { code, message, .. }
            if code == "ResourceNotFound" || (code == "ValidationException" && message.contains("RecordNotFound")) =>
        {
            ReadError::Gone
        }
        failed @ (ReadError::Gone
        | ReadError::Refused { .. }
        | ReadError::NoAnswer { .. }
        | ReadError::Unusable { .. }) => failed,
    }
}

fn notebook(id: ResourceId, name: &str, answer: &DescribeNotebookInstanceOutput) -> Notebook {
    let imds = answer.instance_metadata_service_configuration();
    Notebook {
        name: answer.notebook_instance_name().unwrap_or(name).to_owned(),
        status: answer.notebook_instance_status().map(aws_sdk_sagemaker::types::NotebookInstanceStatus::as_str).into(),
        direct_internet_access: answer
            .direct_internet_access()
            .map(aws_sdk_sagemaker::types::DirectInternetAccess::as_str)
            .into(),
        subnet_id: answer.subnet_id().into(),
        security_groups: answer
            .security_groups
            .as_ref()
            .map_or(SeenList::NotReported, |groups| SeenList::Texts(groups.clone())),
        root_access: answer.root_access().map(aws_sdk_sagemaker::types::RootAccess::as_str).into(),
        kms_key_id: answer.kms_key_id().into(),
        platform_identifier: answer.platform_identifier().into(),
        minimum_imds_version: imds.and_then(|imds| imds.minimum_instance_metadata_service_version()).into(),
        id,
    }
}

fn domain(id: ResourceId, answer: &DescribeDomainOutput) -> Domain {
    Domain {
        name: answer.domain_name().unwrap_or(id.as_str()).to_owned(),
        status: answer.status().map(aws_sdk_sagemaker::types::DomainStatus::as_str).into(),
        app_network_access_type: answer
            .app_network_access_type()
            .map_or(Seen::NotReported, |access| Seen::Text(access.as_str().to_owned())),
        id,
    }
}
