//! The credentials of the accounts that were reached, each account once.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use aws_credential_types::provider::SharedCredentialsProvider;
use tokio::sync::OnceCell;

use super::Unreached;

/// Accounts whose credentials are kept, some two kilobytes each. An export walks through an organization twice; from
/// this size on it assumes the role a second time.
const MOST: usize = 10_000;

/// The credentials of a role, or why there are none.
pub(super) type Assumption = Result<SharedCredentialsProvider, Unreached>;

/// What is had once, and waited for by all who need it.
pub(super) type Cell = Arc<OnceCell<Assumption>>;

#[derive(Debug, Default)]
pub(super) struct Remembered(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    cells: HashMap<Arc<str>, Cell>,
    /// The first to be reached first.
    order: VecDeque<Arc<str>>,
}

impl Remembered {
    /// The cell of an account.
    pub(super) fn cell(&self, account: &str) -> Cell {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cell) = inner.cells.get(account) {
            return cell.clone();
        }
        let (account, cell) = (Arc::<str>::from(account), Cell::default());
        inner.cells.insert(account.clone(), cell.clone());
        inner.order.push_back(account);
        if inner.order.len() > MOST
            && let Some(oldest) = inner.order.pop_front()
        {
            inner.cells.remove(&oldest);
        }
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_walk_through_an_organization_needs_no_new_credentials() {
        let walk = |remembered: &Remembered, accounts: usize| -> Vec<Cell> {
            (0..accounts).map(|number| remembered.cell(&format!("{number:012}"))).collect()
        };
        let remembered = Remembered::default();
        let (first, second) = (walk(&remembered, MOST), walk(&remembered, MOST));
        assert!(first.iter().zip(&second).all(|(one, other)| Arc::ptr_eq(one, other)));
        let another = remembered.cell("another");
        assert!(Arc::ptr_eq(&another, &remembered.cell("another")));
        assert!(!Arc::ptr_eq(&first[0], &remembered.cell("000000000000")), "the oldest gave way");
    }
}
