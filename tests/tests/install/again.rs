//! Later runs: nothing to do, changes, versions, repairs.

use guard_tests::sandbox::{Effect, Fault, RecordedTypes, RecorderState, Refusal};

use crate::stage::{REGIONS, Stage, ran, shown};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_run_writes_nothing() {
    let stage = Stage::new().await;
    assert_eq!(stage.install(&["--region", "all"]).await.code, 0);
    stage.world().calls().clear();
    let again = stage.install(&["--region", "all"]).await;
    assert_eq!(again.code, 0, "{}", again.shown());
    assert_eq!(stage.writes(), vec![]);
    insta::assert_snapshot!(shown(&again));
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_check_is_an_update_of_that() {
    let stage = Stage::new().await;
    assert_eq!(stage.install(&[]).await.code, 0);
    let more = stage.install(&["--checks", "direct-internet-access,imds-v2", "--tag", "team=ml"]).await;
    assert_eq!(more.code, 0, "{}", more.shown());
    insta::assert_snapshot!(shown(&more));
    let stack = stage.stack("eu-west-1", "notebook-guard").unwrap();
    assert_eq!(stack.status, "UPDATE_COMPLETE");
    assert!(stack.resources.contains_key("ImdsV2Rule") && !stack.resources.contains_key("RootAccessRule"));
    stage.sandbox.stop().await;
}

/// Another Region joins; the first is left alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_region_joins() {
    let stage = Stage::new().await;
    assert_eq!(stage.install(&["--region", REGIONS[0]]).await.code, 0);
    stage.world().calls().clear();
    let ran = stage.install(&["--region", "all"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(stage.writes().iter().all(|call| call.region == REGIONS[1]));
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_path_cannot_be_changed_and_a_newer_version_is_kept() {
    let stage = Stage::new().await;
    assert_eq!(stage.install(&[]).await.code, 0);
    let moved = stage.install(&["--role-path", "/elsewhere/"]).await;
    assert_eq!(moved.code, 2, "{}", moved.shown());
    assert!(moved.stderr.contains("--role-path"), "{}", moved.stderr);
    stage.sandbox.stop().await;
}

/// A saved plan is applied as it was reviewed, once; then the world is another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_saved_plan_is_applied_and_then_stale() {
    let stage = Stage::new().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    let path = path.to_str().unwrap();
    let made = ran(stage.installer(&["--region", "all", "--checks", "all", "--dry-run", "--plan-out", path])).await;
    assert_eq!(made.code, 0, "{}", made.shown());
    assert_eq!(stage.writes(), vec![]);
    let applied = stage.install(&["--plan", path]).await;
    assert_eq!(applied.code, 0, "{}", applied.shown());
    assert!(stage.stack("us-east-1", "notebook-guard").unwrap().resources.contains_key("ImdsV2Rule"));
    stage.world().calls().clear();
    let done = stage.install(&["--plan", path]).await;
    assert!(done.code == 0 && done.stdout.contains("Nothing to do"), "{}", done.shown());
    assert_eq!(stage.writes(), vec![]);
    let other = stage.install(&["--region", "all", "--checks", "imds-v2"]).await;
    assert_eq!(other.code, 0, "{}", other.shown());
    stage.world().calls().clear();
    let refused = stage.install(&["--plan", path]).await;
    assert_eq!(refused.code, 4, "{}", refused.shown());
    assert!(refused.stderr.contains("stale"), "{}", refused.stderr);
    assert_eq!(stage.writes(), vec![]);
    let mixed = stage.install(&["--plan", path, "--checks", "all"]).await;
    assert_eq!(mixed.code, 2, "{}", mixed.shown());
    stage.sandbox.stop().await;
}

/// A comment in a template changes no resource: one update, and then nothing more is to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_template_that_differs_by_a_comment_settles() {
    let stage = Stage::with(&["eu-west-1"]).await;
    assert_eq!(stage.install(&[]).await.code, 0);
    let older = |text: &mut String, tags: &mut Vec<(String, String)>| {
        text.push_str("\n# from an older version\n");
        tags.iter_mut().filter(|(key, _)| key == "notebook-guard:settings").for_each(|(_, value)| value.insert(0, '0'));
    };
    stage.world().change_stack("111122223333", "eu-west-1", "notebook-guard-artifacts", older).unwrap();
    let first = stage.install(&[]).await;
    assert!(first.code == 0 && first.stdout.contains("1 Region to change"), "{}", first.shown());
    let second = stage.install(&[]).await;
    assert!(second.code == 0 && second.stdout.contains("Nothing to do"), "{}", second.shown());
    stage.sandbox.stop().await;
}

/// What triggers the rules is not changed because the recorder could not be read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unread_recorder_changes_nothing() {
    let stage = Stage::with(&["eu-west-1"]).await;
    let except = RecorderState::Recording {
        types: RecordedTypes::AllBut(vec!["AWS::SageMaker::NotebookInstance".to_owned()]),
        daily: false,
    };
    stage.world().set_recorder("111122223333", "eu-west-1", &except).unwrap();
    assert_eq!(stage.install(&[]).await.code, 0);
    let refusal = Effect::Refuse(Refusal::new("AccessDeniedException", "no"));
    stage.world().faults().add(Fault::on("config", "DescribeConfigurationRecorderStatus", refusal));
    let again = stage.install(&[]).await;
    assert!(again.code == 0 && again.stdout.contains("Nothing to do"), "{}", again.shown());
    stage.sandbox.stop().await;
}

/// A plan that was changed by hand is not applied, and one that names no check is none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_that_was_changed_by_hand_is_refused() {
    let stage = Stage::with(&["eu-west-1"]).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    let made = ran(stage.installer(&["--dry-run", "--plan-out", path.to_str().unwrap()])).await;
    assert_eq!(made.code, 0, "{}", made.shown());
    let text = std::fs::read_to_string(&path).unwrap();
    for (from, to, code) in [
        ("\"LogRetentionDays\": \"90\"", "\"LogRetentionDays\": \"1\"", 4),
        ("\"notebook-guard:settings\": \"", "\"notebook-guard:settings\": \"0", 4),
        ("\"root-access\"", "\"root-acces\"", 2),
        ("\"format\": 1", "\"format\": 2", 2),
    ] {
        assert!(text.contains(from), "{from}: {text}");
        std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let refused = stage.install(&["--plan", path.to_str().unwrap()]).await;
        assert_eq!(refused.code, code, "{from}: {}", refused.shown());
    }
    assert_eq!(stage.writes(), vec![]);
    stage.sandbox.stop().await;
}
