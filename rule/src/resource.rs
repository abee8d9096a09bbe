//! Names of things in AWS: account ids, ARNs, resource types and resource ids, parsed once.

use std::fmt;
use std::str::FromStr;

/// A twelve-digit AWS account id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(String);

/// Why a text is not an account id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an AWS account id: twelve digits are expected")]
pub struct AccountIdError(String);

impl AccountId {
    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountId {
    type Err = AccountIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(AccountIdError(text.to_owned()))
        }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a text has the form of a Region's name, such as `eu-west-1` or `us-gov-east-1`. Whether there is such a Region
/// is for AWS to say.
#[must_use]
pub fn is_region_name(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    match parts.as_slice() {
        [area, middle @ .., number] if !middle.is_empty() => {
            area.len() >= 2
                && is_word(area)
                && middle.iter().all(is_word)
                && !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit())
        }
        _ => false,
    }
}

/// An Amazon Resource Name, split into its six parts. The parts are kept as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arn {
    text: String,
    partition: String,
    service: String,
    region: String,
    account: String,
    resource: String,
}

/// Why a text is not an ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an ARN: `arn:partition:service:region:account:resource` is expected")]
pub struct ArnError(String);

impl Arn {
    /// The whole ARN, as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The partition: `aws`, `aws-cn`, `aws-us-gov`, …
    #[must_use]
    pub fn partition(&self) -> &str {
        &self.partition
    }

    /// The service, for instance `lambda`.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The Region; empty in ARNs of global services.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The account id as written; empty in ARNs that have none.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// All that follows the account.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// What follows the last `/` of the resource: the name of a notebook, the id of a domain.
    #[must_use]
    pub fn last_segment(&self) -> &str {
        self.resource.rsplit('/').next().unwrap_or(&self.resource)
    }
}

impl FromStr for Arn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next().map(str::to_owned);
        match (next(), next(), next(), next(), next(), next()) {
            (Some(arn), Some(partition), Some(service), Some(region), Some(account), Some(resource))
                if arn == "arn" && !partition.is_empty() && !service.is_empty() && !resource.is_empty() =>
            {
                Ok(Self { text: text.to_owned(), partition, service, region, account, resource })
            }
            _ => Err(ArnError(text.to_owned())),
        }
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A resource type in AWS Config's spelling.
///
/// A text and not an enum: `AWS::SageMaker::NotebookInstance` is recorded by AWS Config
/// (<https://docs.aws.amazon.com/config/latest/developerguide/resource-config-reference.html>) although the
/// `ResourceType` enumeration of the SDKs lacks it, and old results may carry any type.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceType(std::borrow::Cow<'static, str>);

impl ResourceType {
    /// A SageMaker notebook instance.
    pub const NOTEBOOK_INSTANCE: Self = Self::of("AWS::SageMaker::NotebookInstance");
    /// A SageMaker domain (Studio).
    pub const DOMAIN: Self = Self::of("AWS::SageMaker::Domain");
    /// The account itself; four colons, as `PutEvaluations` wants it.
    pub const ACCOUNT: Self = Self::of("AWS::::Account");

    const fn of(text: &'static str) -> Self {
        Self(std::borrow::Cow::Borrowed(text))
    }

    /// The type as AWS Config writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for ResourceType {
    fn from(text: &str) -> Self {
        [Self::NOTEBOOK_INSTANCE, Self::DOMAIN, Self::ACCOUNT]
            .into_iter()
            .find(|known| known.as_str() == text)
            .unwrap_or_else(|| Self(text.to_owned().into()))
    }
}

impl fmt::Display for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id under which AWS Config holds a resource: for a notebook its ARN, for a domain its domain id.
///
/// Kept letter for letter as the service gave it, because AWS Config compares ids exactly.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceId(String);

/// Why a text cannot be a resource id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResourceIdError {
    /// It has no characters.
    #[error("a resource id is empty")]
    Empty,
    /// `PutEvaluations` takes at most 768 characters.
    #[error("a resource id has {0} characters, and AWS Config takes {max}", max = ResourceId::MAX_CHARACTERS)]
    TooLong(usize),
}

impl ResourceId {
    /// The longest id that `PutEvaluations` takes, in characters
    /// (<https://docs.aws.amazon.com/config/latest/APIReference/API_Evaluation.html>).
    pub const MAX_CHARACTERS: usize = 768;

    /// The id as the service gave it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ResourceId {
    type Err = ResourceIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.chars().count() {
            0 => Err(ResourceIdError::Empty),
            length if length > Self::MAX_CHARACTERS => Err(ResourceIdError::TooLong(length)),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

impl From<&AccountId> for ResourceId {
    fn from(account: &AccountId) -> Self {
        Self(account.0.clone())
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_id_has_twelve_digits() {
        assert_eq!("123456789012".parse::<AccountId>().unwrap().as_str(), "123456789012");
        for wrong in ["", "12345678901", "0123456789012", "12345678901x", "１２３４５６７８９０１２"] {
            let error = wrong.parse::<AccountId>().unwrap_err();
            assert!(error.to_string().contains(wrong), "{error}");
        }
    }

    #[test]
    fn a_region_name_looks_like_one() {
        for right in ["eu-west-1", "us-gov-west-1", "ap-southeast-12", "eusc-de-east-1"] {
            assert!(is_region_name(right), "{right}");
        }
        for wrong in ["", "eu-west1", "EU-WEST-1", "eu", "eu-1", "everywhere", "eu--1", "eu-west-", "*", "all"] {
            assert!(!is_region_name(wrong), "{wrong}");
        }
    }

    #[test]
    fn an_arn_gives_its_parts_and_keeps_its_case() {
        let arn: Arn = "arn:aws-cn:sagemaker:cn-north-1:123456789012:notebook-instance/My-Book".parse().unwrap();
        assert_eq!(arn.partition(), "aws-cn");
        assert_eq!(arn.service(), "sagemaker");
        assert_eq!(arn.region(), "cn-north-1");
        assert_eq!(arn.account(), "123456789012");
        assert_eq!(arn.resource(), "notebook-instance/My-Book");
        assert_eq!(arn.last_segment(), "My-Book");
        let function: Arn = "arn:aws:lambda:eu-west-1:123456789012:function:guard:live".parse().unwrap();
        assert_eq!(function.resource(), "function:guard:live");
        for wrong in ["", "guard", "arn:aws:lambda", "arn::lambda:r:a:x", "arn:aws:lambda:r:a:", "ARN:aws:s:r:a:x"] {
            assert!(wrong.parse::<Arn>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_resource_id_fits_put_evaluations() {
        assert_eq!("x".repeat(768).parse::<ResourceId>().unwrap().as_str().len(), 768);
        assert_eq!("x".repeat(769).parse::<ResourceId>(), Err(ResourceIdError::TooLong(769)));
        assert_eq!("".parse::<ResourceId>(), Err(ResourceIdError::Empty));
    }

    #[test]
    fn an_unknown_resource_type_keeps_its_spelling() {
        assert_eq!(ResourceType::from("AWS::EC2::Instance").as_str(), "AWS::EC2::Instance");
        assert_eq!(ResourceType::from("AWS::SageMaker::NotebookInstance"), ResourceType::NOTEBOOK_INSTANCE);
    }
}
