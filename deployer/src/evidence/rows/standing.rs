//! How a resource stands with each check, in 8 bytes.

use super::{Compliance, EvaluationRow};

/// How a resource stands with a check, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    NotApplicable = 1,
    Compliant,
    Exempt,
    Undecided,
    Violating,
}

impl Standing {
    const ALL: [Self; 5] = [Self::NotApplicable, Self::Compliant, Self::Exempt, Self::Undecided, Self::Violating];

    pub(super) fn of<T>(row: &EvaluationRow<T>) -> Self {
        match row.compliance_type {
            _ if row.is_violation() => Self::Violating,
            Compliance::NotApplicable if row.is_exempt() => Self::Exempt,
            Compliance::NonCompliant => Self::Violating,
            Compliance::InsufficientData => Self::Undecided,
            Compliance::Compliant => Self::Compliant,
            Compliance::NotApplicable => Self::NotApplicable,
        }
    }
}

/// Bits of a check.
const WIDTH: usize = 3;

/// As many checks have room. Those beyond it are counted by their evaluations alone.
const MOST: usize = u64::BITS as usize / WIDTH;
const _: () = assert!(rule::check::ALL.len() <= MOST, "every check has room");

/// How a resource stands with each check.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Standings(u64);

impl Standings {
    /// How it stands with a check; none without a result.
    pub(super) fn of(self, check: usize) -> Option<Standing> {
        let bits = (self.0 >> (check * WIDTH)) & 0b111;
        Standing::ALL.into_iter().find(|standing| *standing as u64 == bits)
    }

    /// Keeps the worst.
    pub(super) fn add(&mut self, check: usize, standing: Standing) {
        if self.of(check).is_none_or(|other| other < standing) {
            self.0 = (self.0 & !(0b111 << (check * WIDTH))) | ((standing as u64) << (check * WIDTH));
        }
    }
}

/// The checks in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Order(Vec<String>);

impl Order {
    /// The number of a check, while there is room.
    pub(super) fn index(&mut self, check: &str) -> Option<usize> {
        let found = self.0.iter().position(|known| known == check);
        if found.is_none() && self.0.len() < MOST {
            self.0.push(check.to_owned());
            return Some(self.0.len() - 1);
        }
        found
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &String> {
        self.0.iter()
    }
}
