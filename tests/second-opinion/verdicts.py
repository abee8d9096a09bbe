"""The product's verdicts on one fleet, built with boto3 on moto and on the sandbox: they have to be the same.

Usage: python verdicts.py

`deployer evaluate` judges both; the oracle, which is other code, judges both, too. Where moto leaves out a member that
a check reads, the verdicts differ: those are in known_differences.py, and nothing else may differ.
"""
import json
import subprocess
from typing import Any

import oracle
from known_differences import IN_VERDICTS
from servers import ACCOUNT, PROGRAMS, Aws, bare_environment, moto, sandbox
from tally import Tally

REGION = "us-east-1"
Verdicts = dict[tuple[str, str], str]

ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-role/notebooks"
SUBNET = "subnet-0a1b2c3d4e5f60718"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0a1b2c3d-0000-4000-8000-000000000001"

# Security groups: what they admit.
GROUPS: dict[str, list[dict[str, Any]]] = {
    "closed": [],
    "office": [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "203.0.113.0/24"}]}],
    "ssh-for-all": [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
    "ipv6-for-all": [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}],
    "everything": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
    "half-of-all": [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/1"}]}],
    "hidden": [
        {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
         "IpRanges": [{"CidrIp": "203.0.113.0/24"}, {"CidrIp": "10.0.0.0/8"}]},
        {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53,
         "IpRanges": [{"CidrIp": "192.0.2.0/24"}, {"CidrIp": "0.0.0.0/0"}]},
    ],
}

GOOD: dict[str, Any] = {
    "SubnetId": SUBNET, "SecurityGroupIds": ["closed"], "DirectInternetAccess": "Disabled", "RootAccess": "Disabled",
    "KmsKeyId": KEY, "PlatformIdentifier": "notebook-al2023-v1",
    "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "2"},
}

# Notebooks: the members of their creation, groups by name. A member that is None is left out.
NOTEBOOKS: dict[str, dict[str, Any]] = {
    "defaults": dict.fromkeys(GOOD),
    "good": {},
    "Good-In-Capitals": {},
    "internet-on": {"DirectInternetAccess": "Enabled"},
    "internet-by-default": {"DirectInternetAccess": None},
    "root-on": {"RootAccess": "Enabled"},
    "root-by-default": {"RootAccess": None},
    "no-subnet": {"SubnetId": None, "SecurityGroupIds": None, "DirectInternetAccess": None},
    "no-key": {"KmsKeyId": None},
    "key-by-alias": {"KmsKeyId": "alias/notebooks"},
    "imds-1": {"InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "1"}},
    "imds-by-default": {"InstanceMetadataServiceConfiguration": None},
    "old-platform": {"PlatformIdentifier": "notebook-al2-v2"},
    "stopped": {},
    "open-by-ssh": {"SecurityGroupIds": ["ssh-for-all"]},
    "open-by-ipv6": {"SecurityGroupIds": ["ipv6-for-all"]},
    "open-to-everything": {"SecurityGroupIds": ["everything"]},
    "open-by-one-of-three": {"SecurityGroupIds": ["closed", "office", "everything"]},
    "open-in-the-last-range": {"SecurityGroupIds": ["hidden"]},
    "closed-to-half": {"SecurityGroupIds": ["half-of-all"]},
    "closed-but-for-office": {"SecurityGroupIds": ["closed", "office"]},
}
DOMAINS = {"studio-inside": "VpcOnly", "studio-outside": "PublicInternetOnly", "studio-by-default": None}


def build(aws: Aws) -> None:
    """The fleet, on an empty account."""
    ec2, sagemaker = aws.client("ec2"), aws.client("sagemaker")
    ids = {}
    for name, permissions in GROUPS.items():
        ids[name] = ec2.create_security_group(GroupName=name, Description=name)["GroupId"]
        if permissions:
            ec2.authorize_security_group_ingress(GroupId=ids[name], IpPermissions=permissions)
    for name, changes in NOTEBOOKS.items():
        asked = {member: value for member, value in (GOOD | changes).items() if value is not None}
        if groups := asked.get("SecurityGroupIds"):
            asked["SecurityGroupIds"] = [ids[group] for group in groups]
        sagemaker.create_notebook_instance(
            NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn=ROLE, **asked)
    sagemaker.stop_notebook_instance(NotebookInstanceName="stopped")
    for name, access in DOMAINS.items():
        said = {"AppNetworkAccessType": access} if access else {}
        sagemaker.create_domain(
            DomainName=name, AuthMode="IAM", DefaultUserSettings={"ExecutionRole": ROLE}, SubnetIds=[SUBNET],
            VpcId="vpc-0a1b2c3d", **said)


def by_oracle(aws: Aws) -> Verdicts:
    """What the oracle says of what is described."""
    ec2, sagemaker = aws.client("ec2"), aws.client("sagemaker")
    groups = ec2.describe_security_groups()["SecurityGroups"]
    found: Verdicts = {}
    for page in sagemaker.get_paginator("list_notebook_instances").paginate():
        for entry in page["NotebookInstances"]:
            name = entry["NotebookInstanceName"]
            seen = sagemaker.describe_notebook_instance(NotebookInstanceName=name)
            found |= {(name, check): verdict for check, verdict in oracle.notebook(seen, groups).items()}
    for page in sagemaker.get_paginator("list_domains").paginate():
        for entry in page["Domains"]:
            seen = sagemaker.describe_domain(DomainId=entry["DomainId"])
            found |= {(entry["DomainName"], check): verdict for check, verdict in oracle.domain(seen).items()}
    return found


def by_product(tally: Tally, aws: Aws, server: str) -> Verdicts:
    """What `deployer evaluate` says."""
    command = [str(PROGRAMS / "deployer"), "evaluate", "--format", "json", "--region", REGION]
    environment = bare_environment() | aws.environment
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    tally.equal(f"{server}: deployer ends with 0 {done.stderr.strip()[-300:]}".rstrip(), done.returncode, 0)
    report = json.loads(done.stdout)
    tally.equal(f"{server}: its report is complete", report["complete"], True)
    tally.equal(f"{server}: of one account", {entry["account"] for entry in report["results"]}, {ACCOUNT})
    silent = [(entry["name"], entry["check"]) for entry in report["results"]
              if entry["complianceType"] == "NON_COMPLIANT" and not entry["annotation"]]
    tally.equal(f"{server}: whatever does not comply says why", silent, [])
    return {(entry["name"], entry["check"]): entry["complianceType"] for entry in report["results"]}


def main() -> None:
    """Builds, judges, compares."""
    tally = Tally()
    product: dict[str, Verdicts] = {}
    with tally.part("the fleet"), moto(REGION) as other, sandbox(
        "--empty", "--account", ACCOUNT, "--region", REGION,
    ) as own:
        for server, aws in (("moto", other), ("sandbox", own)):
            build(aws)
            product[server] = by_product(tally, aws, server)
            wanted = by_oracle(aws)
            size = len(NOTEBOOKS) * len(oracle.NOTEBOOK_CHECKS) + len(DOMAINS)
            tally.equal(f"{server}: everything is judged", (len(product[server]), len(wanted)), (size, size))
            wrong = {key: (product[server].get(key), verdict) for key, verdict in wanted.items()
                     if product[server].get(key) != verdict}
            tally.equal(f"{server}: deployer says what the oracle says", wrong, {})
    with tally.part("the verdicts on moto and on the sandbox"):
        _compare(tally, product["moto"], product["sandbox"])
    tally.finish()


def _compare(tally: Tally, theirs: Verdicts, ours: Verdicts) -> None:
    met = set()
    for name in [*NOTEBOOKS, *DOMAINS]:
        lines, excused = [], 0
        for key in sorted(key for key in ours.keys() | theirs.keys() if key[0] == name):
            their, our = theirs.get(key, "(none)"), ours.get(key, "(none)")
            rows = [row for row in IN_VERDICTS if row.fits(*key, their, our)]
            met.update(rows)
            if their != our and not rows:
                lines.append(f"\n          {key[1]}: {their} on moto, {our} on the sandbox")
            excused += their != our and bool(rows)
        known = f" but for {excused} that moto cannot tell" if excused else ""
        tally.check(f"{name}: the same by every check{known}", not lines, "".join(lines))
    results = set(ours.values())
    tally.equal("the fleet has every result", results, {"COMPLIANT", "NON_COMPLIANT", "NOT_APPLICABLE"})
    for row in IN_VERDICTS:
        tally.check(f"{row.path}: {row.reason} ({row.source})", row in met, "no longer seen: take it off the list")


if __name__ == "__main__":
    main()
