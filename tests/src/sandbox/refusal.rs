//! Answers that say no, in AWS's own terms.

/// A refused request: HTTP status, AWS error code and message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The error code, as the service spells it.
    pub code: String,
    /// The message for a person.
    pub message: String,
    /// What S3 and Organizations add: elements of the error document, or headers if they begin with `x-`.
    pub details: Vec<(String, String)>,
}

impl Refusal {
    /// A refusal with status 400, which is what AWS uses for nearly all of them.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { status: 400, code: code.to_owned(), message: message.into(), details: Vec::new() }
    }

    /// The same refusal with another HTTP status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same refusal with one more detail.
    #[must_use]
    pub fn with_detail(mut self, name: &str, value: &str) -> Self {
        self.details.push((name.to_owned(), value.to_owned()));
        self
    }

    /// `ValidationError`, the query services' word for it.
    pub fn validation_error(message: impl Into<String>) -> Self {
        Self::new("ValidationError", message)
    }

    /// `ValidationException`, which JSON services use for anything wrong with a request.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    /// `InvalidParameterValueException`, AWS Config's word for a value that has the right shape but no sense.
    pub fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterValueException", message)
    }
}
