//! One Region: its stacks and its bucket in the reverse order of their making, then a look at what is left.

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::time::sleep;

use super::look::{BucketFound, Found, StackFound, resources};
use super::{End, Leftover, Problem, Region, Request, bucket, proof};
use crate::apply::{Event, What};
use crate::names::Names;
use crate::observe::{Read, StackState};
use crate::stacks::{StackFailure, delete, settled};

/// AWS may show for a moment what is gone.
const PAUSES: [Duration; 6] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(10),
    Duration::from_secs(15),
];
/// How often a deletion is tried: some services let go of a resource a little late.
const ATTEMPTS: usize = 2;

/// Clears a Region.
pub(super) struct Worker<'a> {
    region: &'a Region,
    found: &'a Found,
    names: Names<'a>,
    request: &'a Request,
    on: &'a dyn Fn(Event),
    /// What is being done, for the one who leaves.
    doing: RefCell<String>,
}

impl<'a> Worker<'a> {
    pub(super) fn new(
        region: &'a Region,
        found: &'a Found,
        names: Names<'a>,
        request: &'a Request,
        on: &'a dyn Fn(Event),
    ) -> Self {
        Self { region, found, names, request, on, doing: RefCell::default() }
    }

    /// Does all of it, unless the interrupt comes first.
    pub(super) async fn run(&self, interrupt: impl Future<Output = ()>) -> End {
        match select(pin!(interrupt), pin!(self.steps())).await {
            Either::Left(((), _)) => End::Detached(self.doing.borrow().clone()),
            Either::Right((Ok(left), _)) => {
                self.tell(What::Done);
                if left.is_empty() { End::Gone } else { End::Left(left) }
            }
            Either::Right((Err(problem), _)) => {
                self.tell(What::Failed(problem.to_string()));
                End::Failed(problem)
            }
        }
    }

    async fn steps(&self) -> Result<Vec<Leftover>, Problem> {
        let mut left = Vec::new();
        if let StackFound::Ours { state, .. } = &self.found.member {
            self.step(format!("removal of stack {}", state.name), self.delete_stack(state)).await?;
            left.extend(self.skipped(state).await?);
        }
        if !self.request.keep_artifacts {
            left.extend(self.artifacts().await?);
        }
        "the look at what is left".clone_into(&mut self.doing.borrow_mut());
        left.extend(self.prove(&left).await?);
        Ok(left)
    }

    /// Bucket and artifact stack. Objects that are not ours are a reason to keep both as they are.
    async fn artifacts(&self) -> Result<Option<Leftover>, Problem> {
        let clients = &self.region.clients;
        if let BucketFound::Ours { name, .. } = &self.found.bucket {
            // Somebody may have put something into it since it was shown.
            let contents = bucket::contents(clients, name, self.names).await?;
            if contents.foreign > 0 {
                return Ok(Some(kept(name, &self.region.name, &contents)));
            }
            self.step(format!("emptying of bucket {name}"), bucket::empty(clients, name, self.names)).await?;
        }
        if let StackFound::Ours { state, .. } = &self.found.artifacts {
            self.step(format!("removal of stack {}", state.name), self.delete_stack(state)).await?;
        }
        if let BucketFound::Ours { name, .. } = &self.found.bucket {
            self.step(format!("removal of bucket {name}"), bucket::delete(clients, name, self.names)).await?;
        }
        Ok(None)
    }

    async fn step<T, E: Into<Problem>>(
        &self,
        name: String,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Problem> {
        self.doing.replace(name.clone());
        self.tell(What::Began(name.clone()));
        let done = work.await.map_err(Into::into)?;
        self.tell(What::Finished(name));
        Ok(done)
    }

    /// Deletes a stack once nothing runs on it, and tries again if that stops half-way.
    async fn delete_stack(&self, stack: &StackState) -> Result<(), Problem> {
        let clients = &self.region.clients;
        let on = |status: &str, resources: usize| {
            self.tell(What::Progress { status: status.to_owned(), resources });
        };
        let mut attempts = 1..=ATTEMPTS;
        loop {
            let attempt = attempts.next();
            let Some(now) = settled(clients, &stack.id, &on).await? else { return Ok(()) };
            if now.is_protected {
                return Err(Problem::Protected { stack: now.name, region: clients.region.clone() });
            }
            // A stack in review has no tags yet and is known by its change set.
            let now = StackState { has_our_change_set: stack.has_our_change_set, ..now };
            match delete(clients, &now, &on).await {
                Ok(()) => return Ok(()),
                Err(StackFailure::Refused(refusal)) => return Err(refusal.into()),
                Err(ended @ StackFailure::Ended { .. }) if attempt >= Some(ATTEMPTS) => {
                    return Err(Problem::Stack(ended));
                }
                Err(StackFailure::Ended { .. }) => {}
            }
        }
    }

    /// What CloudFormation kept of a stack that it deleted.
    async fn skipped(&self, stack: &StackState) -> Read<Vec<Leftover>> {
        let resources = resources(&self.region.clients, stack).await?;
        let kept = resources.into_iter().filter(|(status, _)| status == "DELETE_SKIPPED" || status == "DELETE_FAILED");
        Ok(kept
            .map(|(status, resource)| Leftover {
                what: format!("{} ({})", resource.physical, resource.kind),
                why: Some(format!("CloudFormation kept it: {status}")),
                fix: "delete it by hand".to_owned(),
            })
            .collect())
    }

    /// Looks until nothing is left, or for half a minute.
    async fn prove(&self, known: &[Leftover]) -> Read<Vec<Leftover>> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let left = self.look(known).await?;
            match pauses.next() {
                _ if left.is_empty() => return Ok(left),
                Some(pause) => sleep(pause).await,
                None => return Ok(left),
            }
        }
    }

    async fn look(&self, known: &[Leftover]) -> Read<Vec<Leftover>> {
        let clients = &self.region.clients;
        let bucket = match &self.found.bucket {
            BucketFound::Ours { name, .. } => Some(name.as_str()),
            BucketFound::Missing | BucketFound::Foreign { .. } => None,
        };
        // What is kept because of others' objects is told already.
        let keeps = self.request.keep_artifacts
            || known.iter().any(|one| bucket.is_some_and(|bucket| one.what.ends_with(bucket)));
        let mut left = proof::of_stacks(clients, self.names, bucket, keeps).await?;
        if !matches!(self.found.member, StackFound::Foreign | StackFound::NotLookedFor) {
            left.extend(proof::of_member(clients, &self.region.iam, self.names).await?);
        }
        Ok(left)
    }

    fn tell(&self, what: What) {
        (self.on)(Event { region: self.region.name.clone(), what });
    }
}

/// One command takes away a key with its whole history: where versions are kept, deleting an object only hides it.
fn kept(bucket: &str, region: &str, contents: &bucket::Contents) -> Leftover {
    let keys = contents.foreign_keys.join(", ");
    let more = if contents.foreign > contents.foreign_keys.len() { ", ..." } else { "" };
    Leftover {
        what: format!("the bucket {bucket}"),
        why: Some(format!("it holds objects that are not ours, so nothing in it was touched: {keys}{more}")),
        fix: format!(
            "copy what you need, remove each of them with all its versions and delete markers, and run the same \
             command again, or let it be with --keep-artifacts. For the object KEY: aws s3api delete-objects \
             --region {region} --bucket {bucket} --delete \"$(aws s3api list-object-versions --region {region} \
             --bucket {bucket} --prefix 'KEY' --output json --query \"{{Objects: [Versions,DeleteMarkers][] | \
             [?Key=='KEY'].{{Key:Key,VersionId:VersionId}}}}\")\""
        ),
    }
}
