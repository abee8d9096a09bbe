//! The results of one rule.

use super::super::pages::{Pages, pages};
use super::super::result::{Of, Told, once, row};
use super::rules::by_id;
use super::{Clients, Wanted};
use crate::aws::refused;
use crate::evidence::rows::{EvaluationRow, RuleRow};

/// The most results on a page
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_GetComplianceDetailsByConfigRule.html>).
const PAGE: i32 = 100;

/// Reads all results, whatever they are. Pages may overlap while the rule runs: each resource counts once.
pub(super) async fn read(clients: &Clients, rule: &RuleRow, wanted: &Wanted) -> Pages<EvaluationRow> {
    let call = "config:GetComplianceDetailsByConfigRule";
    let Clients { account, region, config, .. } = clients;
    let list = pages(call, region, |token| async {
        let details = config.get_compliance_details_by_config_rule().config_rule_name(&rule.rule).limit(PAGE);
        let page = details.set_next_token(token).send().await.map_err(|error| refused(call, region, &error))?;
        Ok((page.evaluation_results.unwrap_or_default(), page.next_token))
    });
    let list = list.await;
    let rows = list.items.iter().filter_map(|result| {
        let told = Told {
            identifier: result.evaluation_result_identifier(),
            compliance: result.compliance_type(),
            annotation: result.annotation(),
            invoked: result.config_rule_invoked_time(),
            recorded: result.result_recorded_time(),
        };
        row(Of { account, region, rule: &rule.rule, check: by_id(&rule.check)? }, &told, wanted)
    });
    Pages { items: once(rows), asked: list.asked, refusal: list.refusal }
}
