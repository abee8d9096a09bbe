//! `deployer checks`: the registry, for people and for machines.

use clap::{Args, ValueEnum};
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};
use rule::check::{ALL, Check, Needs};
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{FAINT, Printer, STRONG};

/// Show what is checked.
///
/// Prints the table of all checks, or everything about the named ones.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deployer checks\n  \
    deployer checks open-ingress\n  \
    deployer checks --format json | jq -r '.[].configRule'\n\n\
    Exit codes: 0 done, 2 there is no such check.")]
pub(super) struct Arguments {
    /// Checks to show in full.
    #[arg(value_name = "CHECK", value_parser = super::rule_flags::check)]
    checks: Vec<&'static Check>,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For machines: an array with everything about each check.
    Json,
}

pub(super) fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let chosen = if arguments.checks.is_empty() { ALL.to_vec() } else { arguments.checks.clone() };
    let text = match arguments.format {
        Format::Json => {
            let all: Vec<Value> = chosen.iter().map(|check| to_json(check)).collect();
            format!("{:#}\n", Value::Array(all))
        }
        Format::Text if arguments.checks.is_empty() => table(printer.width()),
        Format::Text => chosen.iter().map(|check| page(check, printer.width())).collect::<Vec<_>>().join("\n"),
    };
    printer.product(&text).map_err(|error| Failure::internal(&error))?;
    Ok(Exit::Done)
}

fn table(width: usize) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(width).unwrap_or(80));
    table.set_header(["CHECK", "SEVERITY", "CONTROL", "WHAT IT DEMANDS"]);
    for check in ALL {
        table.add_row([check.id, check.severity.as_str(), check.security_hub_control.unwrap_or("-"), check.title]);
    }
    for (column, least) in [24, 10, 14].into_iter().enumerate() {
        if let Some(column) = table.column_mut(column) {
            column.set_padding((0, 2)).set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
        }
    }
    let body: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    format!("{}\n\n{FAINT}Everything about one: deployer checks CHECK{FAINT:#}\n", body.join("\n"))
}

fn page(check: &Check, width: usize) -> String {
    let mut text = format!("{STRONG}{}{STRONG:#}\n", check.id);
    let mut row = |name: &str, value: &str| {
        let options = textwrap::Options::new(width).subsequent_indent("                ").break_words(false);
        text.push_str(&textwrap::fill(&format!("  {name:<14}{value}"), options));
        text.push('\n');
    };
    row("demands", check.title);
    row("severity", check.severity.as_str());
    row("resource type", check.resource_type().as_str());
    row("Config rule", &check.rule_name());
    row("Security Hub", check.security_hub_control.unwrap_or("no control of the same meaning"));
    row("managed rule", check.managed_rule.unwrap_or("none"));
    row("reads", needs(check.needs));
    for parameter in check.parameters {
        row("parameter", &format!("{}: {}", parameter.name, parameter.meaning));
    }
    if !check.requirements.is_empty() {
        row("required by", &check.requirements.join(", "));
    }
    row("remediation", check.remediation);
    row("more", &check.docs_page());
    text
}

fn needs(needs: Needs) -> &'static str {
    match needs {
        Needs::ConfigurationItem => "the configuration item, or SageMaker's Describe call",
        Needs::Describe => "SageMaker's Describe call; configuration items lack the setting",
        Needs::SecurityGroups => "the same, and the attached security groups from EC2",
    }
}

fn to_json(check: &Check) -> Value {
    let parameters: Vec<Value> = check
        .parameters
        .iter()
        .map(|parameter| json!({"name": parameter.name, "meaning": parameter.meaning}))
        .collect();
    json!({
        "id": check.id,
        "title": check.title,
        "severity": check.severity.as_str(),
        "resourceType": check.resource_type().as_str(),
        "configRule": check.rule_name(),
        "securityHubControl": check.security_hub_control,
        "managedRule": check.managed_rule,
        "requirements": check.requirements,
        "parameters": parameters,
        "remediation": check.remediation,
        "docs": check.docs_page(),
    })
}
