#!/usr/bin/env python3
"""A second opinion on cfn/*.yaml: cfn-lint over Regions of all partitions, and what linters miss.

    python3 -m venv .venv && .venv/bin/pip install cfn-lint==1.58.0
    .venv/bin/python tests/second-opinion/templates.py [--no-lint] [--self-test]

The templates are resolved for many choices of parameters by a small resolver, as CloudFormation would, and the result
is judged: the rules, the body of the pack, the role, the alarms, the bucket. --self-test breaks the templates in known
ways and demands that each is noticed. Ends with `N passed, N failed`; exit code 1 if anything failed.
"""

import argparse
import itertools
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from cfnlint.decode import cfn_yaml
from cfnlint.version import __version__ as CFN_LINT

from templates_breakages import BREAKAGES
from templates_resolver import ACCOUNT, FUNCTION, REGION, Refused, Stack

ROOT = Path(__file__).resolve().parents[2]
# All partitions, and a Region that lacks services. cfn-lint takes ten minutes over all 46, where it found nothing more.
REGIONS = """us-east-1 eu-west-1 ca-west-1 cn-north-1 us-gov-west-1 eusc-de-east-1 us-iso-east-1 us-isob-east-1
eu-isoe-west-1 us-isof-south-1""".split()
# What AWS Config accepts: https://docs.aws.amazon.com/config/latest/APIReference/API_SourceDetail.html
CHANGES = ["ConfigurationItemChangeNotification", "OversizedConfigurationItemChangeNotification"]
SECONDS = {"One_Hour": 3600, "Three_Hours": 10800, "Six_Hours": 21600, "Twelve_Hours": 43200, "TwentyFour_Hours": 86400}
# What a pack appends to the names of its rules, and what GetComplianceDetailsByConfigRule takes (docs/unknowns.md).
PACK_SUFFIX, RULE_NAME = len("-conformance-pack-xxxxxxxxx"), 64
INLINE, BUDGET = 51_200, 48_000
REQUIRED = {"Version": "1.2.3", "ArtifactBucketPrefix": "notebook-guard-" + ACCOUNT, "ArtifactSha256": "a1" * 32}


def pascal(check):
    return "".join(map(str.capitalize, check.split("-")))


class Opinion:
    """Every check of the templates: a method for each, which yields what is wrong."""

    def __init__(self, texts):
        self.texts = texts
        self.artifacts, self.member, self.pack = (
            cfn_yaml.loads(texts[name]) for name in ("artifacts.yaml", "member.yaml", "conformance-pack.yaml")
        )
        self.checks = {}
        for path in sorted((ROOT / "rule/src/check").glob("*.rs")):
            for body in re.findall(r"pub static \w+: Check = Check \{(.*?)\n\};", path.read_text(), re.S):
                self.checks[re.search(r'\bid: "([^"]+)"', body)[1]] = {
                    "title": re.search(r'title: "([^"]+)"', body)[1],
                    "type": "AWS::SageMaker::" + ("Domain" if "Decision::Domain" in body else "NotebookInstance"),
                    "parameters": re.findall(r'Parameter \{\s*name: "([^"]+)"', body),
                }

    def stack(self, on=(), **given):
        """The member stack with exactly these checks on."""
        switches = {pascal(check): "on" if check in on else "off" for check in self.checks}
        return Stack(self.member, {**REQUIRED, **switches, **given})

    def pack_rules(self, stack):
        packs = list(stack.of_type("AWS::Config::ConformancePack").values())
        return {} if not packs else yaml.safe_load(packs[0]["TemplateBody"])["Resources"]

    def standalone(self, on, **given):
        switches = {pascal(check): "on" if check in on else "off" for check in self.checks}
        return Stack(self.pack, {"FunctionArn": FUNCTION, **switches, **given}).of_type("AWS::Config::ConfigRule")

    def faults_of_rule(self, rule, check, changes, frequency, prefix, parameters):
        """A rule as it must be, in full: nothing missing, nothing more."""
        details = [{"EventSource": "aws.config", "MessageType": message} for message in (CHANGES if changes else [])]
        details.append({"EventSource": "aws.config", "MessageType": "ScheduledNotification", "MaximumExecutionFrequency": frequency})
        expected = {
            "ConfigRuleName": f"{prefix}-{check}",
            "Description": self.checks[check]["title"],
            "InputParameters": {"check": check, **{k: v for k, v in parameters.items() if k in self.checks[check]["parameters"]}},
            "Source": {"Owner": "CUSTOM_LAMBDA", "SourceIdentifier": FUNCTION},
            **({"Scope": {"ComplianceResourceTypes": [self.checks[check]["type"]]}} if changes else {}),
        }
        seen = json.loads(json.dumps(rule))
        if sorted(map(str, seen.get("Source", {}).pop("SourceDetails", []))) != sorted(map(str, details)):
            yield f"{check}: SourceDetails {rule['Source']}"
        if seen != expected:
            yield f"{check}: {seen} is not {expected}"
        if len(json.dumps(expected["InputParameters"])) > 1024:
            yield f"{check}: input parameters over 1,024 characters"
        if len(expected["ConfigRuleName"]) + PACK_SUFFIX > RULE_NAME or len(expected["Description"]) > 256:
            yield f"{check}: the name or the description is too long"

    def faults_of_rules(self, on, changes, **given):
        """The same rules as rules, in the stack's pack, and in the stand-alone pack."""
        frequency, prefix = given.get("Frequency", "TwentyFour_Hours"), given.get("Prefix", "notebook-guard")
        # A template's parameter is called as the rule's, with a capital.
        names = [name for check in self.checks.values() for name in check["parameters"]]
        wanted = {name: given[name[0].upper() + name[1:]] for name in names if given.get(name[0].upper() + name[1:])}
        triggers = "change-and-schedule" if changes else "schedule"
        plain = self.stack(on, Triggers=triggers, Delivery="rules", **given)
        packed = self.stack(on, Triggers=triggers, Delivery="conformance-pack", **given)
        nothing = self.stack(on, Triggers=triggers, Delivery="none", **given)
        found = {"rules": plain.of_type("AWS::Config::ConfigRule"), "pack": self.pack_rules(packed)}
        found["pack"] = {k: v["Properties"] for k, v in found["pack"].items() if v["Type"] == "AWS::Config::ConfigRule" and set(v) == {"Type", "Properties"}}
        if changes and prefix == "notebook-guard":
            found["stand-alone"] = self.standalone(on, **{k: v for k, v in given.items() if k in self.pack["Parameters"]})
        for where, rules in found.items():
            by_check = {rule["InputParameters"]["check"]: rule for rule in rules.values()}
            if len(by_check) != len(rules) or set(by_check) != set(on):
                yield f"{where}: {sorted(by_check)} instead of {sorted(on)}"
                continue
            for check, rule in by_check.items():
                for fault in self.faults_of_rule(rule, check, changes, frequency, prefix, wanted):
                    yield f"{where}: {fault}"
        if plain.of_type("AWS::Config::ConformancePack") or packed.of_type("AWS::Config::ConfigRule"):
            yield "delivered both ways"
        if nothing.of_type("AWS::Config::ConfigRule") or nothing.of_type("AWS::Config::ConformancePack"):
            yield "Delivery=none delivers something"
        if bool(on) != bool(packed.of_type("AWS::Config::ConformancePack")):
            yield "a pack without rules, or rules without a pack"
        for stack in (plain, packed, nothing):
            if sorted(filter(None, stack.outputs.get("RuleNames", "").split(","))) != sorted(f"{prefix}-{check}" for check in on):
                yield f"output RuleNames: {stack.outputs.get('RuleNames')}"

    def check_every_check_of_the_evaluator_has_its_rule(self):
        declared = int(re.search(r"ALL: \[&Check; (\d+)\]", (ROOT / "rule/src/check.rs").read_text())[1])
        if len(self.checks) != declared:
            yield f"rule/src/check.rs lists {declared} checks, {len(self.checks)} were found"
        yield from self.faults_of_rules(list(self.checks), True)

    def check_any_choice_of_checks_delivers_exactly_those(self):
        for size in range(len(self.checks) + 1):
            for on in itertools.combinations(self.checks, size):
                yield from self.faults_of_rules(on, changes=size % 2 == 0)

    def check_triggers_frequencies_prefix_and_parameters_arrive(self):
        full = {
            "SubnetIds": ",".join(["subnet-0123456789abcdef0"] * 36),
            "KmsKeyArns": ",".join([f"arn:aws-us-gov:kms:us-gov-west-1:{ACCOUNT}:key/{'1' * 36}"] * 9),
            "SupportedPlatformIdentifierVersions": ",".join(["notebook-al2023-v1"] * 47),
        }
        for changes, frequency in itertools.product([True, False], SECONDS):
            for given in [full, {"Prefix": "a" * 14, **full}, {"SubnetIds": "subnet-1, subnet-2"}, {}]:
                yield from self.faults_of_rules(list(self.checks), changes, Frequency=frequency, **given)

    def check_the_four_network_and_root_checks_are_on_by_default(self):
        four = {"direct-internet-access", "inside-vpc", "root-access", "open-ingress"}
        for rules in (
            Stack(self.member, REQUIRED).of_type("AWS::Config::ConfigRule"),
            Stack(self.pack, {"FunctionArn": FUNCTION}).of_type("AWS::Config::ConfigRule"),
        ):
            if {rule["InputParameters"]["check"] for rule in rules.values()} != four:
                yield str(list(rules))

    def check_malformed_parameters_are_refused(self):
        for name, value in {
            "Prefix": "a" * 15, "SubnetIds": "subnet-1,,subnet-2", "KmsKeyArns": "alias/x", "Version": "a b", "Frequency": "Daily",
            "SupportedPlatformIdentifierVersions": 'notebook-al2023-v1"}', "ArtifactSha256": "A1" * 32, "AlarmTopic": "arn:x",
            "RolePath": "x", "PermissionsBoundary": "arn:aws:iam::aws:policy/X", "InsideVpc": "true", "Architecture": "arm",
        }.items():  # fmt: skip
            try:
                Stack(self.member, {**REQUIRED, name: value})
                yield f"{name}={value} was accepted"
            except Refused:
                pass

    def check_the_role_has_exactly_the_documented_actions(self):
        table = (ROOT / "docs/permissions.md").read_text().split("## The function")[1].split("\n\n")[1]
        rows = [line.split("|")[1:3] for line in table.strip().splitlines()[2:]]
        documented = {action: row[1] for row in rows for action in re.findall(r"`([a-z0-9]+:\w+)`", row[0])}
        for on in [list(self.checks), [], ["open-ingress"], ["studio-vpc-only"], ["root-access"]]:
            expected = set(documented)
            expected -= {a for a in documented if a.startswith("ec2:")} if "open-ingress" not in on else set()
            expected -= {a for a in documented if "Domain" in a} if "studio-vpc-only" not in on else set()
            (role,) = self.stack(on).of_type("AWS::IAM::Role").values()
            if len(role["Policies"]) != 1 or "ManagedPolicyArns" in role:
                yield "the role has other policies"
            seen = {}
            for statement in role["Policies"][0]["PolicyDocument"]["Statement"]:
                if statement["Effect"] != "Allow" or set(statement) - {"Sid", "Effect", "Action", "Resource", "Condition"}:
                    yield f"a statement of an unknown form: {statement}"
                actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                seen.update({action: statement for action in actions})
            if set(seen) != expected:
                yield f"{on}: {sorted(set(seen) ^ expected)}"
            for action, statement in seen.items():
                words = {"PARTITION": "aws", "REGION": REGION, "ACCOUNT": ACCOUNT}
                resource = re.sub("|".join(words), lambda word: words[word[0]], "".join(re.findall(r"^ `([^`]+)`", documented.get(action, ""))))
                if statement["Resource"] != (resource or "<LogGroup.Arn>"):
                    yield f"{action} on {statement['Resource']}, documented: {documented.get(action)}"
                if action.startswith("ec2:") and statement.get("Condition") != {"StringEquals": {"ec2:Region": REGION}}:
                    yield f"{action} has no condition on the Region"

    def check_the_function_is_as_decided(self):
        for architecture in ("arm64", "x86_64"):
            stack = self.stack(["root-access"], Architecture=architecture, PermissionsBoundary="team/guard", ArtifactBucketSuffix="-an")
            (function,) = stack.of_type("AWS::Lambda::Function").values()
            key = f"notebook-guard/1.2.3/{'a1' * 32}/bootstrap-{architecture}.zip"
            for name, value in {
                "Runtime": "provided.al2023", "MemorySize": 256, "Timeout": 300, "Architectures": [architecture],
                "Environment": {"Variables": {"SSL_CERT_FILE": "/etc/pki/tls/certs/ca-bundle.crt"}},
                "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "<LogGroup>"},
                "Code": {"S3Bucket": f"notebook-guard-{ACCOUNT}-{REGION}-an", "S3Key": key},
            }.items():  # fmt: skip
                if function.get(name) != value:
                    yield f"{name} is {function.get(name)}"
            if "ReservedConcurrentExecutions" in function:
                yield "reserved concurrency fails in small accounts"
            (permission,) = stack.of_type("AWS::Lambda::Permission").values()
            if permission != {"FunctionName": FUNCTION, "Action": "lambda:InvokeFunction", "Principal": "config.amazonaws.com", "SourceAccount": ACCOUNT}:
                yield f"permission: {permission}"
            (role,) = stack.of_type("AWS::IAM::Role").values()
            if role.get("PermissionsBoundary") != f"arn:aws:iam::{ACCOUNT}:policy/team/guard" or len(role["RoleName"]) > 64:
                yield f"role: {role.get('PermissionsBoundary')} {role['RoleName']}"
            if (stack.outputs["ArtifactKey"], stack.outputs["FunctionArn"], stack.outputs["Version"]) != (key, FUNCTION, "1.2.3"):
                yield f"outputs: {stack.outputs}"

    def check_rules_and_packs_wait_for_the_permission(self):
        for name, resource in self.member["Resources"].items():
            if resource["Type"] in ("AWS::Config::ConfigRule", "AWS::Config::ConformancePack") and resource.get("DependsOn") != "Permission":
                yield name

    def check_alarms_are_ones_that_cloudwatch_takes_and_that_fire(self):
        telemetry = (ROOT / "rule/src/bootstrap/telemetry.rs").read_text()
        for word in ('NAMESPACE: &str = "NotebookGuard"', '("Swept", "Count")', '["FunctionName", "Check"]'):
            if word not in telemetry:
                yield f"the evaluator's metrics have changed: {word}"
        for frequency, on in itertools.product(SECONDS, [list(self.checks), ["imds-v2"], []]):
            stack = self.stack(on, Frequency=frequency, AlarmTopic=f"{ACCOUNT}:t", ThrottlesAlarm="on")
            watched = set()
            for name, alarm in stack.of_type("AWS::CloudWatch::Alarm").items():
                if alarm["AlarmActions"] != [f"arn:aws:sns:{REGION}:{ACCOUNT}:t"]:
                    yield f"{name}: {alarm['AlarmActions']}"
                queries = [one for one in alarm.get("Metrics", []) if "MetricStat" in one]
                period = int(queries[0]["MetricStat"]["Period"] if queries else alarm["Period"])
                # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
                if period % 60 or period * alarm["EvaluationPeriods"] > (604_800 if period >= 3600 else 86_400):
                    yield f"{name}: {alarm['EvaluationPeriods']} periods of {period} s"
                if not queries:
                    continue
                metric, expressions = queries[0]["MetricStat"], [one for one in alarm["Metrics"] if "Expression" in one]
                function, check = metric["Metric"]["Dimensions"]
                watched.add(check["Value"])
                if (function["Name"], check["Name"]) != ("FunctionName", "Check"):
                    yield f"{name}: {metric}"
                if (metric["Metric"]["Namespace"], metric["Metric"]["MetricName"], metric["Stat"]) != ("NotebookGuard", "Swept", "Sum"):
                    yield f"{name}: {metric}"
                if [one["Expression"] for one in expressions] != [f"FILL({queries[0]['Id']}, 0)"] or queries[0]["ReturnData"]:
                    yield f"{name}: {alarm['Metrics']}"
                demanded = {"TreatMissingData": "breaching", "ComparisonOperator": "LessThanThreshold", "Threshold": 1, "EvaluationPeriods": 2}
                if period != SECONDS[frequency] or any(alarm.get(k) != v for k, v in demanded.items()):
                    yield f"{name}: not two schedules of {frequency} without results: {alarm}"
            if watched != set(on):
                yield f"watched are {watched}"
            if self.stack(on, Alarms="off", ThrottlesAlarm="on").of_type("AWS::CloudWatch::Alarm"):
                yield "Alarms=off leaves alarms"

    def check_the_bucket_is_closed(self):
        for org, namespace in itertools.product(["", "o-abcdefghij"], ["global", "account-regional"]):
            stack = Stack(self.artifacts, {"BucketPrefix": "b" * 45, "OrgId": org, "Namespace": namespace})
            (name, bucket), = stack.of_type("AWS::S3::Bucket").items()
            block = bucket["PublicAccessBlockConfiguration"]
            if list(block.values()) != [True] * 4 or len(bucket["BucketName"]) > 63:
                yield f"{block} {bucket['BucketName']}"
            for part, value in {
                "BucketEncryption": {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]},
                "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
                "VersioningConfiguration": {"Status": "Enabled"},
            }.items():
                if bucket.get(part) != value:
                    yield f"{part}: {bucket.get(part)}"
            if stack.resources[name].get("DeletionPolicy") != "RetainExceptOnCreate" or stack.resources[name].get("UpdateReplacePolicy") != "Retain":
                yield "the bucket does not outlive its stack"
            kinds = {key for rule in bucket["LifecycleConfiguration"]["Rules"] for key in rule} - {"Id", "Status"}
            if kinds - {"NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"}:
                yield f"current objects may expire: {kinds}"
            (policy,) = stack.of_type("AWS::S3::BucketPolicy").values()
            deny, *allows = policy["PolicyDocument"]["Statement"]
            if deny["Effect"] != "Deny" or deny["Condition"] != {"Bool": {"aws:SecureTransport": "false"}} or len(deny["Resource"]) != 2:
                yield f"not TLS only: {deny}"
            readers = {"StringEquals": {"aws:PrincipalOrgID": org}, "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/stacksets-exec-*"}}
            if [(one["Action"], one["Condition"]) for one in allows] != ([("s3:GetObject", readers)] if org else []):
                yield f"others may read: {allows}"

    def check_sizes_and_forms(self):
        for name, text in self.texts.items():
            if len(text.encode()) > BUDGET:
                yield f"{name} has {len(text.encode())} bytes; {INLINE} go inline, and we keep some room"
            template = cfn_yaml.loads(text)
            if "Transform" in template or any(one["Type"] == "AWS::CloudFormation::Stack" for one in template["Resources"].values()):
                yield f"{name}: service-managed StackSets take no transforms and no nested stacks"
            yield from (f"{name}: {key} has no description" for key, one in template.get("Parameters", {}).items() if not one.get("Description"))
            if "Notebook Guard" not in text.splitlines()[0] + str(template.get("Description", "")):
                yield f"{name} does not name the project"
        full = self.stack(list(self.checks), Delivery="conformance-pack", SubnetIds="subnet-" + "1" * 893)
        if len(full.of_type("AWS::Config::ConformancePack")["Pack"]["TemplateBody"]) > INLINE:
            yield "the body of the pack is too long"

    def check_the_stand_alone_pack_uses_only_what_packs_take(self):
        functions = set(re.findall(r"\bFn::\w+|!\w+", self.texts["conformance-pack.yaml"].split("\nParameters:")[1]))
        if functions - {"Fn::If", "Fn::Equals", "Fn::Not"} or set(self.pack) - {"Parameters", "Conditions", "Resources"}:
            yield f"{functions} {list(self.pack)}"
        for name, one in self.pack["Resources"].items():
            if one["Type"] != "AWS::Config::ConfigRule" or not isinstance(one["Properties"]["ConfigRuleName"], str):
                yield name
        yield from (name for name, one in self.pack["Parameters"].items() if one["Type"] != "String")

    def run(self):
        for name in [name for name in dir(self) if name.startswith("check_")]:
            try:
                faults = [fault for _, fault in zip(range(5), getattr(self, name)())]
            except Exception as error:  # a template so broken that it cannot be judged has failed
                faults = [f"{type(error).__name__}: {error}"]
            yield name.removeprefix("check_").replace("_", " "), faults


def lint(texts):
    """What cfn-lint says, in every Region."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            Path(folder, name).write_text(text)
        command = [str(Path(sys.executable).with_name("cfn-lint")), "--format", "parseable", "--regions", *REGIONS, "--", *(str(Path(folder, name)) for name in texts)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    said = (ran.stdout + ran.stderr).strip().splitlines()
    # What is no finding must not pass for one.
    if ran.returncode and not all(re.search(r":[EWI]\d{4}:", line) for line in said):
        raise RuntimeError(f"cfn-lint did not run: {said}")
    return said[:10] if ran.returncode else []


def unnoticed(texts, file, old, new, who):
    if old not in texts[file]:
        return [f"{file} no longer has it: renew the self-test"]
    broken = {**texts, file: texts[file].replace(old, new)}
    if who == "cfn-lint":
        return [] if lint(broken) else ["cfn-lint did not notice"]
    failed = [name for name, faults in Opinion(broken).run() if faults]
    return [] if any(who in name for name in failed) else [f"only noticed by {failed}"]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    arguments.add_argument("--no-lint", action="store_true", help="leave cfn-lint out")
    arguments.add_argument("--self-test", action="store_true", help="break the templates and demand that it is noticed")
    chosen = arguments.parse_args()
    if CFN_LINT != "1.58.0":
        sys.exit(f"templates.py: cfn-lint is {CFN_LINT}; what it finds differs between versions: install 1.58.0")
    texts = {path.name: path.read_text() for path in sorted((ROOT / "cfn").glob("*.yaml"))}
    results = list(Opinion(texts).run())
    if not chosen.no_lint:
        results.append((f"cfn-lint in {len(REGIONS)} Regions", lint(texts)))
    if chosen.self_test:
        for file, old, new, who in BREAKAGES:
            results.append((f"notices {new.strip() or 'nothing'!r:.60} for {old.strip()!r:.60}", unnoticed(texts, file, old, new, who)))
    for name, faults in results:
        print(f"{'FAILED' if faults else 'ok    '} {name}")
        for fault in faults:
            print(f"         {fault:.600}")
    failed = sum(bool(faults) for _, faults in results)
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
