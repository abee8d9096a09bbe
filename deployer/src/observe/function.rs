//! The function, by its name.

use super::Read;
use crate::aws::{Clients, refused};

/// A function, whoever made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionState {
    /// Its ARN.
    pub arn: String,
    /// The SHA-256 of the package that runs, in base64: the only proof of the code that AWS gives.
    pub code_sha256: String,
    /// Its architecture.
    pub architecture: String,
    /// `Active`, `Pending`, `Inactive`, `Failed`.
    pub state: String,
    /// Its role's ARN.
    pub role: String,
    /// When it was last changed, as Lambda writes it.
    pub last_modified: String,
}

pub(crate) async fn read(clients: &Clients, name: &str) -> Read<Option<FunctionState>> {
    match clients.lambda.get_function_configuration().function_name(name).send().await {
        Ok(answer) => Ok(Some(FunctionState {
            architecture: answer.architectures().iter().map(|a| a.as_str().to_owned()).collect::<Vec<_>>().join(","),
            state: answer.state().map(|state| state.as_str().to_owned()).unwrap_or_default(),
            arn: answer.function_arn.unwrap_or_default(),
            code_sha256: answer.code_sha256.unwrap_or_default(),
            role: answer.role.unwrap_or_default(),
            last_modified: answer.last_modified.unwrap_or_default(),
        })),
        Err(error) => {
            if error.as_service_error().is_some_and(aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationError::is_resource_not_found_exception) {
                return Ok(None);
            }
            Err(refused("lambda:GetFunctionConfiguration", &clients.region, &error))
        }
    }
}
