//! Reading StackSets: every page, row by row, with nothing kept but what the reader keeps.
//!
//! A page has at most 100 rows (`MaxResults` of `ListStackInstances` and `ListStackSetOperationResults`), so that the
//! calls are the rows divided by a hundred; instances of different Regions are read side by side.

use std::cell::RefCell;
use std::future::Future;

use aws_config::SdkConfig;
use aws_sdk_cloudformation as cloudformation;
use aws_sdk_cloudformation::types::{StackInstanceFilter, StackInstanceFilterName};
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use futures_util::stream::{self, Stream, StreamExt as _};

use super::convert;
use super::intern::Interner;
use super::model::{Instance, Operation, OperationResult, ResultStatus, StackSet};
use super::patience::{Patience, patiently};
use crate::aws::refused;
use crate::observe::Read;
use crate::organization::CallAs;

/// Regions whose instances are read at the same time. CloudFormation limits the rate of an account's calls; more at once
/// would only be throttled more.
const REGIONS_AT_ONCE: usize = 6;
/// Rows of a page: the most that CloudFormation gives.
const ROWS: i32 = 100;

/// StackSets of the administrator account in its home Region.
#[derive(Debug, Clone)]
pub struct Sets {
    pub(super) client: cloudformation::Client,
    /// The Region where the StackSets are.
    pub region: String,
    /// As whom every call is made.
    pub call_as: CallAs,
}

/// Which instances are read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Of<'a> {
    /// Only those of a Region.
    pub region: Option<&'a str>,
    /// Only those of an account.
    pub account: Option<&'a str>,
    /// Only those that this operation touched last.
    pub operation: Option<&'a str>,
}

impl Sets {
    /// StackSets with the standard configuration's credentials and endpoints.
    #[must_use]
    pub fn new(sdk: &SdkConfig, region: &str, call_as: CallAs) -> Self {
        Self::seen(sdk, region, call_as, None)
    }

    /// The same, with every call seen.
    pub(crate) fn watched(sdk: &SdkConfig, region: &str, call_as: CallAs, watch: SharedInterceptor) -> Self {
        Self::seen(sdk, region, call_as, Some(watch))
    }

    fn seen(sdk: &SdkConfig, region: &str, call_as: CallAs, watch: Option<SharedInterceptor>) -> Self {
        Self { client: crate::aws::cloudformation(sdk, region, watch), region: region.to_owned(), call_as }
    }

    /// Finds a StackSet by its name. None if there is none, or if it was deleted.
    ///
    /// # Errors
    /// The call failed; that there is no such StackSet is no failure.
    pub async fn find(&self, name: &str) -> Read<Option<StackSet>> {
        self.patiently(|| async {
            let call = self.client.describe_stack_set().stack_set_name(name).call_as(self.call_as.into());
            match call.send().await {
                Ok(answer) => Ok(answer.stack_set.and_then(convert::stack_set)),
                Err(error) => self.none_if_missing("DescribeStackSet", &error, "StackSetNotFoundException"),
            }
        })
        .await
    }

    /// All operations of a StackSet that CloudFormation still knows (those of 90 days), the newest first.
    ///
    /// # Errors
    /// A call failed.
    pub async fn operations(&self, set: &str) -> Read<Vec<Operation>> {
        let (mut found, mut token) = (Vec::new(), None);
        loop {
            let page = self
                .patiently(|| async {
                    let call = self.client.list_stack_set_operations().stack_set_name(set).max_results(ROWS);
                    let answer = call.set_next_token(token.clone()).call_as(self.call_as.into()).send().await;
                    answer.map_err(|error| refused("cloudformation:ListStackSetOperations", &self.region, &error))
                })
                .await?;
            found.extend(page.summaries.unwrap_or_default().into_iter().filter_map(convert::operation_summary));
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
        found.sort_by_key(|operation: &Operation| std::cmp::Reverse(operation.created));
        Ok(found)
    }

    /// One operation. None if there is none of that id, which may also be one that was begun a moment ago.
    ///
    /// # Errors
    /// The call failed; it is made once.
    pub async fn operation(&self, set: &str, id: &str) -> Read<Option<Operation>> {
        let call = self.client.describe_stack_set_operation().stack_set_name(set).operation_id(id);
        match call.call_as(self.call_as.into()).send().await {
            Ok(answer) => Ok(answer.stack_set_operation.and_then(convert::operation)),
            Err(error) => self.none_if_missing("DescribeStackSetOperation", &error, "OperationNotFoundException"),
        }
    }

    /// The instances of a StackSet in these Regions, page by page; those of different Regions side by side, in any order.
    pub fn instances<'a>(
        &'a self,
        set: &'a str,
        regions: &'a [String],
        operation: Option<&'a str>,
        seen: &'a RefCell<Interner>,
    ) -> impl Stream<Item = Read<Vec<Instance>>> + 'a {
        let of = move |region: &'a String| Of { region: Some(region), operation, ..Of::default() };
        let each = regions.iter().map(move |region| self.instances_of(set, of(region), seen).boxed_local());
        stream::iter(each).flatten_unordered(REGIONS_AT_ONCE)
    }

    /// Some instances of a StackSet, page by page.
    pub fn instances_of<'a>(
        &'a self,
        set: &'a str,
        of: Of<'a>,
        seen: &'a RefCell<Interner>,
    ) -> impl Stream<Item = Read<Vec<Instance>>> + 'a {
        self.pages(move |token| async move {
            let touched_by = |id: &str| {
                let filter = StackInstanceFilter::builder().name(StackInstanceFilterName::LastOperationId).values(id);
                vec![filter.build()]
            };
            let call = self.client.list_stack_instances().stack_set_name(set).max_results(ROWS).set_next_token(token);
            let call = call
                .set_stack_instance_region(of.region.map(str::to_owned))
                .set_stack_instance_account(of.account.map(str::to_owned))
                .set_filters(of.operation.map(touched_by));
            let answer = call.call_as(self.call_as.into()).send().await;
            let page = answer.map_err(|error| refused("cloudformation:ListStackInstances", &self.region, &error))?;
            let seen = &mut *seen.borrow_mut();
            let rows = page.summaries.unwrap_or_default();
            Ok((rows.iter().map(|row| convert::instance(row, seen)).collect(), page.next_token))
        })
    }

    /// What an operation did in each account and Region, page by page.
    pub fn results<'a>(
        &'a self,
        set: &'a str,
        id: &'a str,
        seen: &'a RefCell<Interner>,
    ) -> impl Stream<Item = Read<Vec<OperationResult>>> + 'a {
        self.pages(move |token| async move {
            let call = self.client.list_stack_set_operation_results().stack_set_name(set).operation_id(id);
            let call = call.max_results(ROWS).set_next_token(token).call_as(self.call_as.into());
            let page = call
                .send()
                .await
                .map_err(|error| refused("cloudformation:ListStackSetOperationResults", &self.region, &error))?;
            let seen = &mut *seen.borrow_mut();
            let rows = page.summaries.unwrap_or_default();
            Ok((rows.iter().map(|row| convert::result(row, seen)).collect(), page.next_token))
        })
    }

    /// In how many accounts and Regions an operation has come to an end. It reads all of its results.
    ///
    /// # Errors
    /// A call failed.
    pub(crate) async fn ended(&self, set: &str, id: &str, seen: &RefCell<Interner>) -> Read<usize> {
        let mut pages = Box::pin(self.results(set, id, seen));
        let mut ended = 0;
        while let Some(page) = pages.next().await {
            let is_end = |row: &&OperationResult| match &row.status {
                ResultStatus::Succeeded | ResultStatus::Failed | ResultStatus::Cancelled => true,
                ResultStatus::Pending | ResultStatus::Running | ResultStatus::Unknown(_) => false,
            };
            ended += page?.iter().filter(is_end).count();
        }
        Ok(ended)
    }

    /// Page after page until there is no more. A page that fails is the last.
    fn pages<'a, T, F>(&'a self, page: impl Fn(Option<String>) -> F + 'a) -> impl Stream<Item = Read<Vec<T>>> + 'a
    where
        T: 'a,
        F: Future<Output = Read<(Vec<T>, Option<String>)>> + 'a,
    {
        let first = Some((None, page));
        stream::unfold(first, move |state| async move {
            let (token, page): (Option<String>, _) = state?;
            match self.patiently(|| page(token.clone())).await {
                Ok((rows, next)) => Some((Ok(rows), next.map(|next| (Some(next), page)))),
                Err(refusal) => Some((Err(refusal), None)),
            }
        })
    }

    /// A read that waits while AWS or the network is only busy.
    async fn patiently<T, F: Future<Output = Read<T>>>(&self, call: impl Fn() -> F) -> Read<T> {
        patiently(Patience::OF_READS, call).await
    }

    fn none_if_missing<T, E, R>(
        &self,
        call: &str,
        error: &cloudformation::error::SdkError<E, R>,
        missing: &str,
    ) -> Read<Option<T>>
    where
        E: cloudformation::error::ProvideErrorMetadata
            + cloudformation::operation::RequestId
            + std::error::Error
            + 'static,
        R: std::fmt::Debug + 'static,
    {
        let refusal = refused(&format!("cloudformation:{call}"), &self.region, error);
        if refusal.code.as_deref() == Some(missing) { Ok(None) } else { Err(refusal) }
    }
}

/// The operation that ended last.
#[must_use]
pub fn last_ended(operations: &[Operation]) -> Option<&Operation> {
    operations.iter().filter(|operation| operation.status.is_final()).max_by_key(|operation| {
        let at = operation.ended.or(operation.created);
        at.map(|at| (at.secs(), at.subsec_nanos()))
    })
}
