//! An account with AWS Config turned on, and `deployer` in it.

use std::io::Write as _;
use std::process::Command;
use std::sync::OnceLock;

pub(crate) use guard_tests::process::ran;
use guard_tests::sandbox::{CallRecord, Options, RecorderState, Sandbox, StackView, World};
use serde_json::Value;

use crate::elf::Elf;
use crate::runner::{Ran, command};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];
/// The real function's executable.
pub(crate) const BOOTSTRAP: &str = env!("CARGO_BIN_EXE_bootstrap-under-test");

/// A small executable that is marked as the function's, for installations whose function is never run.
fn small() -> &'static str {
    static FILE: OnceLock<tempfile::TempPath> = OnceLock::new();
    let file = FILE.get_or_init(|| {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&Elf::good().bytes()).unwrap();
        file.into_temp_path()
    });
    file.to_str().unwrap()
}

/// A sandbox with one account.
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(&REGIONS).await
    }

    pub(crate) async fn with(regions: &[&str]) -> Self {
        Self::start(regions, Options::default()).await
    }

    /// Without a record of its calls: what repeats the same calls a hundred times is judged elsewhere.
    pub(crate) async fn unrecorded(regions: &[&str]) -> Self {
        Self::start(regions, Options { record: Some("/dev/null".into()), ..Options::default() }).await
    }

    async fn start(regions: &[&str], options: Options) -> Self {
        let sandbox = Sandbox::start(options).await.unwrap();
        let world = sandbox.world();
        world.add_account(ACCOUNT).unwrap();
        for region in regions {
            world.enable_region(ACCOUNT, region).unwrap();
            world.set_recorder(ACCOUNT, region, &RecorderState::ALL).unwrap();
        }
        Self { sandbox }
    }

    pub(crate) fn world(&self) -> &World {
        self.sandbox.world()
    }

    /// The command with the account's credentials.
    pub(crate) fn deployer(&self, arguments: &[&str]) -> Command {
        let mut command = command(arguments);
        command.envs(self.sandbox.environment(ACCOUNT, REGIONS[0]).unwrap());
        command
    }

    /// `deployer install` with a small executable, unless another is named.
    pub(crate) fn installer(&self, arguments: &[&str]) -> Command {
        let code = if arguments.contains(&"--code") { &[][..] } else { &["--code", small()] };
        self.deployer(&[&["install"], code, arguments].concat())
    }

    /// Runs `deployer install --yes` with these flags.
    pub(crate) async fn install(&self, arguments: &[&str]) -> Ran {
        ran(self.installer(&[&["--yes"], arguments].concat())).await
    }

    pub(crate) fn stack(&self, region: &str, name: &str) -> Option<StackView> {
        self.world().stack(ACCOUNT, region, name).unwrap()
    }

    /// The calls that changed something, since the log was last cleared.
    pub(crate) fn writes(&self) -> Vec<CallRecord> {
        self.world().calls().all().into_iter().filter(CallRecord::is_write).collect()
    }

    /// Everything that an installation makes, so that two ends can be compared.
    pub(crate) fn end_state(&self) -> Vec<String> {
        let mut all = Vec::new();
        for place in self.world().places() {
            for stack in self.world().stacks(&place.account, &place.region).unwrap() {
                if stack.status == "DELETE_COMPLETE" {
                    continue;
                }
                // An update and a creation leave the same things behind.
                let status = stack.status.replace("UPDATE", "CREATE");
                let tags: Vec<String> = stack.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
                let parameters: Vec<String> =
                    stack.parameters.iter().map(|(key, value)| format!("{key}={value}")).collect();
                let resources: Vec<String> = stack
                    .resources
                    .iter()
                    .map(|(logical, resource)| {
                        format!("{logical} {} {}", resource.kind, !resource.physical_id.is_empty())
                    })
                    .collect();
                all.push(format!("{} {} {status} {tags:?} {parameters:?} {resources:?}", place.region, stack.name));
            }
        }
        all.sort();
        all
    }
}

/// The objects of a JSON run, one for each line.
pub(crate) fn events(ran: &Ran) -> Vec<Value> {
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A run without what changes from build to build and from run to run; Regions end in any order.
pub(crate) fn shown(ran: &Ran) -> String {
    let (notes, others): (Vec<&str>, Vec<&str>) = ran.stderr.lines().partition(|line| line.starts_with("note: "));
    let mut notes = notes;
    notes.sort_unstable();
    let stderr = others.into_iter().chain(notes).fold(String::new(), |text, line| text + line + "\n");
    scrubbed(&Ran { code: ran.code, stdout: ran.stdout.clone(), stderr }.shown())
}

/// Digests and sizes change with every build of the function, and ids with every run.
pub(crate) fn scrubbed(text: &str) -> String {
    let rules = [
        (r"[0-9a-f]{16}\.\.\.", "0123456789abcdef..."),
        (r"[0-9a-f]{64}", "DIGEST"),
        (r"\d+(\.\d)? [kM]B", "0.0 MB"),
        (r"request\s+[0-9a-f-]{36}", "request ID"),
        (r"RequestToken:\s+[0-9a-f-]{36}", "RequestToken: ID"),
        (r"bootstrap-(arm64|x86_64)", "bootstrap-ARCH"),
        (r"(?m)^warning: .*debug build[^\n]*\n(  [^\n]*\n)*", ""),
        (r"/[0-9a-f]{8}-[0-9a-f-]{27}", "/ID"),
    ];
    rules.iter().fold(text.to_owned(), |text, (pattern, by)| {
        regex::Regex::new(pattern).unwrap().replace_all(&text, *by).into_owned()
    })
}
