//! Recorders that tell of no changes.

use super::*;

#[test]
fn a_recorder_that_does_not_tell_of_changes() {
    let with = |change: fn(&mut Recorder)| {
        of_region(|region| {
            let mut recorder = recorder();
            change(&mut recorder);
            region.recorder = Ok(RecorderState::Present(recorder));
        })
    };
    let notebook = "AWS::SageMaker::NotebookInstance";
    for (told, said) in [
        ("Warning recorder: there is no configuration recorder", {
            of_region(|region| region.recorder = Ok(RecorderState::Missing))
        }),
        ("Warning recorder: the configuration recorder is stopped", with(|recorder| recorder.is_recording = false)),
        ("Warning recorder: the configuration recorder's last attempt failed: no bucket", {
            with(|recorder| {
                recorder.last_status = Some("Failure".to_owned());
                recorder.last_error = Some("no bucket".to_owned());
            })
        }),
        (
            "Warning recorded-types: AWS::SageMaker::NotebookInstance is recorded once a day",
            with(|recorder| recorder.is_daily = true),
        ),
        ("Warning recorded-types: AWS::SageMaker::NotebookInstance is not recorded (the rules are made for the", {
            with(|recorder| recorder.types = RecordedTypes::Only(vec!["AWS::S3::Bucket".to_owned()]))
        }),
        ("Warning recorder-role: the recorder reads with the role config", {
            with(|recorder| recorder.role_arn = "arn:aws:iam::111122223333:role/config".to_owned())
        }),
        ("Warning delivery-channel: there is no delivery channel", {
            of_region(|region| region.delivery = Ok(DeliveryState::Missing))
        }),
    ] {
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said.iter().all(|line| line.starts_with(told)), "{said:?}");
    }
    assert_eq!(
        with(|recorder| {
            recorder.is_daily = true;
            recorder.overrides = vec![("AWS::SageMaker::NotebookInstance".to_owned(), false)];
        }),
        Vec::<String>::new()
    );
    let mut both = settings();
    both.checks.push("studio-vpc-only".to_owned());
    let mut region = region();
    let types = RecordedTypes::AllBut(vec!["AWS::SageMaker::Domain".to_owned()]);
    region.recorder = Ok(RecorderState::Present(Recorder { types, ..recorder() }));
    let said = troubles(&both, &account(), region, false);
    assert_eq!(said.len(), 1, "{notebook} is recorded: {said:?}");
    assert!(said.iter().all(|line| line.contains("AWS::SageMaker::Domain is not recorded")), "{said:?}");
}

#[test]
fn the_schedule_alone_needs_no_recording() {
    let scheduled = Settings { triggers: Triggers::Schedule, ..settings() };
    let mut region = region();
    let types = RecordedTypes::Only(Vec::new());
    let role_arn = "arn:aws:iam::111122223333:role/config".to_owned();
    let stopped = Recorder { types, role_arn, is_recording: false, ..recorder() };
    region.recorder = Ok(RecorderState::Present(stopped));
    assert_eq!(troubles(&scheduled, &account(), region, false), Vec::<String>::new());
}
