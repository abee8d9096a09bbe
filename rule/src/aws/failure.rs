//! From the SDK's errors to ours, keeping what the service said.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::port::ReadError;

/// The error of a call that failed after all retries.
pub(super) fn read_error<E, R>(operation: &'static str, error: &SdkError<E, R>) -> ReadError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    match error {
        SdkError::ServiceError(answer) => ReadError::Refused {
            operation,
            code: answer.err().code().unwrap_or("an unnamed error").to_owned(),
            message: shortened(answer.err().message().unwrap_or("no message")),
        },
        SdkError::ResponseError(_) => ReadError::Unusable { operation, reason: chain(error) },
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) | _ => {
            ReadError::NoAnswer { operation, reason: chain(error) }
        }
    }
}

/// A message of the service, at most 400 characters of it: some list every permitted value.
pub(super) fn shortened(message: &str) -> String {
    const MOST: usize = 400;
    match message.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", message.get(..end).unwrap_or_default()),
        None => message.to_owned(),
    }
}

fn chain<E, R>(error: &SdkError<E, R>) -> String
where
    E: std::error::Error + 'static,
    R: std::fmt::Debug,
{
    // The context ends with the debug form of the whole error, which holds headers; the first line is for people.
    let text = DisplayErrorContext(error).to_string();
    text.split(" (").next().unwrap_or(&text).to_owned()
}
