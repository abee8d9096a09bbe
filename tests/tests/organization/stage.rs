//! An organization of six accounts and two Regions, and `deployer` in one of them.

use std::io::Write as _;
use std::process::Command;
use std::sync::OnceLock;

pub(crate) use guard_tests::example::{
    ACTIVE, DELEGATE, HOME, MANAGEMENT, OLD, OTHER, PAYMENTS, REGIONS, SEARCH, SET, TEST,
};
use guard_tests::example::{Example, found};
pub(crate) use guard_tests::process::ran;
use guard_tests::sandbox::{CallRecord, Options, Sandbox, StackSetView, World};
use serde_json::Value;

use crate::elf::Elf;
use crate::runner::{Ran, command};

/// A small executable that is marked as the function's, for installations whose function is never run.
pub(crate) fn small() -> &'static str {
    static FILE: OnceLock<tempfile::TempPath> = OnceLock::new();
    let file = FILE.get_or_init(|| {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&Elf::good().bytes()).unwrap();
        file.into_temp_path()
    });
    file.to_str().unwrap()
}

/// `Prod` with `Payments` in it, `Test`, and an account that is suspended.
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) root: String,
    pub(crate) prod: String,
    pub(crate) test: String,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::start(&REGIONS, Options::default()).await
    }

    /// Without a record of its calls, and in one Region: what repeats the same calls a hundred times is judged elsewhere.
    pub(crate) async fn unrecorded(regions: &[&str]) -> Self {
        Self::start(regions, Options { record: Some("/dev/null".into()), ..Options::default() }).await
    }

    async fn start(regions: &[&str], options: Options) -> Self {
        let sandbox = Sandbox::start(options).await.unwrap();
        let world = sandbox.world();
        let Example { root, prod, test } = found(world, regions, &[]).unwrap();
        Self { sandbox, root, prod, test }
    }

    pub(crate) fn world(&self) -> &World {
        self.sandbox.world()
    }

    /// The command with the credentials of an account.
    pub(crate) fn deployer(&self, account: &str, arguments: &[&str]) -> Command {
        let mut command = command(arguments);
        command.envs(self.sandbox.environment(account, HOME).unwrap());
        command
    }

    /// `deployer install --org` in all Regions with a small executable.
    pub(crate) fn installer(&self, account: &str, arguments: &[&str]) -> Command {
        self.deployer(account, &[&["install", "--org", "--region=all", "--code", small()], arguments].concat())
    }

    /// Runs it in the management account, without a question.
    pub(crate) async fn install(&self, arguments: &[&str]) -> Ran {
        self.install_as(MANAGEMENT, arguments).await
    }

    pub(crate) async fn install_as(&self, account: &str, arguments: &[&str]) -> Ran {
        ran(self.installer(account, &[&["--yes"], arguments].concat())).await
    }

    /// The same, without flags of its own: a plan has them.
    pub(crate) async fn install_plan(&self, path: &str) -> Ran {
        ran(self.deployer(MANAGEMENT, &["install", "--yes", "--code", small(), "--plan", path])).await
    }

    pub(crate) fn set(&self) -> StackSetView {
        self.world().stack_set(HOME, SET).unwrap()
    }

    /// The accounts that have a current instance in a Region.
    pub(crate) fn covered(&self, region: &str) -> Vec<String> {
        let set = self.set();
        let here = set.instances.iter().filter(|((_, at), instance)| at == region && instance.status == "CURRENT");
        here.map(|((account, _), _)| account.clone()).collect()
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
                let status = stack.status.replace("UPDATE", "CREATE");
                // Stacks of a StackSet have a random part in their names.
                let name = if stack.name.starts_with("StackSet-") { "StackSet" } else { &stack.name };
                let resources: Vec<&String> = stack.resources.keys().collect();
                let (tags, parameters) = (&stack.tags, &stack.parameters);
                all.push(format!("{place:?} {name} {status} {tags:?} {parameters:?} {resources:?}"));
            }
        }
        for set in self.world().stack_sets(HOME) {
            let instances: Vec<String> =
                set.instances.iter().map(|(place, one)| format!("{place:?} {} {}", one.status, one.unit)).collect();
            let (name, auto, parameters, tags) = (&set.name, set.auto_deployment, &set.parameters, &set.tags);
            let targets = &set.targets;
            all.push(format!("{name} {auto} {parameters:?} {tags:?} {targets:?} {instances:?}"));
        }
        all.sort();
        all
    }
}

/// The objects of a JSON run, one for each line.
pub(crate) fn events(ran: &Ran) -> Vec<Value> {
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A run without what changes from build to build and from run to run.
pub(crate) fn shown(ran: &Ran) -> String {
    let (notes, others): (Vec<&str>, Vec<&str>) = ran.stderr.lines().partition(|line| line.starts_with("note: "));
    let mut notes = notes;
    notes.sort_unstable();
    let stderr = others.into_iter().chain(notes).fold(String::new(), |text, line| text + line + "\n");
    let text = Ran { code: ran.code, stdout: ran.stdout.clone(), stderr }.shown();
    let rules = [
        (r"[0-9a-f]{16}\.\.\.", "0123456789abcdef..."),
        (r"\d+(\.\d)? [kM]B", "0.0 MB"),
        (r"\bo-[a-z0-9]{10,32}\b", "o-ORGANIZATION"),
        (r"\br-[a-z0-9]{4,32}\b", "r-ROOT"),
        (r"\bou-[a-z0-9]+-[a-z0-9]+\b", "ou-UNIT"),
        (r"\bng-[a-z]+-[0-9a-f]+\b", "ng-OPERATION"),
        (r"(?m)^warning: .*debug build[^\n]*\n(  [^\n]*\n)*", ""),
        (r"request\s+[0-9a-f-]{36}", "request ID"),
    ];
    rules
        .iter()
        .fold(text, |text, (pattern, by)| regex::Regex::new(pattern).unwrap().replace_all(&text, *by).into_owned())
}
