#!/usr/bin/env python3
"""`deployer install` against moto, an AWS that others have written.

moto makes buckets, roles, functions and log groups from our templates; of AWS Config's rules its CloudFormation only
says that they are made, and some calls of the doctor it does not know. So the part that both have is compared: the
stacks, the bucket, the zip, the function's code, and that a second run finds nothing to change. In the end deployer has
to complain about exactly the rules that moto does not make.

    cargo build --workspace --bins
    python3 tests/second-opinion/install.py

Ends with `N passed, N failed`; exit code 1 if anything failed.
"""
import hashlib
import json
import subprocess
from base64 import b64encode
from typing import Any

from servers import ACCOUNT, PROGRAMS, Aws, bare_environment, moto
from tally import Tally

REGION = "us-east-1"
BUCKET = f"notebook-guard-{ACCOUNT}-{REGION}"
RULES = ["direct-internet-access", "inside-vpc", "root-access", "open-ingress"]


def install(aws: Aws, *flags: str) -> tuple[int, list[dict[str, Any]], str]:
    """A run of the CLI: its exit code, its events and what it says beside them."""
    command = [
        str(PROGRAMS / "deployer"), "install", "--code", str(PROGRAMS / "bootstrap-under-test"), "--format", "json",
        *flags,
    ]
    done = subprocess.run(
        command, env=bare_environment() | aws.environment, capture_output=True, text=True, check=False, timeout=300,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def of(events: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """The event of a kind."""
    return next(event for event in events if event["event"] == kind)


def first_run(tally: Tally, aws: Aws) -> dict[str, Any]:
    """Installs, and looks at what moto has then. Gives the artifact as the plan names it."""
    code, events, told = install(aws, "--yes")
    plan, result = of(events, "plan")["plan"], of(events, "result")
    end = result["regions"][0]
    tally.equal("rules that are only said to be made are a failure", (code, end["end"]), (5, "failed"))
    for rule in RULES:
        tally.check(f"it names {rule}", f"the rule notebook-guard-{rule} is gone" in end.get("message", ""), told)
    tally.check("and nothing else", end.get("message", "").count("is gone") == len(RULES), end)
    stacks = {stack["StackName"]: stack for stack in aws.client("cloudformation").describe_stacks()["Stacks"]}
    tally.equal("both stacks are there", sorted(stacks), ["notebook-guard", "notebook-guard-artifacts"])
    for name, stack in stacks.items():
        tally.equal(f"{name} is made", stack["StackStatus"], "CREATE_COMPLETE")
        tags = {tag["Key"]: tag["Value"] for tag in stack["Tags"]}
        tally.equal(f"{name} is marked as ours", tags.get("notebook-guard:managed"), "true")
    return plan["artifact"]


def what_runs(tally: Tally, aws: Aws, artifact: dict[str, Any]) -> None:
    """The bytes in the bucket, and the function that was made of them."""
    key = f"notebook-guard/{artifact['version']}/{artifact['sha256']}/bootstrap-{artifact['architecture']}.zip"
    body = aws.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    digest = hashlib.sha256(body)
    tally.equal("the zip's SHA-256 is in its key", digest.hexdigest(), artifact["sha256"])
    tally.equal("and its Base64 in the plan", b64encode(digest.digest()).decode(), artifact["codeSha256"])
    function = aws.client("lambda").get_function_configuration(FunctionName="notebook-guard-evaluator")
    tally.equal("the function runs that zip", function["CodeSha256"], artifact["codeSha256"])
    tally.equal("on that processor", function["Architectures"], [artifact["architecture"]])
    tally.equal("with its role", function["Role"].split("/")[-1], f"notebook-guard-{REGION}")
    groups = aws.client("logs").describe_log_groups(logGroupNamePrefix="/notebook-guard/")["logGroups"]
    tally.equal("its log is kept for 90 days", [group["retentionInDays"] for group in groups], [90])
    encryption = aws.client("s3").get_bucket_encryption(Bucket=BUCKET)
    rule = encryption["ServerSideEncryptionConfiguration"]["Rules"][0]
    tally.equal("the bucket encrypts", rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"], "AES256")


def later_runs(tally: Tally, aws: Aws) -> None:
    """Nothing to do, then one change."""
    code, events, told = install(aws, "--yes")
    tally.check("a second run has nothing to do", of(events, "plan")["isEmpty"], told)
    tally.equal("and says what is broken", (code, len(of(events, "damage")["damage"])), (3, len(RULES)))
    code, events, told = install(aws, "--dry-run", "--log-retention", "30")
    steps = of(events, "plan")["plan"]["regions"][0]["steps"]
    changes = [change for step in steps for change in step["changes"]]
    changed = [(change["name"], change["from"], change["to"]) for change in changes if change["kind"] == "parameter"]
    tally.equal("another retention is one change", changed, [("LogRetentionDays", "90", "30")])
    tags = [change["name"] for change in changes if change["kind"] != "parameter"]
    tally.equal("beside the digest of all settings", tags, ["notebook-guard:settings"])


def main() -> None:
    """All parts on one server."""
    tally = Tally()
    with moto(REGION) as aws:
        artifact: dict[str, Any] = {}
        with tally.part("a first run"):
            artifact = first_run(tally, aws)
        with tally.part("what it made"):
            what_runs(tally, aws, artifact)
        with tally.part("later runs"):
            later_runs(tally, aws)
    tally.finish()


if __name__ == "__main__":
    main()
