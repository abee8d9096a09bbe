//! The sandbox: an AWS in one process, spoken over the real wire protocols on 127.0.0.1.
//!
//! It is test equipment. A [`Sandbox`] serves HTTP; its [`World`] holds accounts, Regions and what is in them, and is
//! the Rust API of tests. Every request has to be signed, passes AWS's own service model (`sandbox/model`), and is
//! refused with AWS's error code if AWS would refuse it. What the sandbox does not have it says it does not have.
//!
//! ```no_run
//! # async fn example() -> Result<(), guard_tests::sandbox::SandboxError> {
//! use guard_tests::sandbox::{Notebook, Options, Sandbox};
//!
//! let sandbox = Sandbox::start(Options::default()).await?;
//! let world = sandbox.world();
//! world.add_account("111122223333")?;
//! world.enable_region("111122223333", "eu-west-1")?;
//! world.put_notebook("111122223333", "eu-west-1", Notebook::new("analytics"))?;
//! let variables = sandbox.environment("111122223333", "eu-west-1")?; // for any AWS client
//! # let _ = variables;
//! # Ok(())
//! # }
//! ```
//!
//! The layers, each using only those after it: `wire` (HTTP, signatures, the six protocols), `service` (the
//! registry, the one place where a service is added), `cloudformation` (stacks, which make things in the services after
//! it), the other services (`sagemaker`, `config`, `ec2`, `s3`, `iam`, `kms`, `logs`, `monitoring`, `organizations`, `quotas`, `sts`), `lambda`
//! (the service, and processes behind the Lambda Runtime API), `state`.

use std::io;
use std::net::Ipv4Addr;

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

mod calls;
mod clock;
mod cloudformation;
mod config;
mod control;
mod credentials;
mod ec2;
mod faults;
mod iam;
mod kms;
mod lag;
mod lambda;
mod logs;
mod model;
mod monitoring;
mod organizations;
mod page;
mod quotas;
pub(crate) mod random;
mod refusal;
mod s3;
mod sagemaker;
mod service;
mod state;
mod sts;
mod wire;
mod world;

pub use calls::{CallRecord, Calls, Held, HeldCall, Hold, Operation};
pub use clock::{Clock, Instant};
pub use cloudformation::{
    LightStackSets, StackInstanceView, StackResource, StackSetOperationView, StackSetView, StackSpec, StackView,
};
pub use config::{ConfigurationItem, Oversized, RecordedTypes, RecorderState, RuleSpec, StoredEvaluation, Triggers};
pub use credentials::Credential;
pub use ec2::SecurityGroup;
pub use faults::{Effect, Fault, Faults, When};
pub use iam::{Denier, RoleSpec};
pub use kms::{KeyState, SigningKey};
pub use lag::{Lag, Lagging};
pub use lambda::{Attempt, FunctionSpec, Invocation, InvokeOptions, Outcome};
pub use organizations::{AccountState, StackSetsAccess};
pub use refusal::Refusal;
pub use sagemaker::{Describe, Domain, Notebook};
pub use state::Place;
pub use world::{Options, OrganizationSpec, Quota, ResourceAction, World};

/// Why a sandbox could not do what it was asked through its Rust API.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The port cannot be listened on.
    #[error("cannot listen on 127.0.0.1 port {port}")]
    Listen {
        /// The port that was asked for.
        port: u16,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The record cannot be written.
    #[error("cannot open the record of calls")]
    Record(#[source] io::Error),
    /// The account does not exist, or is not twelve digits.
    #[error("no account `{0}`")]
    BadAccount(String),
    /// The account does not exist, or has not enabled the Region.
    #[error("account `{account}` has no Region `{region}`")]
    UnknownPlace {
        /// The account.
        account: String,
        /// The Region.
        region: String,
    },
    /// There is no such notebook.
    #[error("no notebook `{0}`")]
    UnknownNotebook(String),
    /// There is no such function.
    #[error("no function `{0}`")]
    UnknownFunction(String),
    /// There is no such rule, or it has no function.
    #[error("no custom rule `{0}`")]
    UnknownRule(String),
    /// The world has no organization.
    #[error("there is no organization")]
    NoOrganization,
    /// The organization has no such root or unit.
    #[error("no root or organizational unit `{0}`")]
    UnknownParent(String),
    /// AWS would refuse it.
    #[error("refused: {}: {}", .0.code, .0.message)]
    Refused(Refusal),
}

impl SandboxError {
    fn unknown(place: &Place) -> Self {
        Self::UnknownPlace { account: place.account.clone(), region: place.region.clone() }
    }
}

/// A running sandbox. Dropping it closes the port and kills every function.
#[derive(Debug)]
pub struct Sandbox {
    world: World,
    tasks: JoinSet<()>,
}

impl Sandbox {
    /// Starts a sandbox without any account.
    ///
    /// # Errors
    /// [`SandboxError::Listen`], [`SandboxError::Record`].
    pub async fn start(options: Options) -> Result<Self, SandboxError> {
        let (world, queue) = world::create(&options)?;
        let failed = |source| SandboxError::Listen { port: options.port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        world.open_at(format!("http://{address}"));
        let mut tasks = JoinSet::new();
        tasks.spawn(wire::serve(listener, world.clone()));
        tasks.spawn(lambda::run(world.clone(), queue));
        Ok(Self { world, tasks })
    }

    /// Where AWS clients find it: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        self.world.endpoint()
    }

    /// What is in it.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The environment variables that make an AWS client use an account of this sandbox.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn environment(&self, account: &str, region: &str) -> Result<Vec<(String, String)>, SandboxError> {
        self.world.environment(account, region)
    }

    /// The configuration of an SDK as the administrator of an account, to be loaded, also with other settings of retries.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn sdk(&self, account: &str, region: &str) -> Result<aws_config::ConfigLoader, SandboxError> {
        let key = self.world.administrator(account, region)?;
        let keys = Credentials::new(key.access_key_id, key.secret_access_key, key.session_token, None, "the sandbox");
        let loader = aws_config::defaults(BehaviorVersion::latest()).endpoint_url(self.endpoint());
        Ok(loader.region(Region::new(region.to_owned())).credentials_provider(keys))
    }

    /// Closes the port, kills every function, and waits until that is done.
    pub async fn stop(mut self) {
        self.world.stop();
        self.tasks.shutdown().await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.tasks.abort_all();
        self.world.stop();
    }
}
