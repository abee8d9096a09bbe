"""Checks recorded calls against botocore's own service models: every request, every answer, every refusal.

Usage: python traffic.py RECORD.jsonl...
       python traffic.py --self-test

A record is what the sandbox writes with --record or SANDBOX_RECORD. Its requests are the product's, so that each of
them has to fit the model. A record whose name ends in `.deliberate.jsonl` may also hold requests that do not, sent to
see them refused: they have to be refused, and for that. An answer has to fit in every record. Where a scripted fault
made an answer what it is, the fault is excused, and nothing else.
"""
import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import botocore.parsers
import botocore.session
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel, OperationNotFoundError, ServiceModel

import corrupted
from common_errors import BEFORE_THE_SHAPE, COMMON, REFUSES_ONLY_THE_SHAPE, REFUSES_THE_SHAPE
from shapes import Finding, findings
from wire import FormReader, XmlReader

# The answers in which a scripted fault may put any JSON: `Notebook::odd` of the sandbox.
MAY_BE_ODD = {"DescribeNotebookInstance"}
# The model allows a rule's name 64 characters in these operations, and 128 in all others. Rules of organizations and of
# Security Hub have longer ones than 64, and their results can be read.
LONG_RULE_NAMES = {"GetComplianceDetailsByConfigRule", "DeleteEvaluationResults"}
LONGEST_RULE_NAME = 128
# Limits that AWS documents and the model does not have: the size of a template in a request, and the letters in the name
# of a StackSet. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html,
# https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStackSet.html
BEYOND_THE_MODEL = {"cloudformation": ("less than or equal to 51200", "at 'stackSetName'")}
# In these protocols a request is spread over method, path, query and headers, and nothing here puts it together yet:
# their calls are counted as not judged, never as passed.
NOT_JUDGED = {"rest-json", "rest-xml"}
# What CloudWatch takes beside the protocol that botocore prefers.
NOT_JUDGED_CALLS = {("monitoring", "query")}
# A record holds CBOR as the JSON that it means.
PACKED = "smithy-rpc-v2-cbor"
SHOWN = 40  # More lines of findings than this help nobody.


@dataclass
class Report:
    """What there is to say of a call."""

    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    refused_on_purpose: bool = False
    refused: bool = False
    answered: bool = False
    not_judged: bool = False

    def add(self, side: str, found: Iterator[Finding] | list[Finding]) -> None:
        """Adds findings about the request or the answer."""
        for finding in found:
            text = f"{side} {finding.path or '(whole)'}: {finding.text}"
            (self.warnings if finding.warning else self.faults).append(text)


@cache
def models() -> dict[str, ServiceModel]:
    """The models by the name that requests are signed for, which is the service's own wherever one has it."""
    session = botocore.session.Session()
    found: dict[str, ServiceModel] = {}
    for name in ("sagemaker", "config", "ec2", "sts", "lambda", "s3", "iam", "organizations", "cloudformation",
                 "service-quotas", "cloudwatch"):
        model = session.get_service_model(name)
        found[model.signing_name] = model
    return found


def service_model(record: dict[str, Any], form: dict[str, str]) -> ServiceModel | None:
    """The model of a call's service. An unsigned call has no service's name; its target or version tells."""
    if record["service"]:
        if record["service"] in models():
            return models()[record["service"]]
        try:
            return botocore.session.Session().get_service_model(record["service"])
        except UnknownServiceError:
            return None
    prefix = record["request_headers"].get("x-amz-target", "").partition(".")[0]
    for model in models().values():
        if prefix and model.metadata.get("targetPrefix") == prefix:
            return model
        if not prefix and form.get("Version") == model.api_version and record["operation"] in model.operation_names:
            return model
    return None


def check(record: dict[str, Any], *, deliberate: bool) -> Report:
    """All that is wrong with one recorded call."""
    report = Report()
    if record["protocol"] in NOT_JUDGED or (record["service"], record["protocol"]) in NOT_JUDGED_CALLS:
        report.not_judged = True
        return report
    form = parse_qsl(record["request"], keep_blank_values=True) if record["protocol"] in ("query", "ec2") else []
    model = service_model(record, dict(form))
    if model is None:
        report.faults.append(f"request: botocore knows no service {record['service']!r}")
        return report
    if record["protocol"] not in COMMON:
        report.faults.append(f"request: a record does not hold what a {record['protocol']} request has beside its body")
        return report
    try:
        operation = model.operation_model(record["operation"])
    except OperationNotFoundError:
        operation = None
    asked = list(_request(record, model, operation, form))
    _answer(record, model, operation, report)
    code, message = _error(record)
    if deliberate and _refused_for(asked, code):
        report.refused_on_purpose = True
    else:
        report.add("request", iter(asked))
        report.refused = record["status"] >= 400 and any(not finding.warning for finding in asked)
    if any(not finding.warning for finding in asked) and not record["faulted"] and record["status"] == 200:
        report.faults.append("answer: accepted a request that the model forbids")
    if not asked and not record["faulted"] and not _beyond(record, message) and (
            code in REFUSES_ONLY_THE_SHAPE or "validation error" in message):
        report.faults.append(f"answer: refused a request that the model allows: {code} {message[:80]}")
    return report


def _beyond(record: dict[str, Any], message: str) -> bool:
    """Whether the refusal is for a limit that the model does not have."""
    return any(limit in message for limit in BEYOND_THE_MODEL.get(record["service"], ()))


def _refused_for(asked: list[Finding], code: str) -> bool:
    """Whether there is something to refuse and the code says so, or was said before it could be seen."""
    return any(not finding.warning for finding in asked) and code in REFUSES_THE_SHAPE | BEFORE_THE_SHAPE


def _request(
    record: dict[str, Any], model: ServiceModel, operation: OperationModel | None, form: list[tuple[str, str]],
) -> Iterator[Finding]:
    """What is wrong with the request."""
    if record["protocol"] not in model.metadata.get("protocols", [model.resolved_protocol]):
        yield Finding("", f"{model.service_name} speaks {model.resolved_protocol}, not {record['protocol']}")
    if operation is None:
        yield Finding("", f"{model.service_name} has no operation {record['operation']!r}")
        return
    headers = record["request_headers"]
    if record["protocol"] == PACKED:
        content_type = "application/cbor"
        target = f"POST /service/{model.metadata['targetPrefix']}/operation/{operation.name}"
        if record.get("line") != target:
            yield Finding("", f"{record.get('line')!r}, not {target!r}")
        value = json.loads(record["request"] or "{}")
    elif record["protocol"] == "json":
        content_type = f"application/x-amz-json-{model.metadata['jsonVersion']}"
        target = f"{model.metadata['targetPrefix']}.{operation.name}"
        if headers.get("x-amz-target") != target:
            yield Finding("X-Amz-Target", f"{headers.get('x-amz-target')!r}, not {target!r}")
        try:
            value = json.loads(record["request"])
        except ValueError as error:
            yield Finding("", f"no JSON: {error}")
            return
    else:
        content_type = "application/x-www-form-urlencoded"
        yield from _addressed(dict(form), model, operation)
        reader = FormReader(ec2=record["protocol"] == "ec2")
        value = reader.read(operation.input_shape, form)
        yield from reader.findings
    if not headers.get("content-type", "").startswith(content_type):
        yield Finding("Content-Type", f"{headers.get('content-type')!r}, not {content_type!r}")
    if operation.input_shape is not None:
        for finding in findings(operation.input_shape, value):
            name = value.get("ConfigRuleName") if operation.name in LONG_RULE_NAMES else None
            excused = finding.path == "ConfigRuleName" and isinstance(name, str) and 64 < len(name) <= LONGEST_RULE_NAME
            yield replace(finding, warning=finding.warning or excused)
    elif value:
        yield Finding("", "the operation has no input")


def _addressed(form: dict[str, str], model: ServiceModel, operation: OperationModel) -> Iterator[Finding]:
    for name, right in (("Action", operation.name), ("Version", model.api_version)):
        if form.get(name) != right:
            yield Finding(name, f"{form.get(name)!r}, not {right!r}")


def _answer(record: dict[str, Any], model: ServiceModel, operation: OperationModel | None, report: Report) -> None:
    """What is wrong with the answer. Status 0 is a connection that a fault has closed: there is none."""
    status = record["status"]
    if status == 0:
        if not record["faulted"]:
            report.faults.append("answer: none, though no fault was scripted")
        return
    report.answered = True
    shape = operation.output_shape if operation else None
    parser = _parser(record)
    response = {"headers": {}, "status_code": status, "body": record["response"].encode()}
    try:
        parsed = parser.parse(response, shape)
    except (botocore.parsers.ResponseParserError, ValueError, TypeError, KeyError) as error:
        report.faults.append(f"answer: botocore cannot read it: {' '.join(str(error).split())}")
        return
    if status >= 300:
        _refusal(record, model, operation, parsed, report)
    elif operation is None:
        report.faults.append("answer: accepted an operation that does not exist")
    elif not (record["faulted"] and operation.name in MAY_BE_ODD):
        report.add("answer", _output(record, model, operation))


def _parser(record: dict[str, Any]) -> Any:
    """What reads an answer as it was recorded."""
    return botocore.parsers.create_parser("json" if record["protocol"] == PACKED else record["protocol"])


def _output(record: dict[str, Any], model: ServiceModel, operation: OperationModel) -> Iterator[Finding]:
    """What is wrong with an answer that says yes, as it was sent: botocore's parser reads past most of it."""
    shape, text = operation.output_shape, record["response"]
    if record["protocol"] not in ("json", PACKED):
        reader = XmlReader(ec2=record["protocol"] == "ec2")
        wrapper = shape.serialization.get("resultWrapper") if shape is not None else None
        namespace = str(model.metadata.get("xmlNamespace", ""))
        value = reader.read(shape, wrapper, operation.name, namespace, text)
        yield from reader.findings
    elif shape is None:
        if text not in ("", "{}"):
            yield Finding("", f"the operation has no output, but {text[:60]!r} came")
        return
    else:
        try:
            value = json.loads(text)
        except ValueError as error:
            yield Finding("", f"no JSON: {error}")
            return
        yield from _nulls(value)
    if shape is not None:
        yield from findings(shape, value)


def _nulls(value: Any, path: str = "") -> Iterator[Finding]:
    """AWS leaves out what it has no value for."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, entry in entries:
        at = f"{path}.{name}".lstrip(".")
        if entry is None:
            yield Finding(at, "null, which AWS does not send", warning=True)
        yield from _nulls(entry, at)


def _error(record: dict[str, Any]) -> tuple[str, str]:
    """The error code and message of a refusal; empty if it is none."""
    if record["status"] < 300:
        return "", ""
    parser = _parser(record)
    response = {"headers": {}, "status_code": record["status"], "body": record["response"].encode()}
    try:
        error = parser.parse(response, None)["Error"]
        return str(error["Code"]), str(error.get("Message", ""))
    except (botocore.parsers.ResponseParserError, KeyError, ValueError, TypeError):
        return "", ""


def _refusal(
    record: dict[str, Any], model: ServiceModel, operation: OperationModel | None, parsed: dict[str, Any],
    report: Report,
) -> None:
    """What is wrong with an answer that says no."""
    code, status = parsed.get("Error", {}).get("Code"), record["status"]
    if not isinstance(code, str) or not code or code == str(status):
        report.faults.append("answer: there is no error code in it")
        return
    if not parsed["Error"].get("Message"):
        report.faults.append(f"answer: {code} has no message")
    if record["faulted"]:
        return  # A test may script any code and status.
    modelled = {shape.metadata.get("error", {}).get("code", shape.name): shape
                for shape in (operation.error_shapes if operation else [])}
    common = COMMON[record["protocol"]].get(code)
    right: tuple[int, ...]
    if code in modelled:
        right = (modelled[code].metadata.get("error", {}).get("httpStatusCode", 400),)
    elif common:
        right = common.statuses
    else:
        name = f"{model.service_name}.{record['operation']}"
        report.faults.append(f"answer: {name} does not have the error code {code}, nor do all operations")
        return
    if status not in right:
        report.faults.append(f"answer: {code} comes with the status {right[0]}, not {status}")


@dataclass
class Total:
    """What a record comes to."""

    calls: int = 0
    answers: int = 0
    faulted: int = 0
    refused_on_purpose: int = 0
    refused: int = 0
    not_judged: int = 0
    wrong: int = 0
    faults: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    warnings: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))


def check_file(path: Path) -> Total:
    """Checks every call of a record. One fault is told once, with the lines that have it."""
    total = Total()
    deliberate = path.name.endswith(".deliberate.jsonl")
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            total.calls += 1
            try:
                record = json.loads(line)
                report = check(record, deliberate=deliberate)
            except (ValueError, KeyError, TypeError) as error:
                record, report = {}, Report(faults=[f"no record of a call: {type(error).__name__} {error}"])
            name = f"{record.get('service') or '?'}.{record.get('operation') or '?'}"
            for texts, noted in ((report.faults, total.faults), (report.warnings, total.warnings)):
                for text in texts:
                    noted[re.sub(r"\[\d+]", "[]", f"{name} {text}")].append(number)
            total.wrong += bool(report.faults)
            total.answers += report.answered
            total.faulted += bool(record.get("faulted"))
            total.refused_on_purpose += report.refused_on_purpose
            total.refused += report.refused
            total.not_judged += report.not_judged
    return total


def _tell(path: Path, total: Total) -> None:
    print(f"{path.name}: {total.calls} calls, {total.answers} answers, {total.refused_on_purpose} wrong requests "
          f"refused as they should be, {total.faulted} with a scripted fault")
    for word, noted in (("warn", total.warnings), ("FAIL", total.faults)):
        for text, lines in list(noted.items())[:SHOWN]:
            print(f"  {word}  {text} (line {lines[0]}" + (f" and {len(lines) - 1} more)" if lines[1:] else ")"))
        if len(noted) > SHOWN:
            print(f"  {word}  {len(noted) - SHOWN} more")
    if total.not_judged:
        print(f"  {total.not_judged} calls not judged: REST protocols, and CloudWatch's query protocol")
    if total.refused:
        print(f"  {total.refused} of these requests were refused. If they were sent for that, record them to a file "
              "whose name ends in .deliberate.jsonl")


def self_test() -> tuple[int, int]:
    """Shows that the check can fail: good records pass, and each corrupted one is caught for what it is."""
    passed = failed = 0
    for what, record, expected in corrupted.records():
        seen = check(record, deliberate=False).faults
        good = seen == [] if expected is None else any(expected in fault for fault in seen)
        passed, failed = passed + good, failed + (not good)
        said = "clean" if expected is None else f"caught: {next((f for f in seen if expected in f), '')}"
        print(f"  ok    {what}: {said}" if good else f"  FAIL  {what}: {expected!r} wanted, {seen} seen")
    return passed, failed


def main() -> int:
    """Checks the records that the command line names."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("records", nargs="*", type=Path, metavar="RECORD.jsonl")
    arguments.add_argument("--self-test", action="store_true", help="check the check")
    asked = arguments.parse_args()
    if not asked.records and not asked.self_test:
        arguments.error("name a record, or --self-test")
    passed, failed = self_test() if asked.self_test else (0, 0)
    for path in asked.records:
        total = check_file(path)
        _tell(path, total)
        passed, failed = passed + total.calls - total.wrong - total.not_judged, failed + total.wrong
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
