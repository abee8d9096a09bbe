#!/usr/bin/env python3
"""A second opinion on evidence: OSCAL by compliance-trestle, the manifest by hashlib, the signature by cryptography.

    cargo build --workspace --bins
    python3 tests/second-opinion/evidence.py [--self-test]

Notebooks are made in the sandbox, the guard is installed, the real function judges them, and what `deployer evidence
export` then writes is read by code of others. --self-test breaks the document on purpose and demands that it is found.
Ends with `N passed, N failed`; exit code 1 if anything failed.
"""
import base64
import copy
import datetime
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_der_public_key
from servers import ACCOUNT, PROGRAMS, Aws, bare_environment, sandbox
from tally import Tally
from trestle.oscal.assessment_results import AssessmentResults

REGION = "us-east-1"
VERSION = "1.1.3"
RULES = ["direct-internet-access", "inside-vpc", "root-access", "open-ingress"]


def deployer(aws: Aws, *arguments: str) -> None:
    """A run that has to end well."""
    done = subprocess.run(
        [str(PROGRAMS / "deployer"), *arguments], env=bare_environment() | aws.environment, capture_output=True,
        text=True, check=False, timeout=300,
    )
    if done.returncode:
        raise RuntimeError(f"deployer {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")


def judged(aws: Aws, count: int) -> None:
    """Waits until every rule has judged every notebook."""
    config = aws.client("config")
    for _ in range(300):
        results = [
            config.get_compliance_details_by_config_rule(ConfigRuleName=f"notebook-guard-{rule}")["EvaluationResults"]
            for rule in RULES
        ]
        if all(len(result) == count for result in results):
            return
        time.sleep(0.1)
    raise RuntimeError("the rules have not judged")


def export(folder: Path) -> Path:
    """A bundle of an account with two notebooks."""
    with sandbox("--empty", "--account", ACCOUNT, "--region", REGION) as aws:
        sagemaker = aws.client("sagemaker")
        role = f"arn:aws:iam::{ACCOUNT}:role/service-role/notebooks"
        for name, access in (("open", "Enabled"), ("closed", "Disabled")):
            changes = {"SubnetId": "subnet-0a1b2c3d4e5f60718"} if access == "Disabled" else {}
            sagemaker.create_notebook_instance(
                NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn=role, DirectInternetAccess=access,
                **changes)
        deployer(aws, "install", "--yes", "--code", str(PROGRAMS / "bootstrap-under-test"))
        judged(aws, 2)
        deployer(aws, "evidence", "keygen", "--out", str(folder / "audit.key"))
        day = (datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)).strftime("%Y-%m-%d")
        deployer(aws, "evidence", "export", "--out", str(folder / "bundle"), "--from", day, "--sign",
                 str(folder / "audit.key"))
    return folder / "bundle"


def empty(value: Any, path: str = "") -> list[str]:
    """Lists without elements: NIST's schema has none, and the models of this release let them pass."""
    if isinstance(value, dict):
        return [found for name, member in value.items() for found in empty(member, f"{path}/{name}")]
    if isinstance(value, list):
        return [found for one in value for found in empty(one, path)] or ([] if value else [f"{path} is empty"])
    return []


def faults(document: dict[str, Any]) -> list[str]:
    """What is wrong with a document of assessment results."""
    found = empty(document)
    try:
        body = AssessmentResults.parse_obj(document["assessment-results"])
    except Exception as error:  # noqa: BLE001: whatever its models say
        return [str(error)]
    if document["assessment-results"]["metadata"]["oscal-version"] != VERSION:
        found.append("another version")
    for result in body.results:
        items = (result.local_definitions.inventory_items or []) if result.local_definitions else []
        inventory = {item.uuid for item in items}
        observations = [observation.uuid for observation in result.observations or []]
        if len(set(observations)) != len(observations):
            found.append("an observation is there twice")
        for observation in result.observations or []:
            found += [f"no inventory item {one.subject_uuid}" for one in observation.subjects or []
                      if one.subject_uuid not in inventory]
        for finding in result.findings or []:
            found += [f"no observation {one.observation_uuid}" for one in finding.related_observations or []
                      if one.observation_uuid not in set(observations)]
    return found


def is_signed(bundle: Path) -> bool:
    """Whether the signature is by the key that the manifest names."""
    manifest = (bundle / "manifest.json").read_bytes()
    key: Any = load_der_public_key(base64.b64decode(json.loads(manifest)["signature"]["publicKey"]))
    try:
        key.verify((bundle / "manifest.json.sig").read_bytes(), manifest)
    except InvalidSignature:
        return False
    return True


def bundle_is_whole(tally: Tally, bundle: Path) -> None:
    """The manifest, as anybody may check it."""
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    for entry in manifest["files"]:
        content = (bundle / entry["path"]).read_bytes()
        tally.equal(entry["path"], (len(content), hashlib.sha256(content).hexdigest()), (entry["size"], entry["sha256"]))
    there = {str(path.relative_to(bundle)) for path in bundle.rglob("*") if path.is_file()}
    known = {entry["path"] for entry in manifest["files"]} | {"manifest.json", "manifest.json.sig"}
    tally.equal("no other file is there", there, known)
    rest = {name: value for name, value in manifest.items() if name != "bundle"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
    tally.equal("the digest of the bundle", hashlib.sha256(text.encode()).hexdigest(), manifest["bundle"]["sha256"])
    tally.check("the signature is right", is_signed(bundle))


def self_test(tally: Tally, document: dict[str, Any]) -> None:
    """Each of these faults has to be found."""
    def broken(what: str, change: Any) -> None:
        other = copy.deepcopy(document)
        change(other["assessment-results"])
        tally.check(f"{what} is found", bool(faults(other)))

    broken("no metadata", lambda body: body.pop("metadata"))
    broken("an empty list", lambda body: body["results"][0].update(findings=[]))
    broken("a member that is none", lambda body: body["results"][0].update(verdict="good"))
    broken("a state that is none", lambda body: body["results"][0]["findings"][0]["target"]["status"].update(state="ok"))
    broken("a UUID that is none", lambda body: body["results"][0]["observations"][0].update(uuid="1"))
    broken("an observation that is missing", lambda body: body["results"][0]["observations"].pop(0))


def main() -> None:
    """Exports once, and judges."""
    tally = Tally()
    with tally.part("evidence"), tempfile.TemporaryDirectory() as folder:
        bundle = export(Path(folder))
        document = json.loads((bundle / "oscal/assessment-results.json").read_bytes())
        if "--self-test" in sys.argv:
            self_test(tally, document)
        else:
            tally.equal("OSCAL is valid", faults(document), [])
            result = document["assessment-results"]["results"][0]
            seen = [prop["value"] for one in result["observations"] for prop in one["props"]
                    if prop["name"] == "compliance-type"]
            lines = (bundle / "evaluations.jsonl").read_text().splitlines()
            tally.equal("with every result", sorted(seen), sorted(json.loads(line)["complianceType"] for line in lines))
            tally.check("some are bad", "NON_COMPLIANT" in seen, seen)
            bundle_is_whole(tally, bundle)
    tally.finish()


if __name__ == "__main__":
    main()
