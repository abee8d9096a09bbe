//! What SageMaker's settings mean to the policies, and which actions and keys there are.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A setting that can be good or bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Setting {
    /// The condition key.
    pub(super) key: &'static str,
    /// What it is about, in words.
    pub(super) what: &'static str,
    /// A value that is good.
    pub(super) good: &'static str,
    /// The value that is bad; none if being left out is the only fault.
    pub(super) bad: Option<&'static str>,
    /// The action that makes the thing. There, being left out is bad: SageMaker's defaults are the insecure values
    /// (<https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateNotebookInstance.html>).
    pub(super) create: &'static str,
    /// The action that changes it, if the setting can be changed. There, being left out changes nothing.
    pub(super) update: Option<&'static str>,
}

pub(super) const SETTINGS: [Setting; 4] = [
    Setting {
        key: "sagemaker:DirectInternetAccess",
        what: "direct internet access",
        good: "Disabled",
        bad: Some("Enabled"),
        create: "sagemaker:CreateNotebookInstance",
        update: None,
    },
    Setting {
        key: "sagemaker:VpcSubnets",
        what: "a notebook outside the VPC",
        good: "subnet-0123456789abcdef0",
        bad: None,
        create: "sagemaker:CreateNotebookInstance",
        update: None,
    },
    Setting {
        key: "sagemaker:RootAccess",
        what: "root access",
        good: "Disabled",
        bad: Some("Enabled"),
        create: "sagemaker:CreateNotebookInstance",
        update: Some("sagemaker:UpdateNotebookInstance"),
    },
    Setting {
        key: "sagemaker:AppNetworkAccessType",
        what: "a public Studio domain",
        good: "VpcOnly",
        bad: Some("PublicInternetOnly"),
        create: "sagemaker:CreateDomain",
        update: Some("sagemaker:UpdateDomain"),
    },
];

/// The values that keys can have, where they are few. Letter case counts.
pub(super) const VALUES: [(&str, &[&str]); 4] = [
    ("sagemaker:DirectInternetAccess", &["Enabled", "Disabled"]),
    ("sagemaker:RootAccess", &["Enabled", "Disabled"]),
    ("sagemaker:AppNetworkAccessType", &["PublicInternetOnly", "VpcOnly"]),
    ("sagemaker:MinimumInstanceMetadataServiceVersion", &["1", "2"]),
];

/// The action as AWS writes it.
pub(super) fn written(action: &str) -> String {
    let lines = include_str!("sagemaker.txt").lines().filter(|line| !line.starts_with('#'));
    let mut names = lines.filter_map(|line| line.split(' ').next()).map(|name| format!("sagemaker:{name}"));
    names.find(|name| name.eq_ignore_ascii_case(action)).unwrap_or_else(|| action.to_owned())
}

/// SageMaker's actions in lower case, with their keys in lower case.
static ACTIONS: LazyLock<BTreeMap<String, Vec<String>>> = LazyLock::new(|| {
    let lines = include_str!("sagemaker.txt").lines().filter(|line| !line.starts_with('#'));
    let read = lines.filter_map(|line| {
        let mut words = line.split(' ').map(str::to_lowercase);
        Some((format!("sagemaker:{}", words.next()?), words.map(|key| format!("sagemaker:{key}")).collect()))
    });
    read.collect()
});

/// All actions of SageMaker, in lower case.
pub(super) fn actions() -> impl Iterator<Item = &'static str> {
    ACTIONS.keys().map(String::as_str)
}

/// Whether any action has the key.
pub(super) fn is_key(key: &str) -> bool {
    ACTIONS.values().any(|keys| has(keys, key))
}

/// Whether the action has the key.
pub(super) fn is_key_of(key: &str, action: &str) -> bool {
    ACTIONS.get(&action.to_lowercase()).is_some_and(|keys| has(keys, key))
}

/// Keys with a part of the user's own, such as a tag's name, are listed with `${...}`. Resources' tags belong to every
/// action on a resource.
fn has(keys: &[String], key: &str) -> bool {
    let key = key.to_lowercase();
    key.starts_with("sagemaker:resourcetag/")
        || keys.iter().any(|known| match known.split_once("${") {
            Some((start, _)) => key.starts_with(start),
            None => *known == key,
        })
}
