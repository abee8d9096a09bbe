//! Which account and which Regions: the flags that every command on AWS shares.

use clap::Args;
use rule::resource::is_region_name;

use crate::failure::Failure;
use crate::session::{Session, open};

/// The account and its Regions.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Where")]
pub(super) struct Target {
    /// Profile of the AWS configuration files.
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// Region, repeated for more, or `all` for every enabled one [default: as configured].
    #[arg(long = "region", value_name = "REGION", value_parser = region)]
    pub(super) regions: Vec<String>,
}

impl Target {
    /// Finds credentials, the caller and the Regions.
    pub(super) async fn open(&self) -> Result<Session, Failure> {
        open(self.profile.as_deref(), &self.regions).await
    }
}

/// A Region, or `all`. Whether it exists is for AWS to say; a slip of the pen is told here, before a name look-up.
pub(super) fn region(text: &str) -> Result<String, String> {
    if text == "all" || is_region_name(text) {
        Ok(text.to_owned())
    } else {
        Err("a Region looks like eu-west-1; `all` means every enabled one".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_looks_like_one() {
        for right in ["eu-west-1", "all"] {
            assert_eq!(region(right).unwrap(), right);
        }
        for wrong in ["", "eu-west1", "everywhere"] {
            assert!(region(wrong).is_err(), "{wrong}");
        }
    }
}
