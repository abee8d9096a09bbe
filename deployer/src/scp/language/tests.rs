use super::*;

fn policy(statement: &str) -> Policy {
    Policy::parse(&format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#)).unwrap()
}

fn request(action: &str) -> Request {
    Request { action: action.to_owned(), resource: "*".to_owned(), context: Context::default() }
}

fn full_access() -> (String, Policy) {
    ("FullAWSAccess".to_owned(), policy(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#))
}

#[test]
fn a_denial_at_any_level_wins_and_is_cited() {
    let deny = policy(r#"[{"Effect":"Deny","Sid":"Stop","Action":"SageMaker:create*","Resource":"*"}]"#);
    let levels = [vec![full_access()], vec![full_access(), ("network".to_owned(), deny)], vec![full_access()]];
    let decision = decide_chain(&levels, &request("sagemaker:CreateNotebookInstance"));
    let by = Cited { level: 1, policy: "network".to_owned(), statement: 0, sid: Some("Stop".to_owned()) };
    assert_eq!(decision, Decision::Denied { by });
    let allowed = decide_chain(&levels, &request("sagemaker:ListNotebookInstances"));
    assert_eq!(allowed.is_allowed(), Some(true));
}

#[test]
fn every_level_has_to_allow() {
    let some = policy(r#"{"Effect":"Allow","NotAction":"sagemaker:*","Resource":"*"}"#);
    let levels = [vec![full_access()], vec![("some".to_owned(), some)]];
    let of = |action| decide_chain(&levels, &request(action));
    assert_eq!(of("sagemaker:ListNotebookInstances"), Decision::NotAllowed { level: 1 });
    assert_eq!(of("s3:ListBuckets").is_allowed(), Some(true));
}
