#!/usr/bin/env python3
"""A second opinion on reports: OCSF's own schema, botocore's model of Security Hub, and Python's readers.

    cargo build --workspace --bins
    python3 tests/second-opinion/reports.py [--self-test]

The reports are those of `report-sample`: organizations that nobody has, one of them with names that want to be obeyed.
--self-test breaks findings on purpose and demands that each fault is found. Ends with `N passed, N failed`; exit code 1
if anything failed.
"""
import collections
import copy
import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import botocore.loaders
import botocore.model
import botocore.validate
import jsonschema
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "report-sample"
FLEETS = {
    "organization": [],
    "hostile": ["--hostile", "--accounts=12", "--regions=5"],
    "busy": ["--accounts=3", "--regions=2", "--notebooks=60", "--bad=1000"],
    "one": ["--accounts=1", "--regions=1"],
    "default": ["--default", "--accounts=12", "--regions=2", "--notebooks=12"],
}
OCSF = "1.6.0"
# Limits that the model does not have:
# https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-attributes.html
LONGEST = {"Id": 512, "Title": 256, "Description": 1024, "GeneratorId": 512, "ProductName": 128, "CompanyName": 128}
STATUS = {"COMPLIANT": "PASSED", "NON_COMPLIANT": "FAILED"}
PASS = {"COMPLIANT": "Pass", "NON_COMPLIANT": "Fail", "NOT_APPLICABLE": "NOT_APPLICABLE", "INSUFFICIENT_DATA": "Unknown"}


def report(kind: str, flags: list[str]) -> str:
    """A report as it is printed."""
    command = [str(SAMPLE), f"--format={kind}", *flags]
    return subprocess.run(command, capture_output=True, check=True).stdout.decode()


def lines(text: str) -> list[dict]:
    """Every line is JSON. Only a line feed ends one."""
    return [json.loads(line) for line in text.split("\n") if line]


class Ocsf:
    """The schema of a Compliance Finding, in which nothing is allowed that is not in it."""

    def __init__(self) -> None:
        embedded = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=OCSF))
        schema = embedded.get_class_schema("compliance_finding", profiles=["cloud"])
        assert schema["additionalProperties"] is False
        self.validator = jsonschema.Draft202012Validator(schema)

    def faults(self, event: dict) -> list[str]:
        """What the schema says of an event."""
        found = [f"{'.'.join(map(str, one.absolute_path))}: {one.message}" for one in self.validator.iter_errors(event)]
        if event.get("metadata", {}).get("version") != OCSF:
            found.append("another version")
        if event.get("type_uid") != event.get("class_uid", 0) * 100 + event.get("activity_id", 0):
            found.append("type_uid is not made of class and activity")
        return found


class Asff:
    """The model of BatchImportFindings, also its values and patterns, which botocore leaves to the service."""

    def __init__(self) -> None:
        loaded = botocore.loaders.Loader().load_service_model("securityhub", "service-2")
        self.shape = botocore.model.ServiceModel(loaded).operation_model("BatchImportFindings").input_shape
        self.validator = botocore.validate.ParamValidator()

    def faults(self, request: dict) -> list[str]:
        """What the model says of a request."""
        told = self.validator.validate(request, self.shape)
        found = [told.generate_report()] if told.has_errors() else []
        if found:
            return found
        found += self._values(request, self.shape, "")
        findings = request["Findings"]
        if not 1 <= len(findings) <= 100:
            found.append(f"{len(findings)} findings in a request")
        if len({(one["AwsAccountId"], one["Region"]) for one in findings}) != 1:
            found.append("findings of several accounts or Regions in one request")
        for finding in findings:
            found += self._limits(finding)
        return found

    def _values(self, value: object, shape: botocore.model.Shape, path: str) -> list[str]:
        if shape.type_name == "structure":
            assert isinstance(value, dict)
            return [fault for name, one in value.items() for fault in self._values(one, shape.members[name], f"{path}.{name}")]
        if shape.type_name == "list":
            assert isinstance(value, list)
            return [fault for one in value for fault in self._values(one, shape.member, path)]
        if shape.type_name == "map":
            assert isinstance(value, dict)
            return [fault for one in value.values() for fault in self._values(one, shape.value, path)]
        if shape.type_name != "string":
            return []
        if (allowed := getattr(shape, "enum", [])) and value not in allowed:
            return [f"{path}: {value} is none of {allowed}"]
        pattern = shape.metadata.get("pattern")
        return [f"{path}: {value!r} does not match {pattern}"] if pattern and not re.search(pattern, str(value)) else []

    @staticmethod
    def _limits(finding: dict) -> list[str]:
        found = [f"{name} is longer than {most}" for name, most in LONGEST.items() if len(finding.get(name, "")) > most]
        account, region = finding["AwsAccountId"], finding["Region"]
        wanted = rf"arn:aws[a-z-]*:securityhub:{region}:{account}:product/{account}/default"
        if not re.fullmatch(wanted, finding["ProductArn"]):
            found.append(f"ProductArn: {finding['ProductArn']}")
        if len(finding.get("Compliance", {}).get("RelatedRequirements", [])) > 32:
            found.append("more than 32 requirements")
        if len(finding.get("ProductFields", {})) > 50:
            found.append("more than 50 fields of the product")
        if len(finding.get("Remediation", {}).get("Recommendation", {}).get("Text", "")) > 512:
            found.append("a recommendation of more than 512 characters")
        if len(json.dumps(finding).encode()) > 240_000:
            found.append("more than 240 kB")
        return found


class Checks:
    """Counts what holds."""

    def __init__(self) -> None:
        self.passed = self.failed = 0

    def holds(self, what: str, faults: list[str]) -> None:
        """Nothing holds if there is a fault."""
        self.passed, self.failed = self.passed + (not faults), self.failed + bool(faults)
        print(f"  {'FAIL' if faults else 'ok  '} {what}{': ' if faults else ''}{'; '.join(faults[:3])}")


def agree(fleet: str, flags: list[str], events: list[dict], requests: list[dict]) -> list[str]:
    """Four forms of the same rows have the same numbers."""
    whole = json.loads(report("json", flags))
    rows = list(csv.DictReader(io.StringIO(report("csv", flags), newline="")))
    results = collections.Counter(row["complianceType"] for row in rows if row["state"] == "evaluated")
    told = {"compliant": "COMPLIANT", "nonCompliant": "NON_COMPLIANT", "notApplicable": "NOT_APPLICABLE",
            "insufficientData": "INSUFFICIENT_DATA"}
    found = []
    for name, word in told.items():
        counts = {whole["totals"]["evaluations"][name], results[word],
                  sum(row["complianceType"] == word for row in whole["evaluations"])}
        if len(counts) != 1:
            found.append(f"{fleet}: {word} is counted {counts}")
    # What no installed check applies to is told of by name, and lacks nothing.
    beyond = {row["resourceId"] for row in rows if row["state"] == "not judged"}
    sums = {len(beyond), whole["totals"]["resources"]["notJudged"], len(whole["notJudged"]),
            sum(place.get("notJudged", 0) for place in whole["places"])}
    if len(sums) != 1 or beyond & {row["resourceId"] for row in whole["evaluations"]} or bool(beyond) != (fleet == "default"):
        found.append(f"{fleet}: what is not judged is counted {sums}")
    told_of = [one["message"] for one in events if "not judged" in one["message"]]
    if len(told_of) != sum(place.get("notJudged", 0) > 0 for place in whole["places"]):
        found.append(f"{fleet}: OCSF tells of what is not judged {len(told_of)} times")
    if sum("not judged" in one["Description"] for request in requests for one in request["Findings"]) != len(told_of):
        found.append(f"{fleet}: ASFF and OCSF differ on what is not judged")
    results_only = [one for one in events if one["finding_info"]["types"] != ["coverage"]]
    # What an exemption bore that has expired since is a violation, though AWS Config says something else of it.
    lapsed = sum(row["complianceType"] == "NOT_APPLICABLE" and row["exemptExpired"] == "yes" for row in rows)
    violations = results["NON_COMPLIANT"] + lapsed
    if whole["totals"]["evaluations"]["lapsed"] != lapsed or sum(row["violation"] == "yes" for row in rows) != violations:
        found.append(f"{fleet}: expired exemptions are counted otherwise")
    judged = results + collections.Counter(NON_COMPLIANT=lapsed) - collections.Counter(NOT_APPLICABLE=lapsed)
    if collections.Counter(one["compliance"]["status"] for one in results_only) != collections.Counter(
        PASS[word] for word in judged.elements()
    ):
        found.append(f"{fleet}: OCSF and CSV differ")
    findings = [one for request in requests for one in request["Findings"]]
    states = collections.Counter(place["state"] for place in whole["places"])
    expected = collections.Counter(STATUS.get(word, "NOT_AVAILABLE") for word in judged.elements())
    expected += collections.Counter(PASSED=states["read"], NOT_AVAILABLE=states.total() - states["read"])
    if collections.Counter(one["Compliance"]["Status"] for one in findings) != expected + collections.Counter():
        found.append(f"{fleet}: ASFF and CSV differ")
    coverage = collections.Counter(one["status"] for one in events if one["finding_info"]["types"] == ["coverage"])
    ends = {"read": "Resolved", "excluded": "Archived", "unread": "New", "incomplete": "New"}
    if coverage != collections.Counter(ends[state] for state in states.elements()):
        found.append(f"{fleet}: accounts × Regions are missing: {coverage}")
    open_ = sum("ProductFields" not in one and one["RecordState"] == "ACTIVE" for one in findings)
    if open_ != states["unread"] + states["incomplete"] or any("Workflow" in one for one in findings):
        found.append(f"{fleet}: findings of accounts × Regions do not end, or a workflow is changed")
    ids = [one["Id"] for one in findings]
    if len(set(ids)) != len(ids) or set(ids) != {one["finding_info"]["uid"] for one in events}:
        found.append(f"{fleet}: ids are used twice, or differ between the forms")
    formulas = [cell for row in rows for cell in row.values() if cell and cell.lstrip(" ")[:1] in "=+-@\t\r\n"]
    return found + [f"{fleet}: a formula: {cell}" for cell in formulas]


def look(checks: Checks) -> None:
    """Everything, for each organization."""
    ocsf, asff = Ocsf(), Asff()
    for fleet, flags in FLEETS.items():
        events, requests = lines(report("ocsf", flags)), lines(report("asff", flags))
        checks.holds(f"{fleet}: {len(events)} OCSF events", [fault for one in events for fault in ocsf.faults(one)])
        count = sum(len(one["Findings"]) for one in requests)
        faults = [fault for one in requests for fault in asff.faults(one)]
        checks.holds(f"{fleet}: {count} ASFF findings in {len(requests)} requests", faults)
        checks.holds(f"{fleet}: JSON, CSV, OCSF and ASFF agree", agree(fleet, flags, events, requests))


def self_test(checks: Checks) -> None:
    """What is broken on purpose has to be found."""
    ocsf, asff = Ocsf(), Asff()
    event, request = lines(report("ocsf", []))[0], lines(report("asff", []))[0]

    def broken(whole: dict, path: list, value: object) -> dict:
        other = copy.deepcopy(whole)
        inner = other
        for step in path[:-1]:
            inner = inner[step]
        if value is None:
            del inner[path[-1]]
        else:
            inner[path[-1]] = value
        return other

    first = ["Findings", 0]
    for path, value in (
        (["class_uid"], None), (["severity_id"], 42), (["compliance", "status_id"], "Fail"), (["extra"], 1),
        (["time"], "2026-11-23T09:00:00Z"), (["metadata", "version"], "1.0.0"), (["activity_id"], 2),
        (["cloud", "account", "colour"], "red"), (["finding_info", "uid"], None),
    ):
        checks.holds(f"OCSF: {'.'.join(path)} is found", [] if ocsf.faults(broken(event, path, value)) else ["it is not"])
    for path, value in (
        ([*first, "SchemaVersion"], None), ([*first, "Id"], "x" * 513), ([*first, "Title"], " "),
        ([*first, "Compliance", "Status"], "NOT_APPLICABLE"), ([*first, "Severity", "Label"], "SEVERE"),
        ([*first, "Region"], "eu-north-1"), ([*first, "Colour"], "red"),
        (["Findings"], request["Findings"] * 101), ([*first, "Resources", 0, "Partition"], "mars"),
    ):
        name = ".".join(map(str, path))
        checks.holds(f"ASFF: {name} is found", [] if asff.faults(broken(request, path, value)) else ["it is not"])


def main() -> int:
    """Looks, or looks whether looking helps."""
    checks = Checks()
    (self_test if "--self-test" in sys.argv[1:] else look)(checks)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
