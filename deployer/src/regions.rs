//! The names of Regions that this version knows.

use crate::near::nearest;

/// Regions of all partitions, as AWS lists them
/// (<https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>), November 2026. One that is
/// newer is not in it: then AWS is asked.
const KNOWN: [&str; 44] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-iso-east-1",
    "us-iso-west-1",
    "us-isob-east-1",
    "us-isof-east-1",
    "us-isof-south-1",
    "us-west-1",
    "us-west-2",
];

/// Whether this version knows a Region of that name.
pub(crate) fn is_known(region: &str) -> bool {
    KNOWN.contains(&region)
}

/// `; did you mean ...?`, if a known Region or one of the others is written much alike.
pub(crate) fn meant(region: &str, others: &[String]) -> String {
    let all: Vec<&str> = others.iter().map(String::as_str).chain(KNOWN).collect();
    nearest(region, &all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_no_region_and_near_to_one() {
        assert!(KNOWN.is_sorted() && is_known("eu-west-1") && !is_known("eu-wset-1"));
        assert_eq!(meant("eu-wset-1", &[]), "; did you mean `eu-west-1`?");
        assert_eq!(meant("xx-new-9", &["xx-new-1".to_owned()]), "; did you mean `xx-new-1`?");
        assert_eq!(meant("mars-north-1", &[]), "");
    }
}
