//! What happens while a plan is carried out, for whoever shows it.

/// Something happened in a Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The Region.
    pub region: String,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A step began: `stack notebook-guard`, `upload`, …
    Began(String),
    /// CloudFormation is at it.
    Progress {
        /// Its word for the stack's state.
        status: String,
        /// How many resources are done.
        resources: usize,
    },
    /// A step is done.
    Finished(String),
    /// The Region is done.
    Done,
    /// The Region failed.
    Failed(String),
}
