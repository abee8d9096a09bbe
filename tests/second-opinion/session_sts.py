"""STS: who am I, and becoming someone else."""
import datetime
from typing import Any

from servers import Aws
from tally import Tally


def _near(moment: datetime.datetime, seconds: int) -> bool:
    return abs((moment - datetime.datetime.now(datetime.UTC)).total_seconds() - seconds) < 30


def as_session(aws: Aws, credentials: dict[str, Any]) -> Aws:
    """The same server, for a session of a role."""
    return Aws(aws.environment | {
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
        "AWS_SESSION_TOKEN": credentials["SessionToken"],
    })


def run(tally: Tally, aws: Aws) -> None:
    """Identity, roles, and the ends of what they may."""
    sts = aws.client("sts")
    with tally.part("sts: identity"):
        me = sts.get_caller_identity()
        tally.equal("account", me["Account"], "111122223333")
        tally.equal("ARN", me["Arn"], "arn:aws:iam::111122223333:user/administrator")
        tally.check("the id is a user's", me["UserId"].startswith("AIDA"), me["UserId"])

    role = "arn:aws:iam::444455556666:role/audit/reader"
    asked = {"RoleArn": role, "RoleSessionName": "second-opinion"}
    with tally.part("sts: roles"):
        assumed = sts.assume_role(**asked)
        tally.check("a session lasts an hour", _near(assumed["Credentials"]["Expiration"], 3600))
        session = as_session(aws, assumed["Credentials"])
        there = session.client("sts").get_caller_identity()
        tally.equal("its account", there["Account"], "444455556666")
        tally.equal("its ARN has no path", there["Arn"], "arn:aws:sts::444455556666:assumed-role/reader/second-opinion")
        tally.equal("the same as STS has said", there["Arn"], assumed["AssumedRoleUser"]["Arn"])
        tally.equal("its id", there["UserId"], assumed["AssumedRoleUser"]["AssumedRoleId"])
        names = [notebook["NotebookInstanceName"] for page in session.client("sagemaker").get_paginator(
            "list_notebook_instances").paginate() for notebook in page["NotebookInstances"]]
        tally.check("it reads that account", bool(names), names)
        short = sts.assume_role(**asked, DurationSeconds=900)["Credentials"]
        tally.check("or as long as it was asked for", _near(short["Expiration"], 900))
        no_token = {"aws_access_key_id": short["AccessKeyId"], "aws_secret_access_key": short["SecretAccessKey"]}
        tally.refused("a session without its token", "InvalidClientTokenId", 403,
                      aws.client("sts", **no_token).get_caller_identity)

    with tally.part("sts: refusals"):
        def refused(what: str, code: str, status: int, **changes: Any) -> None:
            tally.refused(what, code, status, aws.client("sts", strict=False).assume_role, **(asked | changes))

        refused("less than 15 minutes", "ValidationError", 400, DurationSeconds=899)
        refused("more than 12 hours", "ValidationError", 400, DurationSeconds=43201)
        refused("a session name with a blank", "ValidationError", 400, RoleSessionName="second opinion")
        refused("a session name of one letter", "ValidationError", 400, RoleSessionName="s")
        refused("no role's ARN", "ValidationError", 400, RoleArn="arn:aws:iam::444455556666:user/reader")
        refused("an account that does not exist", "AccessDenied", 403, RoleArn="arn:aws:iam::999999999999:role/reader")
        tally.refused("more than an hour from a role", "ValidationError", 400,
                      session.client("sts").assume_role, **asked, DurationSeconds=3601)
