//! The Region of the StackSets: where they are already, or where they are to be.

use super::plan::OrgPlanError;
use super::record::Noted;

/// Decides on the home Region. `noted` is what the artifact stacks of Regions say of it.
///
/// # Errors
/// Another Region was asked for than the one that has the StackSets.
pub(super) fn home(
    asked: Option<&str>,
    configured: Option<&str>,
    regions: &[String],
    noted: &[(String, Noted)],
) -> Result<String, OrgPlanError> {
    let told = |(region, noted): &(String, Noted)| match noted {
        Noted::Here(_) => region.clone(),
        Noted::Elsewhere(home) => home.clone(),
    };
    let here = noted.iter().find(|(_, noted)| matches!(noted, Noted::Here(_)));
    match (here.or_else(|| noted.first()).map(told), asked) {
        (Some(home), Some(asked)) if home != asked => Err(OrgPlanError::OtherHome { home, asked: asked.to_owned() }),
        (Some(home), _) => Ok(home),
        (None, Some(asked)) => Ok(asked.to_owned()),
        (None, None) => {
            let configured = configured.filter(|configured| regions.iter().any(|region| region == configured));
            Ok(configured.or_else(|| regions.first().map(String::as_str)).unwrap_or_default().to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::Record;
    use super::super::targets::Targets;
    use super::*;

    fn here() -> Noted {
        Noted::Here(Record { targets: Targets::default(), regions: Vec::new(), management: true, policies: false })
    }

    fn at(region: &str, noted: Noted) -> (String, Noted) {
        (region.to_owned(), noted)
    }

    #[test]
    fn a_first_installation_chooses() {
        let regions = ["ap-south-1".to_owned(), "eu-west-1".to_owned()];
        assert_eq!(home(None, Some("eu-west-1"), &regions, &[]).unwrap(), "eu-west-1");
        assert_eq!(home(None, Some("us-east-1"), &regions, &[]).unwrap(), "ap-south-1");
        assert_eq!(home(Some("us-east-1"), Some("eu-west-1"), &regions, &[]).unwrap(), "us-east-1");
    }

    #[test]
    fn later_ones_find_it_from_any_region() {
        let regions = ["ap-south-1".to_owned()];
        let elsewhere = at("ap-south-1", Noted::Elsewhere("eu-west-1".to_owned()));
        assert_eq!(home(None, Some("ap-south-1"), &regions, std::slice::from_ref(&elsewhere)).unwrap(), "eu-west-1");
        assert_eq!(home(None, None, &regions, &[elsewhere, at("us-east-1", here())]).unwrap(), "us-east-1");
    }

    #[test]
    fn another_home_than_the_one_there_is() {
        let told = home(Some("us-east-1"), None, &[], &[at("eu-west-1", here())]).unwrap_err();
        assert!(told.advice().contains("--home-region eu-west-1"), "{}", told.advice());
    }
}
