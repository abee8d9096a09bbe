//! `render role-policy` and `render operator-policy`.

use clap::{Args, ValueEnum};

use super::document::{Layout, Sink};
use super::place::Place;
use crate::cli::installation::InstallationFlags;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Printer;
use crate::permissions::{
    AGGREGATOR, DENY_SCP, EVIDENCE_OF_ORGANIZATION, MANAGED_PACK, ORGANIZATION, Permission, REPORT_OF_ORGANIZATION, Use,
};
use crate::policy::{self, Document, LARGEST_INLINE, LARGEST_MANAGED};

/// The policy of the function's role in one Region.
///
/// It is worked out from the template that install deploys.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deployer render role-policy --account 111122223333 --region eu-west-1\n  \
    deployer render role-policy --region eu-west-1 --checks all --format minified")]
pub(super) struct RoleArguments {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    installation: InstallationFlags,
    /// How JSON is laid out.
    #[arg(long, value_enum, default_value_t = Layout::Pretty, help_heading = "Where to")]
    format: Layout,
    #[command(flatten)]
    sink: Sink,
}

/// The policy of the person or pipeline that runs deployer.
///
/// It allows what deployer calls, and what CloudFormation calls with the caller's permissions, in every Region of one
/// account. Give it the flags that install will get: what is needed depends on some of them.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deployer render operator-policy --account 111122223333 --out operator.json\n  \
    deployer render operator-policy --purpose status,doctor --format minified\n  \
    deployer render operator-policy --conformance-pack --role-path /security/\n  \
    deployer render operator-policy --purpose report\n  \
    deployer render operator-policy --purpose evidence --org --assume-role Audit\n\n\
    IAM takes 6,144 characters for a managed policy, and 10,240 for all inline\n\
    policies of a role together; white space is not counted. --part N prints the\n\
    N-th managed policy where one is not enough.")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(super) struct OperatorArguments {
    #[command(flatten)]
    place: Place,
    /// Command to allow, repeated or separated by commas.
    #[arg(
        long = "purpose",
        value_enum,
        value_name = "WHAT",
        value_delimiter = ',',
        default_value = "all",
        help_heading = "What is allowed"
    )]
    purposes: Vec<Purpose>,
    /// Also allow what the commands with --org need of StackSets and AWS Organizations.
    #[arg(long, help_heading = "What is allowed")]
    org: bool,
    /// Also allow what install --org --managed-rules-pack needs of AWS Config.
    #[arg(long, help_heading = "What is allowed")]
    managed_rules_pack: bool,
    /// Also allow what install --org --deny-scp needs of AWS Organizations.
    #[arg(long, help_heading = "What is allowed")]
    deny_scp: bool,
    /// Also allow what install --org --aggregator needs of AWS Config and IAM.
    #[arg(long, help_heading = "What is allowed")]
    aggregator: bool,
    /// Also allow to assume the role of this name in every account, for report --org --assume-role NAME.
    #[arg(
        long,
        value_name = "NAME",
        value_parser = crate::cli::compliance::role,
        requires = "org",
        help_heading = "What is allowed"
    )]
    assume_role: Option<String>,
    /// Number of the managed policy to print, if it takes several.
    #[arg(long, value_name = "N", help_heading = "What is allowed")]
    part: Option<usize>,
    #[command(flatten)]
    installation: InstallationFlags,
    /// How JSON is laid out.
    #[arg(long, value_enum, default_value_t = Layout::Pretty, help_heading = "Where to")]
    format: Layout,
    #[command(flatten)]
    sink: Sink,
}

/// What somebody is to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Purpose {
    /// Install, update and repair.
    Install,
    /// Uninstall.
    Uninstall,
    /// Look at what is installed.
    Status,
    /// Look at what stands in the way.
    Doctor,
    /// Read results: report, and the role that report --assume-role names.
    Report,
    /// Export evidence, and the role that evidence export --assume-role names.
    Evidence,
    /// All of these.
    All,
}

impl Purpose {
    fn uses(self) -> &'static [Use] {
        match self {
            // Install looks first, as the doctor does.
            Self::Install => &[Use::Look, Use::Install],
            Self::Uninstall => &[Use::Uninstall],
            Self::Status => &[Use::Status],
            Self::Doctor => &[Use::Look],
            Self::Report => &[Use::Report],
            // An export reads what a report reads, and more.
            Self::Evidence => &[Use::Report, Use::Evidence],
            Self::All => &[Use::Look, Use::Install, Use::Status, Use::Uninstall, Use::Report, Use::Evidence],
        }
    }
}

pub(super) async fn role(arguments: &RoleArguments, printer: Printer) -> Result<Exit, Failure> {
    let settings = arguments.installation.settings(Vec::new())?;
    let target = &arguments.installation.target;
    let region = match target.regions.as_slice() {
        [only] if only != "all" => only,
        _ => {
            return Err(Failure::usage("each Region has a role of its own, with a policy that names the Region")
                .help("name one: --region eu-west-1"));
        }
    };
    let owner = arguments.place.owner(target).await?;
    let document = policy::role(&settings, owner.names(&settings.prefix), region)?;
    arguments.sink.put(&json(&document, arguments.format)?, printer)
}

pub(super) async fn operator(arguments: &OperatorArguments, printer: Printer) -> Result<Exit, Failure> {
    let settings = arguments.installation.settings(Vec::new())?;
    let owner = arguments.place.owner(&arguments.installation.target).await?;
    let uses: Vec<Use> = arguments.purposes.iter().flat_map(|purpose| purpose.uses()).copied().collect();
    let chosen_groups: [(bool, &[&[Permission]]); 4] = [
        (arguments.org, &[ORGANIZATION, REPORT_OF_ORGANIZATION, EVIDENCE_OF_ORGANIZATION]),
        (arguments.managed_rules_pack, &[MANAGED_PACK]),
        (arguments.deny_scp, DENY_SCP),
        (arguments.aggregator, AGGREGATOR),
    ];
    let wanted = chosen_groups.into_iter().filter(|(is_on, _)| *is_on);
    let more: Vec<Permission> = wanted.flat_map(|(_, groups)| groups.iter().copied().flatten()).copied().collect();
    let names = owner.names(&settings.prefix);
    let mut whole = policy::operator(&settings, names, &uses, &more);
    if let Some(role) = &arguments.assume_role {
        whole = whole.and_assume(names.partition, role);
    }
    let document = chosen(whole, arguments.part, printer)?;
    arguments.sink.put(&json(&document, arguments.format)?, printer)
}

/// The whole policy, or the managed policy of this number.
fn chosen(whole: Document, part: Option<usize>, printer: Printer) -> Result<Document, Failure> {
    let parts = whole.parts(LARGEST_MANAGED);
    let (size, count) = (whole.size(), parts.len());
    if let Some(number) = part {
        let found = number.checked_sub(1).and_then(|at| parts.into_iter().nth(at));
        let many = if count == 1 { "it is one policy".to_owned() } else { format!("it takes {count} policies") };
        return found.ok_or_else(|| Failure::usage(format!("--part {number}: {many}")));
    }
    let several = format!("as {count} managed policies: --part 1 to --part {count}");
    if size > LARGEST_INLINE {
        return Err(Failure::usage(format!(
            "{size} characters are more than IAM takes in a policy ({LARGEST_INLINE})"
        ))
        .help(format!("print it {several}")));
    }
    if count > 1 {
        printer.warning(&format!(
            "{size} characters fit a role's inline policies ({LARGEST_INLINE}), but not a managed policy \
             ({LARGEST_MANAGED}); print it {several}"
        ));
    }
    Ok(whole)
}

fn json(document: &Document, layout: Layout) -> Result<String, Failure> {
    document.to_json(layout == Layout::Pretty).map_err(|error| Failure::internal(&error))
}
