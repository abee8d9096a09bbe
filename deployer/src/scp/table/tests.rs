use super::*;
use crate::scp::documents;
use crate::scp::language::Policy;

fn names() -> Names<'static> {
    Names { prefix: "notebook-guard", account: "111111111111", partition: "aws" }
}

fn full() -> (String, Policy) {
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    ("FullAWSAccess".to_owned(), Policy::parse(text).unwrap())
}

fn on_ours(settings: &GuardrailSettings) -> Vec<Judged> {
    let place = Place::on("ou-abcd-12345678", "aws", Some("eu-west-1"));
    let mut level = vec![full()];
    for one in documents::all(settings, names(), "/notebook-guard/") {
        level.push((one.name, Policy::parse(&one.document.text(false)).unwrap()));
    }
    let chain = Chain { levels: vec![vec![full()], level], unread: Vec::new() };
    judge(&rows(settings, names(), "/notebook-guard/", &place), &chain)
}

#[test]
fn our_policies_decide_every_line_as_intended() {
    let role = ["BreakGlass".to_owned(), "aws-reserved/sso.amazonaws.com/*/Emergency?".to_owned()];
    for studio in [false, true] {
        for tamper in [false, true] {
            for roles in [&role[..0], &role[..1], &role[..]] {
                let settings = GuardrailSettings { studio, tamper, break_glass: roles.to_vec(), targets: Vec::new() };
                let judged = on_ours(&settings);
                let bad: Vec<String> =
                    judged.iter().filter(|one| !one.is_as_intended()).map(Judged::sentence).collect();
                assert!(bad.is_empty(), "{settings:?}: {bad:#?}");
            }
        }
    }
}

#[test]
fn every_line_has_a_name_of_its_own() {
    let settings = GuardrailSettings { studio: true, tamper: true, break_glass: vec!["B".to_owned()], targets: vec![] };
    let judged = on_ours(&settings);
    let ids: std::collections::BTreeSet<&str> = judged.iter().map(|one| one.row.id.as_str()).collect();
    assert_eq!(ids.len(), judged.len());
    assert!(judged.len() > 50, "{}", judged.len());
}

#[test]
fn a_policy_that_cannot_be_read_leaves_open_what_is_not_denied() {
    let settings = GuardrailSettings::default();
    let place = Place::on("111122223333", "aws", None);
    let chain = Chain { levels: vec![vec![full()]], unread: vec![("foreign".to_owned(), Vec::new())] };
    let judged = judge(&rows(&settings, names(), "/x/", &place), &chain);
    assert!(judged.iter().all(|one| one.word() == "undecided" && !one.is_as_intended()));
}
