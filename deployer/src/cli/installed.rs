//! `--org`: the flags by which later commands find an installation in an organization.

use clap::Args;

use super::target::{Target, region};
use crate::failure::Failure;
use crate::organization::site::{Site, open};

/// The organization, for commands that know an account alone, too.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Where")]
pub(super) struct OrganizationFlags {
    /// The whole organization, with credentials of its management account or of a delegated administrator.
    #[arg(long)]
    pub(super) org: bool,
    /// With --org: the Region of the StackSets [default: found from the configured Region and from --region].
    #[arg(long, value_name = "REGION", value_parser = home, requires = "org")]
    pub(super) home_region: Option<String>,
}

/// A Region, and not all of them.
pub(super) fn home(text: &str) -> Result<String, String> {
    if text == "all" { Err("one Region is home".to_owned()) } else { region(text) }
}

impl OrganizationFlags {
    /// Finds credentials, the organization and the installation. Gives back the Regions that were asked for; none for
    /// all.
    pub(super) async fn open(&self, target: &Target, prefix: &str) -> Result<(Site, Vec<String>), Failure> {
        // The home Region is a place to ask who calls, where none is configured.
        let named: Vec<String> = target.regions.iter().chain(&self.home_region).cloned().collect();
        let session = Target { profile: target.profile.clone(), regions: named }.open().await?;
        let is_all = target.regions.is_empty() || target.regions.iter().any(|region| region == "all");
        let asked = if is_all { Vec::new() } else { target.regions.clone() };
        let site = open(&session, prefix, self.home_region.as_deref()).await?;
        Ok((site, asked))
    }
}
