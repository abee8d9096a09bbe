//! What Organizations says no with, in its own words.
//!
//! The codes and reasons are those of its model; the messages are as clients have quoted them.

use crate::sandbox::model::Violation;
use crate::sandbox::refusal::Refusal;

/// A limit that something would break: `ConstraintViolationException` with its reason.
pub(super) fn constraint(reason: &str, message: &str) -> Refusal {
    Refusal::new("ConstraintViolationException", message).with_detail("Reason", reason)
}

/// A value that makes no sense: `InvalidInputException` with its reason.
pub(super) fn invalid(reason: &str, message: &str) -> Refusal {
    Refusal::new("InvalidInputException", message).with_detail("Reason", reason)
}

/// A request that does not fit the model. Other services say `ValidationException`.
pub(crate) fn unfit(violations: &[Violation]) -> Refusal {
    let reason = violations.first().map_or("INPUT_REQUIRED", Violation::reason);
    Violation::refusal("InvalidInputException", violations).with_detail("Reason", reason)
}

/// The caller is no administrator of the organization.
pub(super) fn denied() -> Refusal {
    Refusal::new("AccessDeniedException", "You don't have permissions to access this resource.")
}

/// The caller's account is in no organization.
pub(super) fn not_in_use() -> Refusal {
    Refusal::new("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
}

pub(super) fn no_account() -> Refusal {
    Refusal::new("AccountNotFoundException", "You specified an account that doesn't exist.")
}

pub(super) fn no_policy() -> Refusal {
    Refusal::new("PolicyNotFoundException", "You specified a policy that doesn't exist.")
}

pub(super) fn no_target() -> Refusal {
    Refusal::new("TargetNotFoundException", "You specified a target that doesn't exist.")
}

/// The policy type is not one that the organization can use, or that the sandbox has.
pub(super) fn not_available() -> Refusal {
    let message =
        "You can't use the specified policy type with the feature set currently enabled for this organization.";
    Refusal::new("PolicyTypeNotAvailableForOrganizationException", message)
}
