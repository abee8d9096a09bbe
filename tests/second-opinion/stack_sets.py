"""The same calls to the sandbox and to moto, about StackSets: their answers have to agree.

Usage: python stack_sets.py

Both have the same organization. Only StackSets with service-managed permissions are compared: the sandbox has no
others. moto is at the end of an operation when it answers; the sandbox takes its time, and is waited for.
"""
import json
import re
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

from agreement import Step, answers, compare, still_seen
from known_differences import FAULTS_OF_STACK_SETS, IN_STACK_SETS, Known
from organization import MEMBERS, Ids, prepare
from servers import ACCOUNT, Aws, moto, sandbox
from tally import Tally

REGION, ELSEWHERE = "us-east-1", "eu-west-1"
NOBODY, NO_UNIT = "999999999999", "ou-aaaa-aaaaaaaa"
TEMPLATE = json.dumps({
    "Parameters": {"Days": {"Type": "Number", "Default": "30"}},
    "Resources": {"Group": {"Type": "AWS::Logs::LogGroup", "Properties": {
        "LogGroupName": "/second-opinion", "RetentionInDays": {"Ref": "Days"}}}}})
FORTNIGHT, WEEK = ([{"ParameterKey": "Days", "ParameterValue": days}] for days in ("14", "7"))
UNKNOWN = [{"ParameterKey": "Weeks", "ParameterValue": "2"}]
AUTOMATIC = {"Enabled": True, "RetainStacksOnAccountRemoval": False}
SECONDS = 60
UNDER_WAY = {"QUEUED", "RUNNING", "STOPPING"}


class SetIds(Ids):
    """Makes answers about StackSets comparable."""

    UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
    SET = re.compile(rf"(?<![\w-])[a-z]+:{UUID.pattern}")

    def _set(self, found: re.Match[str]) -> str:
        name = found[0].partition(":")[0]
        taken = sum(known.startswith(f"{name}#") for known in self.numbers.values())
        return self.numbers.setdefault(found[0], f"{name}#{taken + 1}")

    def value(self, value: Any) -> Any:
        """Sets are numbered by name, in the order in which they are seen; one other id is as good as the next."""
        if isinstance(value, str):
            value = self.UUID.sub("(uuid)", self.SET.sub(self._set, value))
        return super().value(value)


class Script:
    """A sequence of calls, each with what the ones before have given."""

    def __init__(self, aws: Aws) -> None:
        self.api = aws.client("cloudformation")
        self.careless = aws.client("cloudformation", strict=False)
        organizations = aws.client("organizations")
        root = organizations.list_roots()["Roots"][0]["Id"]
        units = organizations.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]
        self.unit = next(unit["Id"] for unit in units if unit["Name"] == "Sandbox")
        self.account = organizations.list_accounts_for_parent(ParentId=self.unit)["Accounts"][0]["Id"]
        self.id = ""
        # What an operation is called here, and by its server.
        self.operations: dict[str, str] = {}

    def steps(self) -> Iterator[Step]:
        """The calls in order, each with a name."""
        yield from self._nothing()
        yield from self._sets()
        yield from self._refused_sets()
        yield from self._deploy()
        yield from self._operations()
        yield from self._overrides()
        yield from self._updates()
        yield from self._refused()
        yield from self._ends()
        yield from self._twice()

    def _create(self, name: str = "guard", **changes: Any) -> Any:
        asked = {
            "StackSetName": name, "TemplateBody": TEMPLATE, "Description": "log groups", "Parameters": FORTNIGHT,
            "PermissionModel": "SERVICE_MANAGED", "AutoDeployment": AUTOMATIC, "Capabilities": ["CAPABILITY_IAM"],
            "Tags": [{"Key": "team", "Value": "security"}], "ClientRequestToken": "first"} | changes
        return self.api.create_stack_set(**{member: value for member, value in asked.items() if value is not None})

    def _operation(self, step: str, call: Any, **asked: Any) -> Step:
        """A call that begins an operation, and the wait for its end."""
        def begin() -> Any:
            name = asked.pop("StackSetName", "guard")
            answer = call(StackSetName=name, **asked)
            self.operations[step] = answer["OperationId"]
            deadline = time.monotonic() + SECONDS
            while time.monotonic() < deadline:
                seen = self.api.describe_stack_set_operation(StackSetName=name, OperationId=answer["OperationId"])
                if seen["StackSetOperation"]["Status"] not in UNDER_WAY:
                    return answer
                time.sleep(0.1)
            raise TimeoutError(f"{step} has not ended after {SECONDS} seconds")
        return step, begin

    def _targets(self, unit: str = "") -> dict[str, Any]:
        return {"DeploymentTargets": {"OrganizationalUnitIds": [unit or self.unit]}}

    def _instances(self) -> Any:
        """Region by Region, whatever the order."""
        summaries = self.api.list_stack_instances(StackSetName="guard")["Summaries"]
        return sorted(summaries, key=lambda summary: summary["Region"])

    def _instance(self, account: str, region: str, name: str = "guard") -> Any:
        return self.api.describe_stack_instance(
            StackSetName=name, StackInstanceAccount=account, StackInstanceRegion=region)

    def _nothing(self) -> Iterator[Step]:
        api, asked = self.api, {"StackSetName": "nothing"}
        yield "sets before there are any", api.list_stack_sets
        yield "describe nothing", partial(api.describe_stack_set, **asked)
        yield "update nothing", partial(api.update_stack_set, **asked, TemplateBody=TEMPLATE)
        yield "deploy nothing", partial(api.create_stack_instances, **asked, **self._targets(), Regions=[REGION])
        yield "instances of nothing", partial(api.list_stack_instances, **asked)
        yield "instance of nothing", partial(self._instance, self.account, REGION, "nothing")
        yield "operations of nothing", partial(api.list_stack_set_operations, **asked)
        yield "operation of nothing", partial(api.describe_stack_set_operation, **asked, OperationId="x")
        yield "results of nothing", partial(api.list_stack_set_operation_results, **asked, OperationId="x")
        yield "undeploy nothing", partial(
            api.delete_stack_instances, **asked, **self._targets(), Regions=[REGION], RetainStacks=False)
        yield "stop nothing", partial(api.stop_stack_set_operation, **asked, OperationId="x")
        yield "delete nothing", partial(api.delete_stack_set, **asked)

    def _sets(self) -> Iterator[Step]:
        api = self.api

        def create() -> Any:
            answer = self._create()
            self.id = answer["StackSetId"]
            return answer
        yield "create", create
        yield "describe", partial(api.describe_stack_set, StackSetName="guard")
        yield "describe by id", lambda: api.describe_stack_set(StackSetName=self.id)["StackSet"]["StackSetName"]
        yield "sets", api.list_stack_sets
        yield "instances before there are any", partial(api.list_stack_instances, StackSetName="guard")
        yield "operations before there are any", partial(api.list_stack_set_operations, StackSetName="guard")

    def _refused_sets(self) -> Iterator[Step]:
        yield "create without a template", partial(self._create, "none", TemplateBody=None)
        yield "create from a broken template", partial(self._create, "broken", TemplateBody="{")
        yield "create with an unknown parameter", partial(self._create, "unknown", Parameters=UNKNOWN)
        for name in ("1st", "under_score", "a" * 129):
            yield f"create {name[:11]}", partial(self._create, name)

    def _deploy(self) -> Iterator[Step]:
        api = self.api
        asked = {"StackSetName": "guard", "Regions": [REGION]}
        yield "deploy to accounts", partial(api.create_stack_instances, **asked, Accounts=[self.account])
        yield "deploy to accounts without units", partial(
            api.create_stack_instances, **asked, DeploymentTargets={"Accounts": [self.account]})
        yield "deploy to what is no unit", partial(self.careless.create_stack_instances, **asked, **self._targets("me"))
        yield self._operation("deploy", api.create_stack_instances, **self._targets(), Regions=[REGION])
        yield "instances", self._instances
        yield "instance", partial(self._instance, self.account, REGION)
        yield "no instance, of nobody", partial(self._instance, NOBODY, REGION)
        yield "no instance, in another Region", partial(self._instance, self.account, ELSEWHERE)
        yield "describe after that", partial(api.describe_stack_set, StackSetName="guard")

    def _operations(self) -> Iterator[Step]:
        api, none = self.api, {"StackSetName": "guard", "OperationId": "nothing"}

        def mine() -> dict[str, str]:
            return {"StackSetName": "guard", "OperationId": self.operations["deploy"]}
        yield "operations", lambda: api.list_stack_set_operations(StackSetName="guard")["Summaries"]
        yield "operation", lambda: api.describe_stack_set_operation(**mine())
        yield "results", lambda: api.list_stack_set_operation_results(**mine())["Summaries"]
        yield "stop what has ended", lambda: api.stop_stack_set_operation(**mine())
        yield "status after that", lambda: api.describe_stack_set_operation(**mine())["StackSetOperation"]["Status"]
        yield "no operation", partial(api.describe_stack_set_operation, **none)
        yield "results of no operation", partial(api.list_stack_set_operation_results, **none)
        yield "stop no operation", partial(api.stop_stack_set_operation, **none)

    def _overrides(self) -> Iterator[Step]:
        api = self.api
        yield self._operation("deploy elsewhere, with an id", api.create_stack_instances, **self._targets(),
                              Regions=[ELSEWHERE], ParameterOverrides=WEEK, OperationId="first")
        yield "instance elsewhere", partial(self._instance, self.account, ELSEWHERE)
        yield "instances of a Region", lambda: [
            instance["Region"] for instance in api.list_stack_instances(
                StackSetName="guard", StackInstanceAccount=self.account, StackInstanceRegion=REGION)["Summaries"]]
        yield "instances of nobody", lambda: len(api.list_stack_instances(
            StackSetName="guard", StackInstanceAccount=NOBODY)["Summaries"])
        yield self._operation("deploy again", api.create_stack_instances, **self._targets(), Regions=[REGION])
        yield "instances after that", lambda: [instance["Region"] for instance in self._instances()]
        yield self._operation("override", api.update_stack_instances, **self._targets(), Regions=[REGION],
                              ParameterOverrides=WEEK)
        yield "instance with overrides", lambda: self._instance(
            self.account, REGION)["StackInstance"].get("ParameterOverrides")

    def _updates(self) -> Iterator[Step]:
        api = self.api
        yield self._operation("update", api.update_stack_set, UsePreviousTemplate=True, Parameters=WEEK,
                              Description="fewer days", Capabilities=["CAPABILITY_IAM"], OperationId="second")
        yield "describe after update", partial(api.describe_stack_set, StackSetName="guard")
        yield "operation of the update", lambda: api.describe_stack_set_operation(
            StackSetName="guard", OperationId="second")
        yield "actions", lambda: [
            operation["Action"] for operation in api.list_stack_set_operations(StackSetName="guard")["Summaries"]]
        yield self._operation("update without id", api.update_stack_set, TemplateBody=TEMPLATE, Parameters=FORTNIGHT)
        yield "statuses after that", lambda: [instance["Status"] for instance in self._instances()]

    def _refused(self) -> Iterator[Step]:
        api, update = self.api, {"StackSetName": "guard", "TemplateBody": TEMPLATE}
        here = {"StackSetName": "guard", "Regions": [REGION], **self._targets()}
        yield "deploy, the id is taken", partial(api.create_stack_instances, **here, OperationId="second")
        yield "update, the id is taken", partial(api.update_stack_set, **update, OperationId="second")
        yield "override, the id is taken", partial(api.update_stack_instances, **here, OperationId="second")
        yield "undeploy, the id is taken", partial(
            api.delete_stack_instances, **here, RetainStacks=False, OperationId="second")
        yield "update, no template", partial(api.update_stack_set, StackSetName="guard")
        yield "update, two templates", partial(api.update_stack_set, **update, UsePreviousTemplate=True)
        yield "update, an unknown parameter", partial(api.update_stack_set, **update, Parameters=UNKNOWN)
        yield self._operation(
            "deploy to no unit", api.create_stack_instances, **self._targets(NO_UNIT), Regions=[REGION])
        yield "delete, not empty", partial(api.delete_stack_set, StackSetName="guard")

    def _ends(self) -> Iterator[Step]:
        api = self.api
        yield self._operation(
            "undeploy", api.delete_stack_instances, **self._targets(), Regions=[REGION, ELSEWHERE], RetainStacks=False)
        yield "operation of undeploying", lambda: api.describe_stack_set_operation(
            StackSetName="guard", OperationId=self.operations["undeploy"])
        yield "instances after undeploying", lambda: len(api.list_stack_instances(StackSetName="guard")["Summaries"])
        # For moto, which is then as far as AWS is before.
        yield "undeploy from accounts", partial(
            api.delete_stack_instances, StackSetName="guard", Accounts=[self.account], Regions=[REGION, ELSEWHERE],
            RetainStacks=False)
        yield "no instances any more", partial(api.list_stack_instances, StackSetName="guard")
        yield "delete", partial(api.delete_stack_set, StackSetName="guard")
        yield "delete again", partial(api.delete_stack_set, StackSetName="guard")
        yield "describe what is gone", partial(api.describe_stack_set, StackSetName="guard")
        yield "describe what is gone, by id", lambda: api.describe_stack_set(
            StackSetName=self.id)["StackSet"]["Status"]
        yield "update what is gone", partial(api.update_stack_set, StackSetName="guard", TemplateBody=TEMPLATE)
        yield "instances of what is gone", partial(api.list_stack_instances, StackSetName="guard")
        yield "operations of what is gone", partial(api.list_stack_set_operations, StackSetName="guard")
        yield "active sets", lambda: [
            entry["StackSetName"] for entry in api.list_stack_sets(Status="ACTIVE")["Summaries"]]
        yield "deleted sets", lambda: "guard" in [
            entry["StackSetName"] for entry in api.list_stack_sets(Status="DELETED")["Summaries"]]
        yield "the name is free again", lambda: self._create()["StackSetId"] != self.id

    def _twice(self) -> Iterator[Step]:
        # At the end: moto has two sets of one name then.
        yield "create twice", partial(self._create, "twice")
        yield "create twice again, with the token", partial(self._create, "twice")
        yield "create twice again, with another token", partial(self._create, "twice", ClientRequestToken="second")
        yield self._operation(
            "update twice", self.api.update_stack_set, StackSetName="twice", TemplateBody=TEMPLATE, Parameters=WEEK)
        yield "create twice again, changed", partial(self._create, "twice")


def main() -> None:
    """Asks both and compares."""
    tally = Tally()
    met: set[Known] = set()
    known = [*IN_STACK_SETS, *FAULTS_OF_STACK_SETS]
    members = [part for path, account in MEMBERS.items() for part in ("--member", f"{path}={account}")]
    with tally.part("the same calls, about StackSets"), moto(REGION) as other, sandbox(
        "--empty", "--account", ACCOUNT, "--region", REGION, "--region", ELSEWHERE, *members,
    ) as own:
        prepare(other)
        theirs, ours = (answers(Script(aws).steps(), SetIds()) for aws in (other, own))
        met = compare(tally, theirs, ours, known)
    still_seen(tally, known, met)
    tally.finish()


if __name__ == "__main__":
    main()
