//! `ListNotebookInstances` and `DescribeNotebookInstance`.

use std::ops::Bound;

use serde_json::{Value, json};

use super::notebook::{Describe, present};
use super::{Notebook, Store, not_found, settle};
use crate::sandbox::clock::Instant;
use crate::sandbox::page::{Cursor, fingerprint};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

const DEFAULT_PAGE: usize = 10;

pub(super) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    settle(region, ambient);
    let notebook = region.sagemaker.notebooks.get(call.required("NotebookInstanceName")).ok_or_else(not_found)?;
    match notebook.describe {
        Describe::Works => {
            ambient.odd = !notebook.describe_overrides.is_empty();
            Ok(notebook.description(&region.place))
        }
        Describe::Vanished => Err(not_found()),
        Describe::AccessDenied => {
            let (caller, arn) = (&call.caller.arn, notebook.arn(&region.place));
            let message = format!(
                "User: {caller} is not authorized to perform: sagemaker:DescribeNotebookInstance on resource: {arn} \
                 with an explicit deny in a resource-based policy"
            );
            Err(Refusal::new("AccessDeniedException", message))
        }
    }
}

/// The order of a listing: the key to sort by, and the name, which is unique.
type Key = (String, String);

pub(super) fn list(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    settle(region, ambient);
    let settings = &ambient.settings;
    let cursor = cursor(call)?;
    let size = call.count("MaxResults").unwrap_or(DEFAULT_PAGE);
    if settings.empty_list_page == Some(cursor.page) {
        let token = Cursor { page: cursor.page + 1, ..cursor }.token(fingerprint(call, &["NextToken", "MaxResults"]));
        return Ok(json!({"NotebookInstances": [], "NextToken": token}));
    }
    let overlap = settings.overlapping_pages && cursor.after.is_some() && size > 1;
    let (page, more) = page(&region.sagemaker, call, &cursor, if overlap { size - 1 } else { size });
    let last = page.last().map(|notebook| key(notebook, call));
    let repeated = cursor.after.as_ref().filter(|_| overlap);
    let repeated = repeated.and_then(|after| after.get(1)).and_then(|name| region.sagemaker.notebooks.get(name));
    let shown = repeated.into_iter().chain(page).map(|notebook| notebook.summary(&region.place));
    let next =
        last.filter(|_| more).map(|(sort, name)| Cursor { page: cursor.page + 1, after: Some(vec![sort, name]) });
    let token = next.map(|next| next.token(fingerprint(call, &["NextToken", "MaxResults"])));
    Ok(present(json!({"NotebookInstances": shown.collect::<Vec<_>>(), "NextToken": token})))
}

fn cursor(call: &Call<'_>) -> Result<Cursor, Refusal> {
    let Some(token) = call.text("NextToken") else { return Ok(Cursor::default()) };
    // A token belongs to the filters that it was made for.
    let fingerprint = fingerprint(call, &["NextToken", "MaxResults"]);
    Cursor::parse(token, fingerprint).ok_or_else(|| Refusal::validation("Invalid pagination token"))
}

/// One page, and whether there is more.
fn page<'a>(store: &'a Store, call: &Call<'_>, cursor: &Cursor, size: usize) -> (Vec<&'a Notebook>, bool) {
    let after = cursor.after.as_ref().and_then(|after| Some((after.first()?.clone(), after.get(1)?.clone())));
    let descending = call.text("SortOrder") == Some("Descending");
    let mut page: Vec<&Notebook> = if matches!(call.text("SortBy"), None | Some("Name")) {
        let start = after.as_ref().map_or(Bound::Unbounded, |(_, name)| Bound::Excluded(name.as_str()));
        let (low, high) = if descending { (Bound::Unbounded, start) } else { (start, Bound::Unbounded) };
        let range = store.notebooks.range::<str, _>((low, high)).map(|(_, notebook)| notebook);
        let wanted = |notebook: &&Notebook| selected(notebook, call);
        if descending {
            range.rev().filter(wanted).take(size + 1).collect()
        } else {
            range.filter(wanted).take(size + 1).collect()
        }
    } else {
        sorted(store, call, after.as_ref(), size, descending)
    };
    let more = page.len() > size;
    page.truncate(size);
    (page, more)
}

/// The first notebooks after a key, in an order that there is no index for: one pass, without sorting the rest.
fn sorted<'a>(
    store: &'a Store,
    call: &Call<'_>,
    after: Option<&Key>,
    size: usize,
    descending: bool,
) -> Vec<&'a Notebook> {
    let beyond = |key: &Key| after.is_none_or(|after| if descending { key < after } else { key > after });
    let notebooks = store.notebooks.values().filter(|notebook| selected(notebook, call));
    let mut keyed: Vec<(Key, &Notebook)> =
        notebooks.map(|notebook| (key(notebook, call), notebook)).filter(|(key, _)| beyond(key)).collect();
    let order = |a: &(Key, &Notebook), b: &(Key, &Notebook)| if descending { b.0.cmp(&a.0) } else { a.0.cmp(&b.0) };
    if keyed.len() > size + 1 {
        keyed.select_nth_unstable_by(size, order);
        keyed.truncate(size + 1);
    }
    keyed.sort_by(order);
    keyed.into_iter().map(|(_, notebook)| notebook).collect()
}

fn key(notebook: &Notebook, call: &Call<'_>) -> Key {
    let sort = match call.text("SortBy") {
        Some("CreationTime") => format!("{:020}", notebook.created.map_or(0, |created| created.0)),
        Some("Status") => notebook.status.clone(),
        _ => String::new(),
    };
    (sort, notebook.name.clone())
}

fn selected(notebook: &Notebook, call: &Call<'_>) -> bool {
    let contains = |member: &str, text: Option<&str>| {
        call.text(member).is_none_or(|part| text.is_some_and(|text| text.to_lowercase().contains(&part.to_lowercase())))
    };
    let time = |member: &str| call.input.get(member).and_then(Instant::from_epoch);
    let within = |name: &str, at: Option<Instant>| {
        let (before, after) = (time(&format!("{name}Before")), time(&format!("{name}After")));
        before.is_none_or(|limit| at.is_some_and(|at| at < limit))
            && after.is_none_or(|limit| at.is_some_and(|at| at > limit))
    };
    let repository = call.text("AdditionalCodeRepositoryEquals");
    contains("NameContains", Some(&notebook.name))
        && call.text("StatusEquals").is_none_or(|status| status == notebook.status)
        && within("CreationTime", notebook.created)
        && within("LastModifiedTime", notebook.modified)
        && contains("NotebookInstanceLifecycleConfigNameContains", notebook.lifecycle_config.as_deref())
        && contains("DefaultCodeRepositoryContains", notebook.default_code_repository.as_deref())
        && repository
            .is_none_or(|wanted| notebook.additional_code_repositories.iter().any(|repository| repository == wanted))
}
