//! Installations into an organization, on the sandbox.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy allows them in the tests themselves only")]

mod organization {
    mod managed_pack;
}
