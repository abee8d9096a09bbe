//! Who calls, and whether they may call here at all.

use super::envelope::Envelope;
use super::signature::{self, Fault};
use crate::sandbox::credentials::Credential;
use crate::sandbox::model::Protocol;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::Place;
use crate::sandbox::world::World;

/// The credential that signed a request.
///
/// # Errors
/// In the words of the service: unsigned, unknown key, wrong signature or date, expired session, Region not enabled.
pub(super) fn caller(world: &World, envelope: &Envelope) -> Result<Credential, Refusal> {
    let protocol = envelope.protocol;
    let Some(authorization) = &envelope.authorization else { return Err(unsigned(protocol)) };
    let credential = world.credential(&authorization.access_key_id).ok_or_else(|| unknown_key(protocol))?;
    // Wall-clock time: the client does not know of the sandbox's offset.
    let verified =
        signature::verify(&envelope.incoming, authorization, &credential.secret_access_key, world.clock().wall());
    verified.map_err(|fault| bad_signature(protocol, fault))?;
    if signature::header(&envelope.incoming.headers, "x-amz-security-token") != credential.session_token {
        return Err(unknown_key(protocol));
    }
    if credential.expires.is_some_and(|expires| expires <= world.clock().now()) {
        return Err(expired(protocol));
    }
    // STS in us-east-1 is the global endpoint, and serves accounts of every Region.
    // IAM and Organizations have no other endpoint.
    let global = matches!(envelope.service.as_str(), "sts" | "iam" | "organizations") && envelope.region == "us-east-1";
    if !global && !world.has(&Place::new(&credential.account, &envelope.region)) {
        // What an account gets that calls a Region which it has not enabled.
        return Err(unknown_key(protocol));
    }
    Ok(credential)
}

fn unsigned(protocol: Protocol) -> Refusal {
    let code = match protocol {
        Protocol::Json | Protocol::RestJson => "MissingAuthenticationTokenException",
        Protocol::Query | Protocol::Ec2 | Protocol::Cbor => "MissingAuthenticationToken",
        Protocol::RestXml => return Refusal::new("AccessDenied", "Access Denied").with_status(403),
    };
    Refusal::new(code, "Request is missing Authentication Token").with_status(403)
}

fn unknown_key(protocol: Protocol) -> Refusal {
    let message = "The security token included in the request is invalid.";
    match protocol {
        Protocol::Json => Refusal::new("UnrecognizedClientException", message),
        Protocol::RestJson => Refusal::new("UnrecognizedClientException", message).with_status(403),
        Protocol::RestXml => {
            let message = "The AWS Access Key Id you provided does not exist in our records.";
            Refusal::new("InvalidAccessKeyId", message).with_status(403)
        }
        Protocol::Query | Protocol::Cbor => Refusal::new("InvalidClientTokenId", message).with_status(403),
        Protocol::Ec2 => {
            Refusal::new("AuthFailure", "AWS was not able to validate the provided access credentials").with_status(401)
        }
    }
}

fn expired(protocol: Protocol) -> Refusal {
    let message = "The security token included in the request is expired";
    match protocol {
        Protocol::Json => Refusal::new("ExpiredTokenException", message),
        Protocol::RestJson => Refusal::new("ExpiredTokenException", message).with_status(403),
        Protocol::RestXml => Refusal::new("ExpiredToken", "The provided token has expired."),
        Protocol::Query | Protocol::Cbor => Refusal::new("ExpiredToken", message).with_status(403),
        Protocol::Ec2 => Refusal::new("RequestExpired", "Request has expired."),
    }
}

fn bad_signature(protocol: Protocol, fault: Fault) -> Refusal {
    let message = match fault {
        Fault::Incomplete(part) => {
            let code = match protocol {
                Protocol::Json | Protocol::RestJson => "IncompleteSignatureException",
                Protocol::Query | Protocol::Ec2 | Protocol::Cbor => "IncompleteSignature",
                Protocol::RestXml => "AuthorizationHeaderMalformed",
            };
            return Refusal::new(code, format!("Authorization header requires existence of '{part}'."));
        }
        Fault::Unsigned(name) => format!("'{name}' must be a 'SignedHeader' in the AWS Authorization."),
        Fault::Skewed(message) if protocol == Protocol::Ec2 => {
            return Refusal::new("RequestExpired", format!("Request has expired. {message}"));
        }
        Fault::Skewed(_) if protocol == Protocol::RestXml => {
            let message = "The difference between the request time and the current time is too large.";
            return Refusal::new("RequestTimeTooSkewed", message).with_status(403);
        }
        Fault::Skewed(message) => message,
        Fault::Payload => {
            let message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
            return Refusal::new("XAmzContentSHA256Mismatch", message);
        }
        Fault::Wrong => {
            "The request signature we calculated does not match the signature you provided. Check your AWS \
                         Secret Access Key and signing method. Consult the service documentation for details."
                .to_owned()
        }
    };
    match protocol {
        Protocol::Json => Refusal::new("InvalidSignatureException", message),
        Protocol::RestJson => Refusal::new("InvalidSignatureException", message).with_status(403),
        Protocol::Query | Protocol::RestXml | Protocol::Cbor => {
            Refusal::new("SignatureDoesNotMatch", message).with_status(403)
        }
        Protocol::Ec2 => {
            Refusal::new("AuthFailure", "AWS was not able to validate the provided access credentials").with_status(401)
        }
    }
}
