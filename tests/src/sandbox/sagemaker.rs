//! Amazon SageMaker: notebook instances and domains.

use std::collections::{BTreeMap, BTreeSet};

use super::config::{Recordable, record_change};
use super::refusal::Refusal;
use super::service::Service;
use super::state::{Ambient, Region};

mod create;
mod domain;
mod lifecycle;
mod list;
mod notebook;
mod tags;

pub use domain::Domain;
pub use notebook::{Describe, Notebook};

pub(crate) use domain::remove as remove_domain;
pub(crate) use lifecycle::remove;
pub(crate) use tags::pairs;

/// The service.
pub(crate) const SERVICE: Service = Service {
    name: "sagemaker",
    model_text: include_str!("model/sagemaker.json"),
    operations: &[
        ("AddTags", tags::add),
        ("CreateDomain", domain::create),
        ("CreateNotebookInstance", create::create),
        ("DeleteDomain", domain::delete),
        ("DeleteNotebookInstance", lifecycle::delete),
        ("DeleteTags", tags::delete),
        ("DescribeDomain", domain::describe),
        ("DescribeNotebookInstance", list::describe),
        ("ListDomains", domain::list),
        ("ListNotebookInstances", list::list),
        ("ListTags", tags::list),
        ("StartNotebookInstance", lifecycle::start),
        ("StopNotebookInstance", lifecycle::stop),
        ("UpdateDomain", domain::update),
        ("UpdateNotebookInstance", lifecycle::update),
    ],
};

/// The type of a notebook's configuration items.
pub(crate) const NOTEBOOK_TYPE: &str = "AWS::SageMaker::NotebookInstance";
/// The type of a domain's configuration items.
pub(crate) const DOMAIN_TYPE: &str = "AWS::SageMaker::Domain";

/// What SageMaker holds in one Region.
#[derive(Debug, Default)]
pub(crate) struct Store {
    /// By name.
    pub(crate) notebooks: BTreeMap<String, Notebook>,
    /// By id.
    pub(crate) domains: BTreeMap<String, Domain>,
    /// When the status of a notebook will change, and its name.
    pub(crate) due: BTreeSet<(i64, String)>,
}

/// Everything that a recorder finds here.
pub(crate) fn recordables(region: &Region) -> Vec<Recordable> {
    let store = &region.sagemaker;
    let notebooks = store.notebooks.values().map(|notebook| notebook.recordable(&region.place));
    notebooks.chain(store.domains.values().map(|domain| domain.recordable(&region.place))).collect()
}

/// Puts a notebook, new or changed, and records it.
pub(crate) fn put(region: &mut Region, ambient: &mut Ambient, notebook: Notebook) {
    let recordable = notebook.recordable(&region.place);
    region.sagemaker.notebooks.insert(notebook.name.clone(), notebook);
    record_change(region, ambient, &recordable);
}

/// Puts a domain, new or changed, and records it.
pub(crate) fn put_domain(region: &mut Region, ambient: &mut Ambient, domain: Domain) {
    let recordable = domain.recordable(&region.place);
    region.sagemaker.domains.insert(domain.id.clone(), domain);
    record_change(region, ambient, &recordable);
}

/// Lets every change of status happen whose time has come.
pub(crate) fn settle(region: &mut Region, ambient: &mut Ambient) {
    let now = ambient.clock.now().0;
    while region.sagemaker.due.first().is_some_and(|(due, _)| *due <= now) {
        if let Some((_, name)) = region.sagemaker.due.pop_first() {
            lifecycle::arrive(region, ambient, &name);
        }
    }
}

/// Lets every change of status happen that is under way, whatever its time.
pub(crate) fn settle_all(region: &mut Region, ambient: &mut Ambient) {
    region.sagemaker.due.clear();
    let moving = region.sagemaker.notebooks.values().filter(|notebook| notebook.arriving.is_some());
    let names: Vec<String> = moving.map(|notebook| notebook.name.clone()).collect();
    for name in names {
        lifecycle::arrive(region, ambient, &name);
    }
}

/// What SageMaker says of a notebook that is not there.
fn not_found() -> Refusal {
    Refusal::validation("RecordNotFound")
}
