//! What the documentation says about checks and exit codes is what the code says. `UPDATE_DOCS=1` renews the generated
//! parts.
#![expect(clippy::unwrap_used, clippy::panic, clippy::string_slice, reason = "helpers of tests may panic")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use deployer::controls::mapping;
use guard_tests::process::words;
use rule::check::{ALL, Check, Needs};

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The generated part of a file begins with `<!-- generated: NAME …-->` and ends with `<!-- /generated -->`.
fn agree(file: &str, name: &str, expected: &str) {
    let text = read(file);
    let start = text.find(&format!("<!-- generated: {name}")).unwrap_or_else(|| panic!("{file} has no part {name}"));
    let start = start + text[start..].find("-->").unwrap() + "-->".len();
    let end = start + text[start..].find("<!-- /generated -->").unwrap_or_else(|| panic!("{file}: {name} has no end"));
    let renewed = format!("{}\n\n{expected}\n{}", &text[..start], &text[end..]);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path(file), &renewed).unwrap();
    } else {
        assert_eq!(text, renewed, "{file} has drifted: run UPDATE_DOCS=1 cargo nextest run -p guard-tests docs");
    }
}

fn metadata(check: &Check) -> String {
    let mut text = String::from("| | |\n|---|---|\n");
    let mut row = |name: &str, value: &str| writeln!(text, "| {name} | {value} |").unwrap();
    row("Demands", check.title);
    row("Severity", check.severity.as_str());
    row("Resource type", &format!("`{}`", check.resource_type()));
    row("Config rule", &format!("`{}`", check.rule_name()));
    row("Security Hub control", &control(check));
    row("AWS managed rule", &check.managed_rule.map_or_else(|| "none".to_owned(), |rule| format!("`{rule}`")));
    for parameter in check.parameters {
        row(&format!("Parameter `{}`", parameter.name), parameter.meaning);
    }
    row(
        "Reads",
        match check.needs {
            Needs::ConfigurationItem => "the configuration item, or Describe",
            Needs::Describe => "Describe",
            Needs::SecurityGroups => "the configuration item, or Describe; and EC2 security groups",
        },
    );
    if !check.requirements.is_empty() {
        row("Related requirements", &check.requirements.join(", "));
    }
    row("Remediation", check.remediation);
    text
}

/// The control with what it is part of.
fn control(check: &Check) -> String {
    let Some(control) = mapping().of(check) else { return "none of the same meaning".to_owned() };
    let standard = &mapping().standard;
    let part = format!(", part of {} {}", standard.name, standard.version);
    format!("{}{}", control.id, if control.ai_security_best_practices { &part } else { "" })
}

#[test]
fn the_page_of_controls_is_the_mapping() {
    let mapping = mapping();
    let mut table = format!("From [{}]({}), read in {}.\n\n", mapping.source, mapping.url, mapping.read);
    table.push_str("| check | control | severity | requirements |\n|---|---|---|---|\n");
    for check in ALL {
        let page = check.docs_page();
        let page = page.strip_prefix("docs/").unwrap();
        let Some(control) = mapping.of(check) else {
            writeln!(table, "| [`{}`]({page}) | none of the same meaning | | |", check.id).unwrap();
            continue;
        };
        let mut related: Vec<String> = mapping
            .requirements(control)
            .iter()
            .map(|(framework, numbers)| format!("**{}** {}", framework.title(), numbers.join(", ")))
            .collect();
        if control.ai_security_best_practices {
            related.push(format!("**{} {}** {}", mapping.standard.name, mapping.standard.version, control.id));
        }
        let (id, title, severity) = (&control.id, &control.title, control.severity.to_lowercase());
        let related = related.join("<br>");
        writeln!(table, "| [`{}`]({page}) | {id}: {title} | {severity} | {related} |", check.id).unwrap();
    }
    agree("docs/controls.md", "controls", &table);
}

#[test]
fn every_check_has_a_page_with_its_metadata() {
    for check in ALL {
        agree(&check.docs_page(), "metadata", &metadata(check));
        let page = read(&check.docs_page());
        assert!(page.starts_with(&format!("# {}\n", check.id)), "{}", check.docs_page());
        for heading in ["What", "Why it matters", "How it is judged", "What is not judged", "Remediation", "Sources"] {
            assert!(page.contains(&format!("\n## {heading}\n")), "{} has no section {heading}", check.docs_page());
        }
    }
}

#[test]
fn no_page_speaks_of_a_check_that_does_not_exist() {
    for file in std::fs::read_dir(path("docs/checks")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let id = name.strip_suffix(".md").unwrap();
        assert!(Check::find(id).is_some(), "docs/checks/{name} is about no check");
    }
}

#[test]
fn the_table_of_checks_in_the_readme_is_the_registry() {
    let mut table = String::from("| check | severity | control | demands |\n|---|---|---|---|\n");
    for check in ALL {
        let control = check.security_hub_control.unwrap_or("–");
        let (id, page, severity) = (check.id, check.docs_page(), check.severity.as_str());
        writeln!(table, "| [`{id}`]({page}) | {severity} | {control} | {} |", check.title).unwrap();
    }
    agree("README.md", "checks", &table);
}

#[test]
fn every_exit_code_is_documented() {
    use deployer::exit::Exit::{AwsFailed, Detached, Done, Internal, Partial, Refused, Usage};
    let page = read("docs/exit-codes.md");
    for exit in [Done, Internal, Usage, Partial, Refused, AwsFailed, Detached] {
        assert!(page.contains(&format!("| {} |", exit.code())), "{exit:?} is not in docs/exit-codes.md");
    }
}

/// What the help of each command says of its exit codes, as a table.
#[test]
fn exit_codes_of_commands_are_those_of_their_help() {
    let mut table = String::from("| command | code | meaning |\n|---|---|---|\n");
    for command in deployer::command().get_subcommands().filter(|command| command.get_name() != "help") {
        let rows = exit_codes(command, command.get_name());
        assert!(!rows.is_empty(), "the help of {} names no exit codes", command.get_name());
        table.push_str(&rows);
    }
    agree("docs/exit-codes.md", "exit-codes", &table);
}

/// The rows of a command, or of the commands in it.
fn exit_codes(command: &clap::Command, name: &str) -> String {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let Some((_, told)) = help.split_once("Exit codes: ") else {
        let inner = command.get_subcommands();
        return inner.map(|inner| exit_codes(inner, &format!("{name} {}", inner.get_name()))).collect();
    };
    let told = words(told.split("\n\n").next().unwrap());
    let told = told.split(". ").next().unwrap().trim_end_matches('.');
    let begins: Vec<_> = regex::Regex::new(r"(?:^|[;,] )(\d+) ").unwrap().captures_iter(told).collect();
    let mut rows = String::new();
    for (at, begin) in begins.iter().enumerate() {
        let end = begins.get(at + 1).map_or(told.len(), |next| next.get(0).unwrap().start());
        let meaning = &told[begin.get(0).unwrap().end()..end];
        writeln!(rows, "| `{name}` | {} | {meaning} |", &begin[1]).unwrap();
    }
    rows
}

#[test]
fn every_topic_of_the_doctor_has_its_heading_and_no_other_has() {
    let page = read("docs/doctor.md");
    let headings: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let topics = deployer::doctor::TOPICS.into_iter().chain(deployer::doctor::ORGANIZATION_TOPICS);
    assert_eq!(headings, topics.collect::<Vec<_>>());
}

#[test]
fn the_requirements_of_a_check_are_those_of_its_security_hub_control() {
    let catalogue: serde_json::Value =
        serde_json::from_str(&read("tests/cases/security-hub/sagemaker-controls.json")).unwrap();
    for check in ALL {
        let Some(control) = check.security_hub_control else { continue };
        let entry = catalogue["controls"].as_array().unwrap().iter().find(|entry| entry["id"] == control).unwrap();
        let related: Vec<&str> =
            entry["related_requirements"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
        assert_eq!(check.requirements, related, "{}", check.id);
        assert_eq!(check.severity.as_str(), entry["severity"].as_str().unwrap().to_lowercase(), "{}", check.id);
        assert_eq!(check.resource_type().as_str(), entry["resource_type"].as_str().unwrap(), "{}", check.id);
    }
}

#[test]
fn every_managed_rule_that_is_named_exists_and_takes_our_parameters() {
    let catalogue: serde_json::Value =
        serde_json::from_str(&read("tests/cases/aws-config/sagemaker-managed-rules.json")).unwrap();
    for check in ALL {
        let Some(managed) = check.managed_rule else { continue };
        let entry = catalogue["rules"].as_array().unwrap().iter().find(|entry| entry["name"] == managed);
        let entry = entry.unwrap_or_else(|| panic!("{managed} is no managed rule"));
        let parameters: Vec<&String> =
            entry["parameters"].as_object().map(|all| all.keys().collect()).unwrap_or_default();
        for parameter in check.parameters {
            assert!(
                parameters.iter().any(|name| *name == parameter.name),
                "{managed} has no {}: {parameters:?}",
                parameter.name
            );
        }
    }
}

/// The Regions of a rule, as one catalogue has them by code and the other by name.
#[test]
fn the_pack_has_the_rules_and_regions_of_awss_pages() {
    let pages: serde_json::Value =
        serde_json::from_str(&read("tests/cases/aws-config/sagemaker-managed-rules.json")).unwrap();
    let catalogue = deployer::managed_pack::catalogue();
    let listed = |rule: &serde_json::Value| rule["not_available_in"].is_array();
    assert_eq!(pages["rules"].as_array().unwrap().iter().filter(|rule| listed(rule)).count(), catalogue.rules.len());
    for rule in &catalogue.rules {
        let page = pages["rules"].as_array().unwrap().iter().find(|page| page["name"] == rule.name.as_str()).unwrap();
        assert_eq!(page["identifier"], rule.identifier.as_str());
        let by_clock = rule.trigger == deployer::managed_pack::Trigger::Schedule;
        assert_eq!(page["trigger"] == "Periodic", by_clock, "{}", rule.name);
        let excepted: BTreeSet<&str> =
            page["not_available_in"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        let named: BTreeSet<&str> = rule.not_in.iter().map(|code| catalogue.regions[code].as_str()).collect();
        // A page may be too old to know a Region; the data then says no.
        assert!(excepted.is_subset(&named), "{}: {excepted:?} {named:?}", rule.name);
        assert!(named.difference(&excepted).all(|name| *name == "Asia Pacific (New Zealand)"), "{}", rule.name);
    }
    let page = read("docs/managed-rules-pack.md");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    let row = |rule: &deployer::managed_pack::ManagedRule| {
        let trigger = match rule.trigger {
            deployer::managed_pack::Trigger::Change => "change",
            deployer::managed_pack::Trigger::Schedule => "schedule",
        };
        format!("| `{}` | {trigger} | `{}` |", rule.name, rule.check)
    };
    assert_eq!(rows, catalogue.rules.iter().map(row).collect::<Vec<_>>());
}
