//! Asynchronous invocation: a queue, and two retries of the same event.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tokio::task::JoinSet;

use super::entrypoint;
use super::environment::Environment;
use super::runtime_api::Job;
use super::{Attempt, Delivery, Function, Invocation, InvokeOptions, Outcome};
use crate::sandbox::state::Place;
use crate::sandbox::world::World;

/// How often Lambda repeats a failed asynchronous invocation.
const RETRIES: usize = 2;

/// The queue of invocations that services have sent.
#[derive(Debug)]
pub(crate) struct Courier {
    sender: mpsc::UnboundedSender<Delivery>,
    pending: watch::Sender<usize>,
    done: Mutex<Vec<Invocation>>,
}

impl Courier {
    /// A courier, and the queue that [`run`] works off.
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<Delivery>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self { sender, pending: watch::Sender::new(0), done: Mutex::default() }, receiver)
    }

    pub(crate) fn send(&self, deliveries: Vec<Delivery>) {
        for delivery in deliveries {
            self.pending.send_modify(|pending| *pending += 1);
            if self.sender.send(delivery).is_err() {
                self.pending.send_modify(|pending| *pending -= 1);
            }
        }
    }

    fn finish(&self, invocation: Option<Invocation>) {
        self.done.lock().unwrap_or_else(PoisonError::into_inner).extend(invocation);
        self.pending.send_modify(|pending| *pending -= 1);
    }

    /// Waits until nothing is queued or running, and takes the invocations that ended since the last time.
    pub(crate) async fn settle(&self) -> Vec<Invocation> {
        let mut pending = self.pending.subscribe();
        let _ = pending.wait_for(|pending| *pending == 0).await;
        std::mem::take(&mut *self.done.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Works off the queue until the task is dropped; what runs then is dropped with it.
pub(crate) async fn run(world: World, mut queue: mpsc::UnboundedReceiver<Delivery>) {
    let mut running = JoinSet::new();
    while let Some(delivery) = queue.recv().await {
        while running.try_join_next().is_some() {}
        let Some(function) = world.function(&delivery.place, &delivery.function) else {
            world.courier().finish(None);
            continue;
        };
        // The place in the function's queue is taken here, so that the order of sending is kept.
        let mut permit = Box::pin(Arc::clone(&function.0.permits).acquire_owned());
        let first = match futures_util::poll!(permit.as_mut()) {
            Poll::Ready(permit) => permit.ok(),
            Poll::Pending => None,
        };
        let world = world.clone();
        running.spawn(async move {
            let first = if first.is_some() { first } else { permit.await.ok() };
            let invocation = attempts(&world, &function, &delivery.payload, InvokeOptions::default(), first).await;
            world.courier().finish(Some(invocation));
        });
    }
}

/// Invokes a function with an event and waits for its end.
pub(crate) async fn invoke(world: &World, function: &Function, payload: &str, options: InvokeOptions) -> Invocation {
    let permit = Arc::clone(&function.0.permits).acquire_owned().await.ok();
    attempts(world, function, payload, options, permit).await
}

async fn attempts(
    world: &World,
    function: &Function,
    payload: &str,
    options: InvokeOptions,
    first: Option<OwnedSemaphorePermit>,
) -> Invocation {
    let request_id = world.change(|state| state.ambient.random.uuid());
    let mut made = Vec::new();
    let mut permit = first;
    let most = if options.retries { 1 + RETRIES } else { 1 };
    while made.len() < most {
        if !made.is_empty() {
            tokio::time::sleep(world.retry_delay()).await;
            permit = Arc::clone(&function.0.permits).acquire_owned().await.ok();
        }
        let attempt = attempt(world, function, payload, &request_id, options).await;
        permit.take();
        let ok = matches!(attempt.outcome, Outcome::Ok(_));
        made.push(attempt);
        if ok || *function.0.stopped.borrow() {
            break;
        }
    }
    let payload = serde_json::from_str(payload).unwrap_or_else(|_| Value::from(payload));
    Invocation { function: function.0.spec.name.clone(), request_id, payload, attempts: made }
}

async fn attempt(
    world: &World,
    function: &Function,
    payload: &str,
    request_id: &str,
    options: InvokeOptions,
) -> Attempt {
    let environment = match function.warm() {
        Some(environment) => environment,
        None => match cold(world, function).await {
            Ok(environment) => environment,
            Err(outcome) => {
                return Attempt { outcome, duration: Duration::ZERO, logs: Vec::new(), init_duration: None };
            }
        },
    };
    let time = options.timeout.unwrap_or(function.0.spec.timeout);
    let (root, parent) = world.change(|state| (state.ambient.random.hex(24), state.ambient.random.hex(16)));
    let job = Job {
        request_id: request_id.to_owned(),
        // The function compares it with its own clock, which knows no offset.
        deadline_ms: world.clock().wall().plus(time).0,
        function_arn: function.arn(),
        trace_id: format!("Root=1-{:08x}-{root};Parent={parent};Sampled=0", world.clock().wall().0 / 1000),
        payload: payload.to_owned(),
    };
    let (attempt, environment) = environment.run(job, time, function.0.stopped.subscribe()).await;
    if let Some(environment) = environment {
        function.keep(environment);
    }
    attempt
}

async fn cold(world: &World, function: &Function) -> Result<Environment, Outcome> {
    if *function.0.stopped.borrow() {
        return Err(Outcome::error("Sandbox.Stopped", "the sandbox was stopped"));
    }
    if let Some(architecture) = &function.0.architecture
        && let Some(reason) = entrypoint::obstacle(&function.0.spec.program, architecture)
    {
        return Err(Outcome::error("Runtime.InvalidEntrypoint", format!("Error: {reason}")));
    }
    let (credential, stream) = world.function_session(function);
    let started = Environment::start(function, world.endpoint(), &credential, stream).await;
    started.map_err(|error| {
        Outcome::error("Runtime.InvalidEntrypoint", format!("the program could not be started: {error}"))
    })
}

impl Function {
    /// The name of the function, which its session carries too.
    pub(crate) fn name(&self) -> &str {
        &self.0.spec.name
    }

    /// Where it is.
    pub(crate) fn place(&self) -> &Place {
        &self.0.place
    }

    /// The account that its role belongs to.
    pub(crate) fn account(&self) -> &str {
        &self.0.place.account
    }
}
