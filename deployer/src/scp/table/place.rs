//! Where the requests of the table are made.

/// An account and a Region; a target that is no account stands for one in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The account.
    pub account: String,
    /// The Region.
    pub region: String,
    /// Keys that hold for every request, with their values: what the user knows and the table does not.
    pub given: Vec<(String, String)>,
}

/// The account that stands for all of a unit.
const EXAMPLE_ACCOUNT: &str = "111122223333";

impl Place {
    /// The place for a target: an account itself, or an example in a unit.
    #[must_use]
    pub fn on(target: &str, partition: &str, region: Option<&str>) -> Self {
        let is_account = target.len() == 12 && target.bytes().all(|byte| byte.is_ascii_digit());
        let home = match partition {
            "aws-cn" => "cn-north-1",
            "aws-us-gov" => "us-gov-west-1",
            "aws-eusc" => "eusc-de-east-1",
            _ => "us-east-1",
        };
        Self {
            account: if is_account { target } else { EXAMPLE_ACCOUNT }.to_owned(),
            region: region.unwrap_or(home).to_owned(),
            given: Vec::new(),
        }
    }
}
