//! One Region: its steps in their order, then a look at the result.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::pin;

use aws_config::SdkConfig;
use futures_util::future::{Either, select};
use tokio::sync::Semaphore;

use super::{End, Event, Problem, What, deploy, upload, verify};
use crate::aws::Clients;
use crate::observe::find_stack;
use crate::plan::{Plan, RegionPlan, Step};
use crate::stacks::{continue_rollback, delete};

/// Works a Region off.
pub(super) struct Worker<'a> {
    pub(super) clients: Clients,
    pub(super) plan: &'a Plan,
    pub(super) region: &'a RegionPlan,
    pub(super) zip: &'a [u8],
    turns: &'a Semaphore,
    on: &'a dyn Fn(Event),
    /// What is being done, for the one who leaves, and whether CloudFormation is at it.
    doing: RefCell<String>,
    goes_on: Cell<bool>,
}

impl<'a> Worker<'a> {
    pub(super) fn new(
        sdk: &SdkConfig,
        plan: &'a Plan,
        region: &'a RegionPlan,
        (zip, turns): (&'a [u8], &'a Semaphore),
        on: &'a dyn Fn(Event),
    ) -> Self {
        Self {
            clients: Clients::new(sdk, &region.region),
            plan,
            region,
            zip,
            turns,
            on,
            doing: RefCell::default(),
            goes_on: Cell::new(false),
        }
    }

    /// Does all steps, unless the interrupt comes first.
    pub(super) async fn run(&self, interrupt: impl Future<Output = ()>) -> End {
        if self.region.steps.is_empty() {
            self.tell(What::Done);
            return End::Unchanged;
        }
        match select(pin!(interrupt), pin!(self.steps())).await {
            Either::Left(((), _)) => End::Detached { doing: self.doing.take(), goes_on: self.goes_on.get() },
            Either::Right((Ok(()), _)) => {
                self.tell(What::Done);
                End::Done
            }
            Either::Right((Err(problem), _)) => {
                self.tell(What::Failed(problem.to_string()));
                End::Failed(problem)
            }
        }
    }

    async fn steps(&self) -> Result<(), Problem> {
        for step in &self.region.steps {
            let name = named(step);
            self.doing.replace(name.clone());
            self.goes_on.set(false);
            self.tell(What::Began(name.clone()));
            self.step(step).await?;
            self.tell(What::Finished(name));
        }
        self.goes_on.set(false);
        "the look at the result".clone_into(&mut self.doing.borrow_mut());
        verify::verify(self).await
    }

    async fn step(&self, step: &Step) -> Result<(), Problem> {
        let on = |status: &str, resources: usize| self.progress(status, resources);
        match step {
            Step::Remove { id, .. } => match find_stack(&self.clients, id).await? {
                Some(stack) if stack.status != "DELETE_COMPLETE" => Ok(delete(&self.clients, &stack, &on).await?),
                _ => Ok(()),
            },
            Step::ContinueRollback { stack, id } => Ok(continue_rollback(&self.clients, id, stack, &on).await?),
            Step::Deploy(wanted) => deploy::deploy(&self.clients, wanted, &on).await,
            Step::Upload { bucket, key, .. } => {
                Ok(upload::upload(&self.clients, (bucket, key), &self.plan.account, self.zip, self.turns).await?)
            }
        }
    }

    fn progress(&self, status: &str, resources: usize) {
        if status.ends_with("_IN_PROGRESS") && status != "REVIEW_IN_PROGRESS" {
            self.goes_on.set(true);
        }
        self.tell(What::Progress { status: status.to_owned(), resources });
    }

    fn tell(&self, what: What) {
        (self.on)(Event { region: self.region.region.clone(), what });
    }
}

fn named(step: &Step) -> String {
    match step {
        Step::Remove { stack, .. } => format!("removal of stack {stack}"),
        Step::ContinueRollback { stack, .. } => format!("rollback of stack {stack}"),
        Step::Deploy(deploy) => format!("stack {}", deploy.stack),
        Step::Upload { .. } => "upload of the zip".to_owned(),
    }
}
