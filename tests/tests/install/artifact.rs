//! The bucket and the zip in it.

use serde_json::json;

use crate::elf::Elf;
use crate::stage::{ACCOUNT, Stage};

const REGION: &str = "eu-west-1";
const BUCKET: &str = "notebook-guard-111122223333-eu-west-1";

/// The key says one SHA-256 and the object has another: somebody wrote over it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_bytes_under_our_key_are_refused() {
    let stage = Stage::with(&[REGION]).await;
    assert_eq!(stage.install(&[]).await.code, 0);
    let put = stage.world().calls().of("s3", "PutObject");
    let key = put[0].line.split_once(&format!("{BUCKET}/")).unwrap().1.split('?').next().unwrap().to_owned();
    stage.world().put_object(BUCKET, &key, b"something else".to_vec()).unwrap();
    stage.world().calls().clear();
    let ran = stage.install(&[]).await;
    assert_eq!(ran.code, 2, "{}", ran.shown());
    assert!(ran.stderr.contains("other bytes than its name says"), "{}", ran.stderr);
    assert_eq!(stage.writes(), vec![]);
    assert_eq!(stage.world().object(BUCKET, &key).unwrap(), b"something else");
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_name_of_somebody_else_stops_everything() {
    let stage = Stage::with(&[REGION]).await;
    stage.world().add_account("999988887777").unwrap();
    stage.world().enable_region("999988887777", REGION).unwrap();
    stage.world().put_bucket("999988887777", REGION, BUCKET).unwrap();
    let ran = stage.install(&[]).await;
    assert_eq!(ran.code, 2, "{}", ran.shown());
    assert!(ran.stderr.contains(BUCKET) && ran.stderr.contains("--prefix"), "{}", ran.stderr);
    assert_eq!(stage.writes(), vec![]);
    stage.sandbox.stop().await;
}

/// The bucket outlives its stack; a new stack leaves it as it is and gives it the policy.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_lost_its_stack_is_taken_in() {
    let stage = Stage::with(&[REGION]).await;
    let kept = json!({"BucketName": BUCKET, "Tags": [{"Key": "notebook-guard:managed", "Value": "true"}]});
    stage.world().put_resource(ACCOUNT, REGION, "AWS::S3::Bucket", &kept).unwrap();
    let ran = stage.install(&[]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(ran.stdout.contains("gets our policy"), "{}", ran.stdout);
    let stack = stage.stack(REGION, "notebook-guard-artifacts").unwrap();
    assert!(!stack.resources.contains_key("Bucket") && stack.resources.contains_key("BucketPolicy"));
    assert_eq!(stack.outputs["BucketName"], BUCKET);
    let again = stage.install(&[]).await;
    assert!(again.code == 0 && again.stdout.contains("Nothing to do"), "{}", again.shown());
    stage.sandbox.stop().await;
}

/// A bucket of our name that is not marked as ours may be anybody's: it is neither used nor, later, deleted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_of_our_name_that_is_not_ours_is_left_alone() {
    let stage = Stage::with(&[REGION]).await;
    stage.world().put_bucket(ACCOUNT, REGION, BUCKET).unwrap();
    let ran = stage.install(&[]).await;
    assert_eq!(ran.code, 2, "{}", ran.shown());
    assert!(ran.stderr.contains("notebook-guard:managed=true"), "{}", ran.stderr);
    assert_eq!(stage.writes(), vec![]);
    stage.sandbox.stop().await;
}

/// The processor is the executable's, and every later run keeps to it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_executable_for_arm64_makes_an_arm64_function() {
    let stage = Stage::with(&[REGION]).await;
    let file = tempfile::NamedTempFile::new().unwrap().into_temp_path();
    std::fs::write(&file, Elf::arm64().bytes()).unwrap();
    let code = ["--code", file.to_str().unwrap()];
    let ran = stage.install(&code).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert_eq!(stage.stack(REGION, "notebook-guard").unwrap().parameters["Architecture"], "arm64");
    let other = stage.install(&[&["--architecture", "x86_64"], &code[..]].concat()).await;
    assert_eq!(other.code, 2, "{}", other.shown());
    assert!(other.stderr.contains("is for arm64, and x86_64 is wanted"), "{}", other.stderr);
    stage.sandbox.stop().await;
}
