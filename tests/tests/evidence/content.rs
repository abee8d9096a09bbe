//! Files that are as they were written and contradict each other.

use deployer::evidence::Form;
use deployer::evidence::content::State;
use serde_json::{Value, json};

use crate::bundle::{
    Bundle, Files, ONE, TWO, answer, arn, evaluation, evaluations, file, files, lines, population, report, timeline,
};

fn text(rows: &[Value]) -> Vec<u8> {
    lines(rows).into_bytes()
}

/// The messages about a bundle whose files were written like this.
fn told(how: impl FnOnce(&mut Files)) -> Vec<String> {
    let mut files = files();
    how(&mut files);
    let verification = Bundle::of(Form::Directory, &files, None).verify();
    let told = verification.findings.iter().map(|finding| {
        assert_eq!(finding.kind.as_str(), "inconsistent");
        format!("{}: {}", finding.path.as_deref().unwrap_or("-"), finding.message)
    });
    told.collect()
}

fn of_rows(name: &str, mut rows: Vec<Value>, how: impl FnOnce(&mut Vec<Value>)) -> Vec<String> {
    how(&mut rows);
    told(|files| *file(files, name) = text(&rows))
}

fn of_population(how: impl FnOnce(&mut Vec<Value>)) -> Vec<String> {
    of_rows("population.jsonl", population(), how)
}

fn of_evaluations(how: impl FnOnce(&mut Vec<Value>)) -> Vec<String> {
    of_rows("evaluations.jsonl", evaluations(), how)
}

#[test]
fn what_agrees_is_told() {
    let verification = Bundle::unsigned(Form::Directory).verify();
    let states: Vec<State> = verification.content.iter().map(|outcome| outcome.state).collect();
    // The answers of AWS are about the population too.
    let (agreed, absent) = (State::Agreed, State::Absent);
    assert_eq!(states, [agreed, agreed, absent, absent, absent, agreed, absent, absent]);
    let mut opaque = files();
    opaque.retain(|(name, _)| name.starts_with("raw/"));
    let verification = Bundle::of(Form::Zip, &opaque, None).verify();
    assert!(verification.is_verified() && verification.content.iter().all(|outcome| outcome.state == State::Absent));
}

#[test]
fn every_number_of_the_report_is_held_against_the_lines() {
    let paths = |value: &Value| {
        let mut paths = Vec::new();
        let mut todo = vec![("/totals".to_owned(), value["totals"].clone())];
        while let Some((path, value)) = todo.pop() {
            if let Value::Object(members) = value {
                todo.extend(members.into_iter().map(|(name, value)| (format!("{path}/{name}"), value)));
            } else {
                assert!(value.is_u64());
                paths.push(path);
            }
        }
        paths
    };
    let all = paths(&report());
    assert_eq!(all.len(), 4 + 4 + 5 * 6 + 3 * 6);
    for path in all {
        let mut wrong = report();
        let number = wrong.pointer_mut(&path).unwrap();
        *number = json!(number.as_u64().unwrap() + 1);
        let told = told(|files| *file(files, "report.json") = wrong.to_string().into_bytes());
        let name = path.rsplit('/').next().unwrap();
        assert!(
            told.len() == 1 && told[0].starts_with("report.json: says") && told[0].contains(name),
            "{path}: {told:?}"
        );
    }
}

#[test]
fn a_report_with_a_check_or_an_account_too_many_or_too_few() {
    let with = |how: &dyn Fn(&mut Value)| {
        let mut wrong = report();
        how(&mut wrong["totals"]);
        told(|files| *file(files, "report.json") = wrong.to_string().into_bytes())
    };
    let none = json!({"compliant": 1, "nonCompliant": 0, "notApplicable": 0, "insufficientData": 0, "exempt": 0});
    assert_eq!(
        with(&|totals| totals["checks"]["imds-v2"] = none.clone()),
        ["report.json: says 1 for `compliant` of check imds-v2, and the lines come to 0"]
    );
    assert_eq!(with(&|totals| totals["accounts"][TWO] = none.clone()).len(), 1);
    assert_eq!(
        with(&|totals| {
            totals["checks"].as_object_mut().unwrap().remove("inside-vpc");
        })
        .len(),
        1
    );
    assert_eq!(
        with(&|totals| {
            totals.as_object_mut().unwrap().remove("places");
        })
        .len(),
        1,
        "a member is missing"
    );
    assert_eq!(told(|files| *file(files, "report.json") = b"no JSON".to_vec()).len(), 1);
}

#[test]
fn an_evaluation_of_something_that_is_not_in_the_population() {
    let told = of_evaluations(|rows| rows[2]["resourceId"] = arn(ONE, "unknown").into());
    assert_eq!(
        told[0],
        format!("evaluations.jsonl: has a result for `{}`, which is not in the population", arn(ONE, "unknown"))
    );
    let told = of_evaluations(|rows| rows[2]["account"] = "999900001111".into());
    assert!(
        told[0].ends_with("has a result in account 999900001111 in eu-west-1, which is not in the population"),
        "{told:?}"
    );
    let told = of_evaluations(|rows| rows[2]["account"] = TWO.into());
    assert!(
        told[0].ends_with("has a result in account 444455556666 in eu-west-1, of which nothing was read"),
        "{told:?}"
    );
    let told = of_evaluations(|rows| rows[2]["region"] = "us-east-1".into());
    assert!(told[0].contains("in us-east-1, which is not in the population"), "{told:?}");
}

/// What lacks a result could be hidden by saying that no check is about it.
#[test]
fn what_is_said_to_be_judged_by_no_check() {
    let mark = |rows: &mut Vec<Value>, name: &str, count: u64, checks: &[&str]| {
        (rows[0]["notJudged"], rows[0]["checks"]) = (count.into(), serde_json::json!(checks));
        let one = rows.iter_mut().find(|row| row["name"] == name).unwrap();
        one["notJudged"] = "no installed check applies".into();
    };
    let told = of_population(|rows| mark(rows, "legacy", 1, &[]));
    assert!(told.iter().any(|one| one.contains("for `notJudged` of all resources")), "{told:?}");
    let told = of_population(|rows| mark(rows, "legacy", 2, &[]));
    let counted = "population.jsonl: counts those that no check judges in account 111122223333 in eu-west-1";
    assert!(told.iter().any(|one| one.starts_with(counted)), "{told:?}");
    let told = of_population(|rows| mark(rows, "legacy", 1, &["root-access"]));
    let said = "says that no check judges `AWS::SageMaker::NotebookInstance` in account 111122223333 in eu-west-1";
    assert!(told.iter().any(|one| one.contains(said)), "{told:?}");
    let told = of_population(|rows| mark(rows, "research-notebook", 1, &[]));
    assert!(told.iter().any(|one| one.ends_with("which no check is said to judge")), "{told:?}");
}

#[test]
fn the_result_of_an_account_without_notebooks_belongs_to_it() {
    let account = |id: &str| {
        let mut row = evaluation("inside-vpc", "x", "NOT_APPLICABLE");
        row["resourceType"] = "AWS::::Account".into();
        row["resourceId"] = id.into();
        row
    };
    // One more NOT_APPLICABLE than the report has: in all, of the check, of the account.
    assert_eq!(of_evaluations(|rows| rows.push(account(ONE))).len(), 3);
    let told = of_evaluations(|rows| rows.push(account(TWO)));
    assert!(told[0].contains("has a result of account `444455556666` in account 111122223333"), "{told:?}");
}

#[test]
fn an_evaluation_that_is_there_twice_or_missing() {
    let told = of_evaluations(|rows| rows.push(rows[0].clone()));
    assert!(told[0].contains("has the result of `notebook-guard-direct-internet-access`"), "{told:?}");
    // Left out of the file, but not out of the report.
    assert!(!of_evaluations(|rows| drop(rows.remove(0))).is_empty());
    let told = of_evaluations(|rows| drop(rows.remove(3)));
    assert!(told[0].contains("1 resources that only their evaluations tell of, and those are missing"), "{told:?}");
}

#[test]
fn letter_case_of_an_arn_makes_no_other_notebook() {
    let upper = arn(ONE, "RESEARCH-notebook");
    assert_eq!(of_evaluations(|rows| rows[0]["resourceId"] = upper.clone().into()), Vec::<String>::new());
    let told = of_population(|rows| {
        let mut again = rows[2].clone();
        again["resourceId"] = upper.into();
        rows.push(again);
    });
    assert!(told.iter().any(|one| one.contains("RESEARCH-notebook` twice")), "{told:?}");
}

#[test]
fn a_population_that_contradicts_itself() {
    let told = of_population(|rows| rows[0]["resources"] = 3.into());
    assert_eq!(told, ["population.jsonl: says 3 resources of account 111122223333 in eu-west-1, and lists 2"]);
    let told = of_population(|rows| rows.push(rows[0].clone()));
    assert!(told[0].contains("has account 111122223333 in eu-west-1 twice"), "{told:?}");
    let told = of_population(|rows| drop(rows.remove(0)));
    assert!(
        told[0].contains("has resources in account 111122223333 in eu-west-1, which is in no line of its own"),
        "{told:?}"
    );
    let told = of_population(|rows| {
        rows[0]["state"] = "unread".into();
        rows[0]["why"] = "so it is said".into();
    });
    assert!(told[0].contains("of which nothing was read"), "{told:?}");
    let told = of_population(|rows| rows[2]["resourceId"] = arn(TWO, "research-notebook").into());
    assert!(told.iter().any(|one| one.contains("in account 111122223333 in eu-west-1")), "{told:?}");
    // A place that was not read, quietly left out.
    let told = of_population(|rows| drop(rows.remove(1)));
    assert_eq!(told, ["report.json: says 1 for `unread` of all places, and the lines come to 0"]);
    // A notebook that was listed, quietly left out.
    assert!(!of_population(|rows| drop(rows.remove(3))).is_empty());
}

#[test]
fn a_timeline_of_something_else() {
    let of_timeline = |how: &dyn Fn(&mut Vec<Value>)| of_rows("timeline.jsonl", timeline(), |rows| how(rows));
    assert!(of_timeline(&|rows| rows[1]["resourceId"] = arn(ONE, "x").into())[0].contains("tells of `arn:aws"));
    assert!(
        of_timeline(&|rows| rows[5]["account"] = "999900001111".into())[0].contains("tells of account 999900001111")
    );
    assert!(of_timeline(&|rows| rows[5]["until"] = "2026-10-09T00:00:00Z".into())[0].contains("has a gap from"));
}

#[test]
fn a_timeline_whose_lines_lack_something() {
    let needed = [
        (0, &["account", "region", "at", "event", "status"][..]),
        (1, &["account", "region", "at", "event", "check", "rule", "to"]),
        (5, &["account", "region", "at", "event", "reason"]),
    ];
    for (line, members) in needed {
        for member in members {
            let told = of_rows("timeline.jsonl", timeline(), |rows| {
                rows[line].as_object_mut().unwrap().remove(*member).unwrap();
            });
            assert!(told.len() == 1 && told[0].starts_with("timeline.jsonl: "), "{line} {member}: {told:?}");
        }
        for (member, wrong) in [("at", "yesterday"), ("event", "unknown"), ("resourceId", "arn:aws:x")] {
            let told = of_rows("timeline.jsonl", timeline(), |rows| {
                rows[line]["resourceType"] = "AWS::SageMaker::NotebookInstance".into();
                rows[line][member] = wrong.into();
            });
            assert!(told.len() == 1, "{line} {member}: {told:?}");
        }
    }
    for (line, member) in [(0, "configuration"), (1, "to"), (1, "from"), (5, "reason"), (5, "until")] {
        let told = of_rows("timeline.jsonl", timeline(), |rows| rows[line][member] = "something else".into());
        assert_eq!(told.len(), 1, "{line} {member}: {told:?}");
    }
}

/// The answers of AWS Config to the questions for results, as an account or an aggregator gives them.
fn results(is_aggregated: bool, how: impl FnOnce(&mut Vec<Value>, &mut Vec<Value>)) -> Vec<String> {
    let (call, list) = if is_aggregated {
        ("config:GetAggregateComplianceDetailsByConfigRule", "AggregateEvaluationResults")
    } else {
        ("config:GetComplianceDetailsByConfigRule", "EvaluationResults")
    };
    let mut told = Vec::new();
    for row in evaluations() {
        let qualifier = json!({"ConfigRuleName": row["rule"], "ResourceType": row["resourceType"],
            "ResourceId": row["resourceId"]});
        let result = json!({"EvaluationResultIdentifier": {"EvaluationResultQualifier": qualifier},
            "ComplianceType": row["complianceType"]});
        let mut question = json!({"ConfigRuleName": row["rule"], "Limit": 100});
        if is_aggregated {
            (question["AccountId"], question["AwsRegion"]) = (ONE.into(), crate::bundle::REGION.into());
        }
        told.push(answer(call, &question, &json!({list: [result]})));
    }
    let (mut places, count) = (population(), told.len());
    let asked = places[0]["asked"].as_array_mut().unwrap();
    asked.push(json!({"call": call, "at": "2026-11-23T09:00:00Z", "pages": count, "items": count}));
    how(&mut told, &mut places);
    let own = lines(&told);
    self::told(|files| {
        *file(files, "population.jsonl") = text(&places);
        // An aggregator is asked in another account.
        if is_aggregated {
            files.push(("raw/999900001111.jsonl".to_owned(), own.into_bytes()));
        } else {
            file(files, "raw/111122223333.jsonl").extend_from_slice(own.as_bytes());
        }
    })
}

#[test]
fn results_are_those_that_aws_config_answered() {
    for is_aggregated in [false, true] {
        assert_eq!(results(is_aggregated, |_, _| {}), [""; 0]);
        let change = |from: &'static str, to: &'static str| {
            results(is_aggregated, move |told, _| {
                let changed = told.iter_mut().find(|page| page["body"].as_str().unwrap().contains(from)).unwrap();
                changed["body"] = changed["body"].as_str().unwrap().replace(from, to).into();
            })
        };
        let told = change("\"NON_COMPLIANT\"", "\"COMPLIANT\"");
        assert!(told.len() == 1 && told[0].contains("NON_COMPLIANT of `notebook-guard-direct"), "{told:?}");
        let told = change("notebook-instance/gone", "notebook-instance/other");
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("that AWS Config did not answer"), "{told:?}");
        assert!(told[1].contains("lacks 1 results of `notebook-guard-direct-internet-access`"), "{told:?}");
        // A page that is not there is told as such, and by its results.
        let told = results(is_aggregated, |told, _| drop(told.remove(0)));
        assert!(told.len() == 2 && told[0].contains("says 4 pages of config:Get"), "{told:?}");
        // A violation that was answered is never anything else.
        let told = results(is_aggregated, |told, places| {
            let mut page = told[2].clone();
            page["body"] = page["body"].as_str().unwrap().replace("\"COMPLIANT\"", "\"NON_COMPLIANT\"").into();
            told.push(page);
            places[0]["asked"][1]["pages"] = 5.into();
        });
        assert!(told.len() == 1 && told[0].contains("and AWS Config told of a violation"), "{told:?}");
    }
}

#[test]
fn answers_that_were_counted_and_are_not_there() {
    let told = told(|files| files.retain(|(name, _)| !name.starts_with("raw/")));
    let expected = "population.jsonl: says 1 pages of sagemaker:ListNotebookInstances of account 111122223333 in \
                    eu-west-1, and `raw` has 0";
    assert_eq!(told, [expected]);
}

#[test]
fn lines_that_are_none() {
    for wrong in ["no JSON\n", "\n", "[]\n", "{\"row\":\"place\"}\n", "{\"row\":\"unknown\"}\n", "{}", "\u{0}\n"] {
        let told = told(|files| file(files, "population.jsonl").extend_from_slice(wrong.as_bytes()));
        assert!(told.len() == 1 && told[0].starts_with("population.jsonl: has a line 6 that"), "{wrong:?}: {told:?}");
    }
    let told = told(|files| file(files, "timeline.jsonl").truncate(1200));
    assert!(told[0].starts_with("timeline.jsonl: has a line 4 that does not end"), "{told:?}");
}

#[test]
fn no_more_contradictions_are_told_than_can_be_read() {
    let told = of_evaluations(|rows| {
        rows.extend((0..200).map(|index| evaluation("inside-vpc", &format!("unknown-{index}"), "COMPLIANT")));
    });
    let of_file = told.iter().filter(|one| one.starts_with("evaluations.jsonl")).count();
    assert_eq!(of_file, 51);
    assert!(told.contains(&"evaluations.jsonl: has 150 more contradictions like these".to_owned()), "{told:?}");
}

#[test]
fn a_file_without_the_one_that_it_is_held_against() {
    let told = told(|files| files.retain(|(name, _)| name != "population.jsonl"));
    assert_eq!(
        told,
        [
            "evaluations.jsonl: cannot be held against `population.jsonl`, which is not in the bundle",
            "timeline.jsonl: cannot be held against `population.jsonl`, which is not in the bundle",
        ]
    );
}

#[test]
fn what_was_changed_is_not_held_against_anything() {
    let bundle = Bundle::unsigned(Form::Directory);
    bundle.change(|files| *file(files, "population.jsonl") = b"{}\n".to_vec());
    let verification = bundle.verify();
    assert_eq!(crate::bundle::told(&verification), ["changed population.jsonl"]);
    let is_held = |state: &State| !matches!(state, State::Skipped | State::Absent);
    assert!(!verification.content.iter().any(|outcome| is_held(&outcome.state)), "{:?}", verification.content);
}

#[test]
fn an_exemption_that_has_expired_is_counted_as_lapsed() {
    let mut rows = evaluations();
    rows[1]["exempt"]["expired"] = true.into();
    let of_root = |name: &str, says: u64, are: u64| -> Vec<String> {
        ["all evaluations", "check root-access", &format!("account {ONE}")]
            .iter()
            .map(|of| format!("report.json: says {says} for `{name}` of {of}, and the lines come to {are}"))
            .collect()
    };
    let told = of_rows("evaluations.jsonl", rows.clone(), |_| {});
    for said in [of_root("exempt", 1, 0), of_root("lapsed", 0, 1)].concat() {
        assert!(told.contains(&said), "`{said}` is missing: {told:?}");
    }
    let mut right = report();
    for path in ["/evaluations", "/checks/root-access", &format!("/accounts/{ONE}")] {
        let counts = right["totals"].pointer_mut(path).unwrap();
        (counts["exempt"], counts["lapsed"]) = (0.into(), 1.into());
    }
    let resources = right["totals"].pointer_mut("/checkResources/root-access").unwrap();
    (resources["exempt"], resources["violating"]) = (0.into(), 1.into());
    let told = told_of(&rows, &right);
    assert!(!told.iter().any(|said| said.starts_with("report.json")), "{told:?}");
}

fn told_of(rows: &[Value], report: &Value) -> Vec<String> {
    told(|files| {
        *file(files, "evaluations.jsonl") = text(rows);
        *file(files, "report.json") = report.to_string().into_bytes();
    })
}
