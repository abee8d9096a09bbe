"""Who may call: every protocol refuses what is not signed, or not signed right, in its own words."""
import datetime
from typing import Any, NamedTuple
from unittest import mock

import botocore

from servers import Aws
from tally import Tally


class Words(NamedTuple):
    """How a service refuses: error code and HTTP status."""

    unsigned: tuple[str, int]
    unknown: tuple[str, int]
    wrong: tuple[str, int]
    late: tuple[str, int]


JSON = Words(("MissingAuthenticationTokenException", 403), ("UnrecognizedClientException", 400),
             ("InvalidSignatureException", 400), ("InvalidSignatureException", 400))
QUERY = Words(("MissingAuthenticationToken", 403), ("InvalidClientTokenId", 403), ("SignatureDoesNotMatch", 403),
              ("SignatureDoesNotMatch", 403))
EC2 = Words(("MissingAuthenticationToken", 403), ("AuthFailure", 401), ("AuthFailure", 401), ("RequestExpired", 400))

# A call of every service that needs nothing.
CALLS = {
    "sagemaker": ("list_notebook_instances", JSON),
    "config": ("describe_config_rules", JSON),
    "sts": ("get_caller_identity", QUERY),
    "ec2": ("describe_regions", EC2),
}


def run(tally: Tally, aws: Aws) -> None:
    """Every service."""
    for service, (operation, words) in CALLS.items():
        with tally.part(f"{service}: signatures"):
            def call(*, _service: str = service, _operation: str = operation, **changes: Any) -> object:
                return getattr(aws.client(_service, **changes), _operation)()

            tally.check("signed, it is answered", bool(call()))
            tally.refused("not signed", *words.unsigned, call, signature_version=botocore.UNSIGNED)
            tally.refused("an unknown access key", *words.unknown, call, aws_access_key_id="AKIAUNKNOWN000000000")
            tally.refused("another secret", *words.wrong, call, aws_secret_access_key="another")
            tally.refused("a session token that is not the key's", *words.unknown, call, aws_session_token="another")
            tally.refused("a Region that is not enabled", *words.unknown, call, region_name="af-south-1")
            late = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=16)
            with mock.patch("botocore.auth.get_current_datetime", return_value=late.replace(tzinfo=None)):
                tally.refused("signed a quarter of an hour ago", *words.late, call)
