"""Error codes that any operation may answer with, beside those that its model lists.

They come from what stands before every service (signature, parsing, throttling) or from the service as a whole. Most
are on the page "Common Errors" of the services' API references; where another source is needed it is named.
"""
from typing import NamedTuple


class Common(NamedTuple):
    """The HTTP statuses that a code comes with, and why any operation may answer with it."""

    statuses: tuple[int, ...]
    reason: str


_AWS_JSON = {
    "AccessDeniedException": Common((400, 403), "IAM, an SCP or a resource policy says no"),
    "ExpiredTokenException": Common((400, 403), "the session has ended"),
    "IncompleteSignature": Common((400, 403), "the Authorization header lacks a part"),
    "IncompleteSignatureException": Common((400,), "the same; documented with the errors of DynamoDB, also JSON"),
    "InternalFailure": Common((500,), "AWS's own failure"),
    "InternalServerException": Common((500,), "the newer name of it"),
    "InvalidSignatureException": Common((400, 403), "signed with another secret, or at another time"),
    "MissingAuthenticationTokenException": Common((400, 403), "not signed at all"),
    "OptInRequired": Common((403,), "the account has not subscribed to the service"),
    "RequestExpired": Common((400,), "the date of the request is too old"),
    "SerializationException": Common((400,), "the body is no JSON, or a member is of another type than the model's"),
    "ServiceUnavailable": Common((503,), "AWS is overloaded"),
    "ServiceUnavailableException": Common((503,), "the name of it in most JSON services"),
    "ThrottlingException": Common((400, 429), "too many requests"),
    "UnknownOperationException": Common((400, 404), "X-Amz-Target names no operation"),
    "UnrecognizedClientException": Common((400, 403), "no such access key, or not in this Region"),
    "ValidationException": Common((400,), "a member breaks the model; SageMaker also says RecordNotFound with it"),
}

_AWS_QUERY = {
    "AccessDenied": Common((403,), "IAM, an SCP or a trust policy says no"),
    "ExpiredToken": Common((400, 403), "the session has ended"),
    "IncompleteSignature": Common((400, 403), "the Authorization header lacks a part"),
    "InternalFailure": Common((500,), "AWS's own failure"),
    "InvalidAction": Common((400,), "Action names no operation"),
    "InvalidClientTokenId": Common((403,), "no such access key, or not in this Region"),
    "InvalidParameterCombination": Common((400,), "parameters that exclude each other; CloudWatch's common errors"),
    "MalformedInput": Common((400,), "a field has a value of another type than the model's"),
    "MissingAction": Common((400,), "there is no Action"),
    "MissingAuthenticationToken": Common((403,), "not signed at all"),
    "OptInRequired": Common((403,), "the account has not subscribed to the service"),
    "RequestExpired": Common((400,), "the date of the request is too old"),
    "ServiceUnavailable": Common((503,), "AWS is overloaded"),
    "SignatureDoesNotMatch": Common((403,), "signed with another secret, or at another time"),
    "Throttling": Common((400,), "too many requests"),
    "ValidationError": Common((400,), "a member breaks the model"),
}

# EC2's model lists no error at all; its user guide does, on "Error codes for the Amazon EC2 API".
_EC2 = {
    "AuthFailure": Common((401,), "no such access key, or signed with another secret"),
    "Blocked": Common((403,), "the account is blocked"),
    "CannotDelete": Common((400,), "a default security group stays"),
    "DependencyViolation": Common((400,), "something still refers to the resource"),
    "DryRunOperation": Common((412,), "the answer to a dry run that is allowed"),
    "IncompleteSignature": Common((400, 403), "the Authorization header lacks a part"),
    "InternalError": Common((500,), "EC2's own failure"),
    "InvalidAction": Common((400,), "Action names no operation"),
    "InvalidGroup.Duplicate": Common((400,), "a group of that name is in the VPC"),
    "InvalidGroup.NotFound": Common((400,), "no such security group"),
    "InvalidGroupId.Malformed": Common((400,), "that is no id of a security group"),
    "InvalidNextToken": Common((400,), "no token of this listing"),
    "InvalidParameter": Common((400,), "a parameter is not valid, or not with another one"),
    "InvalidParameterCombination": Common((400,), "parameters that exclude each other"),
    "InvalidParameterValue": Common((400,), "a value of another type or out of range, or an unknown filter"),
    "InvalidPermission.Duplicate": Common((400,), "the group has that rule"),
    "InvalidPermission.NotFound": Common((400,), "the group does not have that rule"),
    "InvalidVpcID.NotFound": Common((400,), "no such VPC"),
    "MissingAction": Common((400,), "there is no Action"),
    "MissingAuthenticationToken": Common((403,), "not signed at all"),
    "MissingParameter": Common((400,), "a required parameter is missing"),
    "OptInRequired": Common((401, 403), "the account has not subscribed to the service"),
    "RequestExpired": Common((400,), "the date of the request is too old, or the session has ended"),
    "RequestLimitExceeded": Common((503,), "too many requests"),
    "RulesPerSecurityGroupLimitExceeded": Common((400,), "too many rules"),
    "Unavailable": Common((503,), "EC2 is overloaded"),
    "UnauthorizedOperation": Common((403,), "IAM or an SCP says no"),
    "UnknownParameter": Common((400,), "a parameter that the operation does not have"),
}

# By botocore's name of the protocol.
COMMON: dict[str, dict[str, Common]] = {
    "json": _AWS_JSON, "query": _AWS_QUERY, "ec2": _EC2, "smithy-rpc-v2-cbor": _AWS_QUERY}

# What says that a request breaks the model, or asks for something that is not there.
REFUSES_THE_SHAPE = {
    "InvalidAction", "InvalidParameterValue", "InvalidParameterValueException", "MissingParameter", "MissingAction",
    "SerializationException", "UnknownOperationException", "UnknownParameter", "ValidationError",
    "ValidationException", "MalformedInput", "InvalidRoleException", "InvalidInputException",
}
# Those among them that say nothing else.
REFUSES_ONLY_THE_SHAPE = {"SerializationException", "UnknownParameter"}
# What is said before anyone looks at a request's members.
BEFORE_THE_SHAPE = {
    "AccessDenied", "AccessDeniedException", "AuthFailure", "ExpiredToken", "ExpiredTokenException",
    "IncompleteSignature", "IncompleteSignatureException", "InvalidClientTokenId", "InvalidSignatureException",
    "MissingAuthenticationToken", "MissingAuthenticationTokenException", "OptInRequired", "RequestExpired",
    "RequestLimitExceeded", "SignatureDoesNotMatch", "Throttling", "ThrottlingException", "UnauthorizedOperation",
    "UnrecognizedClientException",
}
