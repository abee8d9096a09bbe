//! Why a place has no data: what its recorder does, and how the runs of its rules ended.

use std::collections::BTreeMap;

use aws_sdk_config::types::ConfigRuleEvaluationStatus;
use futures_util::future::join;
use rule::resource::ResourceType;

use super::super::pages::begun;
use super::Clients;
use crate::aws::refused;
use crate::evidence::rows::Asked;
use crate::observe::recorder::read_recorder;
use crate::observe::{RecorderState, Recording};

/// What may be why.
pub(super) struct State {
    pub(super) asked: Vec<Asked>,
    /// What the recorder does.
    pub(super) recorder: String,
    /// What is known of a rule's last run.
    runs: BTreeMap<String, String>,
}

impl State {
    /// Why a rule has no result, as far as AWS Config tells.
    pub(super) fn run(&self, rule: &str) -> &str {
        self.runs.get(rule).map_or("AWS Config tells nothing of its runs", String::as_str)
    }
}

/// Asks for both. The rules are those without results.
pub(super) async fn read(clients: &Clients, rules: &[String]) -> State {
    let ((asked, recorder), runs) = join(recorder(clients), runs(clients, rules)).await;
    let (runs_asked, runs) = runs.unwrap_or_default();
    State { asked: std::iter::once(asked).chain(runs_asked).collect(), recorder, runs }
}

async fn recorder(clients: &Clients) -> (Asked, String) {
    let mut asked = begun("config:DescribeConfigurationRecorders");
    let words = match read_recorder(&clients.config, &clients.region).await {
        Ok(RecorderState::Missing) => "there is no configuration recorder".to_owned(),
        Ok(RecorderState::Present(recorder)) => {
            asked.items = 1;
            let notebooks = ResourceType::NOTEBOOK_INSTANCE;
            if !recorder.is_recording {
                "the configuration recorder is stopped".to_owned()
            } else if recorder.records(notebooks.as_str()) == Recording::Not {
                "the configuration recorder leaves notebooks out".to_owned()
            } else {
                "the configuration recorder runs".to_owned()
            }
        }
        Err(refusal) => {
            asked.error = Some(refusal.to_string());
            "what the configuration recorder does cannot be read".to_owned()
        }
    };
    asked.pages = u64::from(asked.error.is_none());
    (asked, words)
}

/// AWS Config takes fifty names at once, and has eight rules of ours at most in a Region that is in order.
const NAMES: usize = 50;

async fn runs(clients: &Clients, rules: &[String]) -> Option<(Vec<Asked>, BTreeMap<String, String>)> {
    if rules.is_empty() {
        return None;
    }
    let call = "config:DescribeConfigRuleEvaluationStatus";
    let mut asked = begun(call);
    let names = rules.iter().take(NAMES).cloned().collect();
    let answer = clients.config.describe_config_rule_evaluation_status().set_config_rule_names(Some(names));
    let mut told = BTreeMap::new();
    match answer.send().await {
        Ok(answer) => {
            let runs = answer.config_rules_evaluation_status();
            asked.pages = 1;
            asked.items = runs.len() as u64;
            told.extend(runs.iter().filter_map(|run| Some((run.config_rule_name()?.to_owned(), words(run)))));
        }
        Err(error) => asked.error = Some(refused(call, &clients.region, &error).to_string()),
    }
    Some((vec![asked], told))
}

fn words(run: &ConfigRuleEvaluationStatus) -> String {
    let ran = run.last_successful_evaluation_time().max(run.last_successful_invocation_time());
    let failed = run.last_failed_evaluation_time().max(run.last_failed_invocation_time());
    match (run.last_error_code(), ran, failed) {
        (code, ran, Some(failed)) if ran.is_none_or(|ran| ran < failed) => {
            format!("its last run failed{}", code.map(|code| format!(": {code}")).unwrap_or_default())
        }
        (_, None, _) => "it has not run yet".to_owned(),
        _ => "it ran; where nothing applies AWS Config lets the results go".to_owned(),
    }
}
