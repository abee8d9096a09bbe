//! Which account and which Regions: the flags that every command on AWS shares.

use clap::Args;

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
    let parts: Vec<&str> = text.split('-').collect();
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    let plausible = match parts.as_slice() {
        [area, middle @ .., number] if !middle.is_empty() => {
            area.len() >= 2
                && is_word(area)
                && middle.iter().all(is_word)
                && !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit())
        }
        _ => false,
    };
    if text == "all" || plausible {
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
        for right in ["eu-west-1", "us-gov-west-1", "ap-southeast-12", "eusc-de-east-1", "all"] {
            assert_eq!(region(right).unwrap(), right);
        }
        for wrong in ["", "eu-west1", "EU-WEST-1", "eu", "eu-1", "everywhere", "eu--1", "eu-west-"] {
            assert!(region(wrong).is_err(), "{wrong}");
        }
    }
}
