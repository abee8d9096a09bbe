//! Who may call: access keys, and what they belong to.

use std::fmt;

use super::clock::Instant;
use super::random::Random;

/// An access key that works against the sandbox.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// The access key id: `AKIA…` for good, `ASIA…` for a session.
    pub access_key_id: String,
    /// The secret that requests are signed with.
    pub secret_access_key: String,
    /// The session token, which a session's requests must carry.
    pub session_token: Option<String>,
    /// When a session ends.
    pub expires: Option<Instant>,
    /// The account it belongs to.
    pub account: String,
    /// The user or assumed role it speaks for.
    pub arn: String,
    /// The unique id of that user or session.
    pub user_id: String,
    /// Whether it is a function's.
    pub(crate) of_function: bool,
}

// The secret and the token stay out of logs and test output.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { access_key_id, account, arn, expires, .. } = self;
        let mut shown = f.debug_struct("Credential");
        shown.field("access_key_id", access_key_id).field("account", account);
        shown.field("arn", arn).field("expires", expires).finish_non_exhaustive()
    }
}

impl Credential {
    /// A key of the account's administrator that never expires.
    pub(crate) fn administrator(account: &str, random: &mut Random) -> Self {
        Self {
            access_key_id: format!("AKIA{}", random.upper(16)),
            secret_access_key: random.secret(40),
            session_token: None,
            expires: None,
            account: account.to_owned(),
            arn: format!("arn:aws:iam::{account}:user/administrator"),
            user_id: format!("AIDA{}", random.upper(17)),
            of_function: false,
        }
    }

    /// A session of a role. `role` is the role's name without its path.
    pub(crate) fn session(account: &str, role: &str, session: &str, random: &mut Random) -> Self {
        Self {
            access_key_id: format!("ASIA{}", random.upper(16)),
            secret_access_key: random.secret(40),
            session_token: Some(random.secret(320)),
            expires: None,
            account: account.to_owned(),
            arn: format!("arn:aws:sts::{account}:assumed-role/{role}/{session}"),
            user_id: format!("AROA{}:{session}", random.upper(17)),
            of_function: false,
        }
    }

    /// The environment variables that tell an AWS client to use it.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let mut variables = vec![
            ("AWS_ACCESS_KEY_ID".to_owned(), self.access_key_id.clone()),
            ("AWS_SECRET_ACCESS_KEY".to_owned(), self.secret_access_key.clone()),
        ];
        variables.extend(self.session_token.clone().map(|token| ("AWS_SESSION_TOKEN".to_owned(), token)));
        variables
    }
}
