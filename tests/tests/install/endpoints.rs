//! Endpoints of one's own, service by service.

use std::io::Write as _;

use crate::stage::{ACCOUNT, Stage, ran};

const REGION: &str = "eu-west-1";
/// AWS's documents have underscores in these names; the SDK for Rust reads hyphens.
const SERVICES: [&str; 11] = [
    "cloudformation",
    "cloudwatch",
    "cloudwatch-logs",
    "config-service",
    "ec2",
    "iam",
    "lambda",
    "organizations",
    "s3",
    "service-quotas",
    "sts",
];

/// A profile with a section `services`; `elsewhere` is one that has an address at which nobody listens.
fn profile(endpoint: &str, elsewhere: Option<&str>) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let mut text = format!("[default]\nregion = {REGION}\nservices = here\n[services here]\n");
    for service in SERVICES {
        let url = if elsewhere == Some(service) { "http://127.0.0.1:1" } else { endpoint };
        text.push_str(service);
        text.push_str(" =\n  endpoint_url = ");
        text.push_str(url);
        text.push('\n');
    }
    file.write_all(text.as_bytes()).unwrap();
    file
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_of_a_profile_are_used_for_each_service() {
    let stage = Stage::with(&[REGION]).await;
    let endpoint = stage.sandbox.endpoint();
    let installer = |file: &tempfile::NamedTempFile| {
        let mut command = stage.installer(&["--yes"]);
        command.env("AWS_CONFIG_FILE", file.path()).env_remove("AWS_ENDPOINT_URL").env("AWS_MAX_ATTEMPTS", "1");
        command
    };
    let elsewhere = profile(&endpoint, Some("s3"));
    let failed = ran(installer(&elsewhere)).await;
    assert_ne!(failed.code, 0, "{}", failed.shown());
    assert_eq!(stage.world().calls().count("s3", "PutObject"), 0);
    assert!(stage.world().calls().count("sts", "GetCallerIdentity") > 0, "{}", failed.shown());
    let here = profile(&endpoint, None);
    let done = ran(installer(&here)).await;
    assert_eq!(done.code, 0, "{}", done.shown());
    assert!(stage.world().stack(ACCOUNT, REGION, "notebook-guard").unwrap().is_some());
    // Buckets are named in the path: nobody resolves names below an address of one's own.
    assert!(stage.world().calls().count("s3", "PutObject") > 0);
    stage.sandbox.stop().await;
}
