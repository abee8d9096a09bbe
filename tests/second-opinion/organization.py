"""The same calls to the sandbox and to moto, in an organization: their answers have to agree.

Usage: python organization.py

moto makes its organization by API; the sandbox has it from the start, with the same tree. Then both are asked the same.
Names and addresses of accounts are blotted out, because who makes the organization chooses them.
"""
import contextlib
import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from agreement import Normal, Step, answers, compare, still_seen
from known_differences import IN_ORGANIZATIONS, Known
from servers import ACCOUNT, Aws, moto, sandbox
from tally import Tally

REGION = "us-east-1"
MEMBERS = {"Prod/Payments": "222233334444", "Sandbox": "333344445555"}
SCP = "SERVICE_CONTROL_POLICY"
CONTENT = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Deny", "Action": "sagemaker:CreateDomain", "Resource": "*"}]})
SERVICE = "config-multiaccountsetup.amazonaws.com"


class Ids(Normal):
    """Makes answers about organizations comparable."""

    IDS = re.compile(r"\b(?:o-[0-9a-z]{10,32}|r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|p-[0-9a-z]{8,128})\b"
                     r"|\b[0-9]{12}\b")

    def _id(self, found: re.Match[str]) -> str:
        kind = "account" if found[0].isdigit() else found[0].partition("-")[0]
        taken = sum(name.startswith(f"{kind}#") for name in self.numbers.values())
        return self.numbers.setdefault(found[0], f"{kind}#{taken + 1}")

    def value(self, value: Any) -> Any:
        """Accounts without what they were named."""
        if isinstance(value, dict):
            mine = {"Name", "Email", "MasterAccountEmail"} if "Email" in value or "MasterAccountId" in value else set()
            mine |= {"Name"} if value.get("Type") == "ACCOUNT" else set()
            value = {name: entry for name, entry in value.items() if name not in mine}
        return super().value(value)


def prepare(aws: Aws) -> None:
    """Makes in moto what the sandbox has from the start: the tree, and service control policies in force."""
    organizations = aws.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    with contextlib.suppress(organizations.exceptions.PolicyTypeAlreadyEnabledException):
        organizations.enable_policy_type(RootId=root, PolicyType=SCP)
    for path in MEMBERS:
        parent = root
        for name in path.split("/"):
            unit = organizations.create_organizational_unit(ParentId=parent, Name=name)
            parent = unit["OrganizationalUnit"]["Id"]
        made = organizations.create_account(Email=f"{len(path)}@example.com", AccountName=path)
        account = made["CreateAccountStatus"]["AccountId"]
        organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=parent)


class Script:
    """A sequence of calls, each with what the ones before have given."""

    def __init__(self, aws: Aws) -> None:
        self.api = aws.client("organizations")
        self.careless = aws.client("organizations", strict=False)
        self.root = self.api.list_roots()["Roots"][0]["Id"]
        self.units = {}
        for parent in (self.root, None):
            found = self.api.list_organizational_units_for_parent(ParentId=parent or self.units["Prod"])
            self.units |= {unit["Name"]: unit["Id"] for unit in found["OrganizationalUnits"]}
        members = self.api.list_accounts_for_parent(ParentId=self.units["Payments"])["Accounts"]
        self.account = members[0]["Id"]
        self.other = self.api.list_accounts_for_parent(ParentId=self.units["Sandbox"])["Accounts"][0]["Id"]
        self.policy = ""

    def steps(self) -> Iterator[Step]:
        """The calls in order, each with a name."""
        yield from self._tree()
        yield from self._policies()
        yield from self._attachments()
        yield from self._trust()
        yield from self._accounts()

    def _tree(self) -> Iterator[Step]:
        api = self.api
        yield "describe organization", api.describe_organization
        yield "roots", api.list_roots
        yield "units of the root", lambda: sorted(
            unit["Name"] for unit in api.list_organizational_units_for_parent(ParentId=self.root)["OrganizationalUnits"])
        yield "units of a unit", partial(api.list_organizational_units_for_parent, ParentId=self.units["Prod"])
        yield "describe unit", partial(api.describe_organizational_unit, OrganizationalUnitId=self.units["Prod"])
        yield "accounts of a unit", partial(api.list_accounts_for_parent, ParentId=self.units["Payments"])
        yield "accounts of an empty unit", partial(api.list_accounts_for_parent, ParentId=self.units["Prod"])
        yield "accounts", lambda: len(api.list_accounts()["Accounts"])
        yield "describe account", partial(api.describe_account, AccountId=self.account)
        yield "parents of an account", partial(api.list_parents, ChildId=self.account)
        yield "parents of a unit", partial(api.list_parents, ChildId=self.units["Prod"])
        for kind in ("ACCOUNT", "ORGANIZATIONAL_UNIT"):
            yield f"children {kind}", partial(api.list_children, ParentId=self.units["Prod"], ChildType=kind)
        yield "describe no account", partial(api.describe_account, AccountId="999999999999")
        yield "describe no unit", partial(api.describe_organizational_unit, OrganizationalUnitId="ou-aaaa-aaaaaaaa")
        yield "accounts of no unit", partial(api.list_accounts_for_parent, ParentId="ou-aaaa-aaaaaaaa")
        yield "parents of nobody", partial(api.list_parents, ChildId="999999999999")
        yield "what is no id", partial(self.careless.describe_account, AccountId="me")

    def _create(self, name: str, content: str = CONTENT, kind: str = SCP) -> Any:
        return self.api.create_policy(Name=name, Description="no domains", Content=content, Type=kind,
                                      Tags=[{"Key": "team", "Value": "security"}])

    def _policies(self) -> Iterator[Step]:
        api = self.api

        def create() -> Any:
            answer = self._create("domains")
            self.policy = answer["Policy"]["PolicySummary"]["Id"]
            return answer
        yield "create policy", create
        yield "create policy again", partial(self._create, "domains")
        yield "describe policy", lambda: api.describe_policy(PolicyId=self.policy)
        yield "describe AWS's policy", lambda: api.describe_policy(PolicyId="p-FullAWSAccess")["Policy"]["PolicySummary"]
        yield "describe no policy", lambda: api.describe_policy(PolicyId="p-aaaaaaaaaa")
        yield "policies", lambda: sorted(policy["Name"] for policy in api.list_policies(Filter=SCP)["Policies"])
        yield "update policy", lambda: api.update_policy(PolicyId=self.policy, Description="none at all")
        yield "update no policy", lambda: api.update_policy(PolicyId="p-aaaaaaaaaa", Name="x")
        yield "create broken policy", partial(self._create, "broken", "{")
        yield "create long policy", partial(self._create, "long", CONTENT + " " * 10_240)
        yield "tags of policy", lambda: api.list_tags_for_resource(ResourceId=self.policy)
        yield "tag policy", lambda: api.tag_resource(ResourceId=self.policy, Tags=[{"Key": "a", "Value": "b"}])
        yield "untag policy", lambda: api.untag_resource(ResourceId=self.policy, TagKeys=["team"])
        yield "tags of policy after that", lambda: api.list_tags_for_resource(ResourceId=self.policy)

    def _attachments(self) -> Iterator[Step]:
        api, unit = self.api, self.units["Prod"]

        def attach(target: str) -> Any:
            return api.attach_policy(PolicyId=self.policy, TargetId=target)

        def detach(target: str, policy: str = "") -> Any:
            return api.detach_policy(PolicyId=policy or self.policy, TargetId=target)
        yield "attach to unit", partial(attach, unit)
        yield "attach to unit again", partial(attach, unit)
        yield "attach to account", partial(attach, self.account)
        yield "attach to nobody", partial(attach, "999999999999")
        yield "policies for unit", lambda: sorted(
            policy["Name"] for policy in api.list_policies_for_target(TargetId=unit, Filter=SCP)["Policies"])
        yield "policies for account", lambda: sorted(
            policy["Name"] for policy in api.list_policies_for_target(TargetId=self.account, Filter=SCP)["Policies"])
        yield "targets of policy", lambda: sorted(
            target["Type"] for target in api.list_targets_for_policy(PolicyId=self.policy)["Targets"])
        yield "delete policy, in use", lambda: api.delete_policy(PolicyId=self.policy)
        yield "detach AWS's from account", partial(detach, self.account, "p-FullAWSAccess")
        yield "detach last from account", partial(detach, self.account)
        yield "attach AWS's to account", lambda: api.attach_policy(PolicyId="p-FullAWSAccess", TargetId=self.account)
        yield "detach from account", partial(detach, self.account)
        yield "detach from unit", partial(detach, unit)
        yield "detach from unit again", partial(detach, unit)
        yield "delete policy", lambda: api.delete_policy(PolicyId=self.policy)
        yield "delete policy again", lambda: api.delete_policy(PolicyId=self.policy)
        yield "enable type again", partial(api.enable_policy_type, RootId=self.root, PolicyType=SCP)

    def _trust(self) -> Iterator[Step]:
        api, asked = self.api, {"AccountId": self.account, "ServicePrincipal": SERVICE}
        yield "trust", partial(api.enable_aws_service_access, ServicePrincipal=SERVICE)
        yield "trusted services", lambda: SERVICE in [
            entry["ServicePrincipal"]
            for entry in api.list_aws_service_access_for_organization()["EnabledServicePrincipals"]]
        yield "register", partial(api.register_delegated_administrator, **asked)
        yield "register again", partial(api.register_delegated_administrator, **asked)
        yield "register the management account", partial(
            api.register_delegated_administrator, AccountId=ACCOUNT, ServicePrincipal=SERVICE)
        yield "administrators", partial(api.list_delegated_administrators, ServicePrincipal=SERVICE)
        yield "services of administrator", partial(api.list_delegated_services_for_account, AccountId=self.account)
        yield "services of nobody", partial(api.list_delegated_services_for_account, AccountId=self.other)
        yield "deregister", partial(api.deregister_delegated_administrator, **asked)
        yield "deregister again", partial(api.deregister_delegated_administrator, **asked)

    def _accounts(self) -> Iterator[Step]:
        api, here = self.api, self.units["Payments"]
        move = {"AccountId": self.account, "SourceParentId": here, "DestinationParentId": self.root}
        yield "move account", partial(api.move_account, **move)
        yield "parents after that", partial(api.list_parents, ChildId=self.account)
        yield "move account again", partial(api.move_account, **move)
        yield "move nobody", partial(api.move_account, **(move | {"AccountId": "999999999999"}))
        yield "close account", partial(api.close_account, AccountId=self.other)
        yield "close the management account", partial(api.close_account, AccountId=ACCOUNT)


def main() -> None:
    """Asks both and compares."""
    tally = Tally()
    met: set[Known] = set()
    members = [part for path, account in MEMBERS.items() for part in ("--member", f"{path}={account}")]
    with tally.part("the same calls, in an organization"), moto(REGION) as other, sandbox(
        "--empty", "--account", ACCOUNT, "--region", REGION, *members,
    ) as own:
        prepare(other)
        theirs, ours = (answers(Script(aws).steps(), Ids()) for aws in (other, own))
        met = compare(tally, theirs, ours, IN_ORGANIZATIONS)
    still_seen(tally, IN_ORGANIZATIONS, met)
    tally.finish()


if __name__ == "__main__":
    main()
