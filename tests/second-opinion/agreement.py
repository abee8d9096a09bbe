"""The same calls to the sandbox and to moto, an AWS that others have written: their answers have to agree.

Usage: python agreement.py

Ids are numbered and times blotted out before the comparison. What is known to differ is listed in known_differences.py,
with the reason why AWS does as the sandbox does; any other difference fails, and so does a known one that is no longer
seen.
"""
import contextlib
import datetime
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from known_differences import ACCEPTED, IN_ANSWERS, MISSING, Known
from servers import ACCOUNT, Aws, moto, sandbox
from tally import Tally

REGION = "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-role/notebooks"
ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:notebook-instance"
SUBNET = "subnet-0a1b2c3d4e5f60718"

Step = tuple[str, Callable[[], Any]]


class Script:
    """A sequence of calls, each with what the ones before have given."""

    def __init__(self, aws: Aws) -> None:
        self.sagemaker = aws.client("sagemaker")
        self.ec2 = aws.client("ec2")
        self.sts = aws.client("sts")
        self.groups: dict[str, str] = {}
        self.domain = ""

    def steps(self) -> Iterator[Step]:
        """The calls in order, each with a name."""
        yield "who am I", self.sts.get_caller_identity
        yield from self._groups()
        yield from self._notebooks()
        yield from self._tags()
        yield from self._listings()
        yield from self._life()
        yield from self._domains()
        yield from self._ends()

    def _group(self, name: str) -> Step:
        def create() -> Any:
            answer = self.ec2.create_security_group(GroupName=name, Description=f"the {name} group")
            self.groups[name] = answer["GroupId"]
            return answer
        return f"create group {name}", create

    def _groups(self) -> Iterator[Step]:
        ec2 = self.ec2
        yield self._group("open")
        yield self._group("closed")
        yield "create group open again", lambda: ec2.create_security_group(GroupName="open", Description="again")
        for name, cidr in (("open", "0.0.0.0/0"), ("closed", "10.0.0.0/8")):
            yield f"authorize {name}", partial(self._admit, name, {
                "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
                "IpRanges": [{"CidrIp": cidr, "Description": "web"}]})
        yield "authorize open by IPv6", partial(self._admit, "open", {
            "IpProtocol": "udp", "FromPort": 53, "ToPort": 60, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]})
        yield "authorize closed for itself", lambda: self._admit(
            "closed", {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": self.groups["closed"]}]})
        yield "authorize open again", partial(self._admit, "open", {
            "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]})
        yield "authorize a group that is not there", lambda: ec2.authorize_security_group_ingress(
            GroupId="sg-0123456789abcdef0", IpProtocol="tcp", FromPort=1, ToPort=1, CidrIp="10.0.0.0/8")
        for name in ("open", "closed"):
            yield f"describe {name} by id", partial(self._described, name)
        yield "describe by filter group-id", lambda: ec2.describe_security_groups(
            Filters=[{"Name": "group-id", "Values": sorted(self.groups.values())}])
        yield "describe by filter group-name", lambda: ec2.describe_security_groups(
            Filters=[{"Name": "group-name", "Values": ["op*", "closed"]}])
        yield "describe by filter without a match", lambda: ec2.describe_security_groups(
            Filters=[{"Name": "group-name", "Values": ["nothing"]}])
        yield "describe a group that is not there", lambda: ec2.describe_security_groups(
            GroupIds=["sg-0123456789abcdef0"])
        yield "describe what is no id", lambda: ec2.describe_security_groups(GroupIds=["sg-xyz"])

    def _admit(self, name: str, permission: dict[str, Any]) -> Any:
        return self.ec2.authorize_security_group_ingress(GroupId=self.groups[name], IpPermissions=[permission])

    def _described(self, name: str) -> Any:
        return self.ec2.describe_security_groups(GroupIds=[self.groups[name]])

    def _create(self, name: str, **more: Any) -> Step:
        return f"create {name}", lambda: self.sagemaker.create_notebook_instance(**({
            "NotebookInstanceName": name, "InstanceType": "ml.t3.medium", "RoleArn": ROLE} | {
                member: value() if callable(value) else value for member, value in more.items()}))

    def _notebooks(self) -> Iterator[Step]:
        sagemaker = self.sagemaker
        yield self._create("defaults")
        yield self._create(
            "good", SubnetId=SUBNET, SecurityGroupIds=lambda: [self.groups["closed"]], DirectInternetAccess="Disabled",
            RootAccess="Disabled", KmsKeyId="0a1b2c3d-0000-4000-8000-000000000001", VolumeSizeInGB=50,
            InstanceMetadataServiceConfiguration={"MinimumInstanceMetadataServiceVersion": "2"},
            PlatformIdentifier="notebook-al2023-v1", Tags=[{"Key": "team", "Value": "fraud"}])
        yield self._create("Upper-Case", SubnetId=SUBNET, SecurityGroupIds=lambda: [self.groups["open"]],
                           DirectInternetAccess="Enabled", RootAccess="Enabled")
        yield self._create("defaults")
        yield self._create("no-subnet", DirectInternetAccess="Disabled")
        yield self._create("maybe", DirectInternetAccess="Maybe")
        yield self._create("under_score")
        yield "remove what should not be there", self._remove_the_wrong
        for name in ("defaults", "good", "Upper-Case", "nobody"):
            yield f"describe {name}", partial(sagemaker.describe_notebook_instance, NotebookInstanceName=name)

    def _remove_the_wrong(self) -> None:
        for name in ("no-subnet", "maybe", "under_score"):
            with contextlib.suppress(ClientError):
                self.sagemaker.stop_notebook_instance(NotebookInstanceName=name)
                self.sagemaker.delete_notebook_instance(NotebookInstanceName=name)

    def _tags(self) -> Iterator[Step]:
        sagemaker = self.sagemaker
        yield "tags of good", lambda: sagemaker.list_tags(ResourceArn=f"{ARN}/good")
        yield "tags of defaults", lambda: sagemaker.list_tags(ResourceArn=f"{ARN}/defaults")
        yield "add tags", lambda: sagemaker.add_tags(
            ResourceArn=f"{ARN}/good", Tags=[{"Key": "team", "Value": "risk"}, {"Key": "data", "Value": "secret"}])
        yield "tags after adding", lambda: sagemaker.list_tags(ResourceArn=f"{ARN}/good")
        yield "delete tags", lambda: sagemaker.delete_tags(ResourceArn=f"{ARN}/good", TagKeys=["team"])
        yield "tags after deleting", lambda: sagemaker.list_tags(ResourceArn=f"{ARN}/good")

    def _listings(self) -> Iterator[Step]:
        sagemaker = self.sagemaker
        for order in ("Ascending", "Descending"):
            by_name = {"SortBy": "Name", "SortOrder": order}
            yield f"list by name {order}", partial(sagemaker.list_notebook_instances, **by_name)
        yield "list by status", lambda: sagemaker.list_notebook_instances(StatusEquals="InService", NameContains="good")
        yield "list no status", lambda: sagemaker.list_notebook_instances(StatusEquals="Failed")
        yield "list by a part of the name", lambda: sagemaker.list_notebook_instances(NameContains="oo")
        yield "list page by page", lambda: sagemaker.get_paginator("list_notebook_instances").paginate(
            SortBy="Name", SortOrder="Ascending", PaginationConfig={"PageSize": 1}).build_full_result()
        yield "list with a bad token", lambda: sagemaker.list_notebook_instances(NextToken="bm9uZQ")
        yield "list a thousand", lambda: sagemaker.list_notebook_instances(
            SortBy="Name", SortOrder="Ascending", MaxResults=1000)

        def many() -> Any:
            for number in range(12):
                sagemaker.create_notebook_instance(
                    NotebookInstanceName=f"many-{number:02}", InstanceType="ml.t3.medium", RoleArn=ROLE)
            return [entry["NotebookInstanceName"] for entry in sagemaker.list_notebook_instances(
                SortBy="Name", SortOrder="Ascending", NameContains="many")["NotebookInstances"]]
        yield "list twelve", many

    def _life(self) -> Iterator[Step]:
        for step in (
            "delete good", "start good", "stop good, running", "describe good", "stop good, stopped",
            "start good, stopped", "describe good", "stop good, running", "delete good, stopped", "describe good, gone",
            "stop nobody", "start nobody", "delete nobody",
        ):
            operation, name = step.partition(",")[0].split()
            call = getattr(self.sagemaker, f"{operation}_notebook_instance")
            yield step, partial(call, NotebookInstanceName=name)
        yield "list after that", lambda: self.sagemaker.list_notebook_instances(
            SortBy="Name", SortOrder="Ascending", NameContains="e")

    def _domains(self) -> Iterator[Step]:
        sagemaker = self.sagemaker
        asked = {"AuthMode": "IAM", "DefaultUserSettings": {"ExecutionRole": ROLE}, "SubnetIds": [SUBNET],
                 "VpcId": "vpc-0a1b2c3d"}

        def create() -> Any:
            answer = sagemaker.create_domain(DomainName="research", AppNetworkAccessType="VpcOnly", **asked)
            self.domain = answer["DomainArn"].rpartition("/")[2]
            return answer
        yield "create domain", create
        yield "describe domain", lambda: sagemaker.describe_domain(DomainId=self.domain)
        yield "list domains", sagemaker.list_domains
        yield "create domain again", lambda: sagemaker.create_domain(DomainName="research", **asked)
        yield "delete domain", lambda: sagemaker.delete_domain(DomainId=self.domain)
        yield "describe domain after that", lambda: sagemaker.describe_domain(DomainId=self.domain)
        yield "list domains after that", sagemaker.list_domains

    def _ends(self) -> Iterator[Step]:
        yield "delete group closed", lambda: self.ec2.delete_security_group(GroupId=self.groups["closed"])
        yield "delete group closed again", lambda: self.ec2.delete_security_group(GroupId=self.groups["closed"])
        yield "delete group open, in use", lambda: self.ec2.delete_security_group(GroupId=self.groups["open"])


class Normal:
    """Makes answers comparable: ids become numbers in their order of appearance, times become a word."""

    # moto makes a domain's id from its name.
    IDS = re.compile(r"\b(?:sg|sgr|vpc|eni)-[0-9a-f]{17}\b|\bd-(?:[0-9a-z]{12}|research)\b")

    def __init__(self) -> None:
        self.numbers: dict[str, str] = {}

    def _id(self, found: re.Match[str]) -> str:
        kind = found[0].partition("-")[0]
        taken = sum(name.startswith(f"{kind}#") for name in self.numbers.values())
        return self.numbers.setdefault(found[0], f"{kind}#{taken + 1}")

    def value(self, value: Any) -> Any:
        """A value without what is different each time; lists of resources and tags in one order."""
        match value:
            case dict():
                return {name: self.value(entry) for name, entry in value.items() if name != "ResponseMetadata"}
            case list():
                order = ("GroupName", "Key")
                key = next((name for name in order if value and isinstance(value[0], dict) and name in value[0]), None)
                return [self.value(entry) for entry in (sorted(value, key=lambda e: e[key]) if key else value)]
            case datetime.datetime():
                return "(time)"
            case str():
                return self.IDS.sub(self._id, value)
        return value


def answers(steps: Iterator[Step], normal: Normal) -> dict[str, Any]:
    """What a server answers, step by step. A refusal is its code and status, and whether it says RecordNotFound."""
    seen = {}
    for number, (name, call) in enumerate(steps, 1):
        try:
            answer = {"accepted": normal.value(call())}
        except ClientError as error:
            code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
            # The one message that the product reads.
            gone = " RecordNotFound" if "RecordNotFound" in error.response["Error"].get("Message", "") else ""
            answer = {"refused": f"{code} {status}{gone}"}
        except ResponseParserError:
            answer = {"refused": "an answer that is not of the protocol"}
        seen[f"{number:02} {name}"] = answer
    return seen


def differences(theirs: Any, ours: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two answers differ: path, moto's value, the sandbox's."""
    if path == "" and not theirs.keys() == ours.keys() == {"accepted"}:
        # A refusal, or two.
        theirs, ours = theirs.get("refused", ACCEPTED), ours.get("refused", ACCEPTED)
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for name in sorted(theirs.keys() | ours.keys()):
            at = f"{path}.{name}".lstrip(".")
            yield from differences(theirs.get(name, MISSING), ours.get(name, MISSING), at)
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        for place, (their, our) in enumerate(zip(theirs, ours, strict=True)):
            yield from differences(their, our, f"{path}[{place}]")
    elif theirs != ours:
        yield path, theirs, ours


def compare(tally: Tally, theirs: dict[str, Any], ours: dict[str, Any], known: list[Known]) -> set[Known]:
    """Compares all answers; gives the known differences that were met."""
    met: set[Known] = set()
    tally.equal("both have taken every step", list(theirs), list(ours))
    for step in ours:
        found = list(differences(theirs[step], ours[step]))
        unknown = []
        for path, their, our in found:
            rows = [row for row in known if row.fits(step[3:], path, their, our)]
            met.update(rows)
            if not rows:
                unknown.append(f"\n          {path or '(whole)'}: moto {their!r}, sandbox {our!r}")
        excused = f" (known differences: {len(found) - len(unknown)})" if len(found) > len(unknown) else ""
        tally.check(f"{step}{excused}", not unknown, "".join(unknown))
    return met


def still_seen(tally: Tally, known: list[Known], met: set[Known]) -> None:
    """A known difference that is no longer seen fails."""
    with tally.part("the known differences"):
        for row in known:
            what = f"{row.step}: {row.path or '(whole)'}: {row.reason} ({row.source})"
            tally.check(what, row in met, "no longer seen: take it off the list")


def main() -> None:
    """Asks both and compares."""
    tally = Tally()
    met: set[Known] = set()
    with tally.part("the same calls"), moto(REGION) as other, sandbox(
        "--empty", "--account", ACCOUNT, "--region", REGION,
    ) as own:
        theirs, ours = (answers(Script(aws).steps(), Normal()) for aws in (other, own))
        met = compare(tally, theirs, ours, IN_ANSWERS)
    still_seen(tally, IN_ANSWERS, met)
    tally.finish()


if __name__ == "__main__":
    main()
