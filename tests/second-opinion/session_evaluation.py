"""The real function behind AWS Config: StartConfigRulesEvaluation, changes, and the compliance that results."""
import datetime
import json
from typing import Any

import oracle
from servers import Aws
from session_config import CHANGE, SCHEDULE, TYPE, rule
from tally import Tally

DOMAIN = "AWS::SageMaker::Domain"
Results = dict[str, str]


def run(tally: Tally, aws: Aws) -> None:
    """Every check on the whole fleet, then one notebook as it comes, changes and goes."""
    with tally.part("evaluation: every check, started by hand"):
        _every_check(tally, aws)
    with tally.part("evaluation: changes"):
        _changes(tally, aws)


def right(aws: Aws) -> dict[str, Results]:
    """What each check has to say of each resource of the Region, by the oracle."""
    sagemaker = aws.client("sagemaker")
    whole = aws.client("ec2").get_paginator("describe_security_groups").paginate().build_full_result()
    groups = whole["SecurityGroups"]
    wanted: dict[str, Results] = {check: {} for check in (*oracle.NOTEBOOK_CHECKS, "studio-vpc-only")}
    for page in sagemaker.get_paginator("list_notebook_instances").paginate():
        for entry in page["NotebookInstances"]:
            seen = sagemaker.describe_notebook_instance(NotebookInstanceName=entry["NotebookInstanceName"])
            for check, result in oracle.notebook(seen, groups).items():
                wanted[check][entry["NotebookInstanceArn"]] = result
    for page in sagemaker.get_paginator("list_domains").paginate():
        for entry in page["Domains"]:
            seen = sagemaker.describe_domain(DomainId=entry["DomainId"])
            wanted["studio-vpc-only"][entry["DomainId"]] = oracle.domain(seen)["studio-vpc-only"]
    return wanted


def results(config: Any, name: str, **filters: Any) -> Results:
    """The results that a rule has put."""
    pages = config.get_paginator("get_compliance_details_by_config_rule").paginate(ConfigRuleName=name, **filters)
    found = {}
    for page in pages:
        for entry in page["EvaluationResults"]:
            qualifier = entry["EvaluationResultIdentifier"]["EvaluationResultQualifier"]
            found[qualifier["ResourceId"]] = entry["ComplianceType"]
    return found


def _every_check(tally: Tally, aws: Aws) -> None:
    config, wanted = aws.client("config"), right(aws)
    names = {check: f"second-opinion-{check}" for check in wanted}
    for check, name in names.items():
        config.put_config_rule(ConfigRule=rule(name, SCHEDULE, InputParameters=json.dumps({"check": check})))
    aws.control("POST", "settle")
    for name in names.values():
        config.delete_evaluation_results(ConfigRuleName=name)
        tally.equal(f"{name}: no results to start with", results(config, name), {})
    began = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=1)
    config.start_config_rules_evaluation(ConfigRuleNames=list(names.values()))
    tally.refused("twice within a minute", "LimitExceededException", 400, config.start_config_rules_evaluation,
                  ConfigRuleNames=[names["root-access"]])
    ran = aws.control("POST", "settle")["invocations"]
    failed = [attempt["error"] for one in ran for attempt in one["attempts"] if "error" in attempt]
    tally.equal("every run of the function ends well", failed, [])
    for check, name in names.items():
        tally.equal(f"{check}: as the oracle says", results(config, name), wanted[check])
        _roll_up(tally, config, name, wanted[check])
    details = config.get_compliance_details_by_config_rule(ConfigRuleName=names["root-access"])["EvaluationResults"]
    now = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=1)
    in_order = [
        began <= entry["EvaluationResultIdentifier"]["OrderingTimestamp"] <= entry["ResultRecordedTime"] <= now
        and entry["ConfigRuleInvokedTime"] <= entry["ResultRecordedTime"] for entry in details
    ]
    tally.check("the times of a result are in order", bool(in_order) and all(in_order), details)
    said = [entry.get("Annotation", "") for entry in details if entry["ComplianceType"] == "NON_COMPLIANT"]
    tally.check("what does not comply says why", bool(said) and all("RootAccess" in text for text in said), said)
    tally.check("in 256 ASCII characters at most", all(text.isascii() and len(text) <= 256 for text in said), said)
    worst = next(arn for arn, result in wanted["root-access"].items() if result == "NON_COMPLIANT")
    _by_resource(tally, config, worst, {name: wanted[check].get(worst) for check, name in names.items()})
    for name in names.values():
        config.delete_config_rule(ConfigRuleName=name)


def _roll_up(tally: Tally, config: Any, name: str, wanted: Results) -> None:
    [entry] = config.describe_compliance_by_config_rule(ConfigRuleNames=[name])["ComplianceByConfigRules"]
    bad = sum(result == "NON_COMPLIANT" for result in wanted.values())
    good = sum(result == "COMPLIANT" for result in wanted.values())
    compliance: dict[str, Any] = {"ComplianceType": "COMPLIANT" if good else "INSUFFICIENT_DATA"}
    if bad:
        count = {"CappedCount": bad, "CapExceeded": False}
        compliance = {"ComplianceType": "NON_COMPLIANT", "ComplianceContributorCount": count}
    tally.equal(f"{name}: rolled up", entry["Compliance"], compliance)
    only = results(config, name, ComplianceTypes=["NON_COMPLIANT"], Limit=2)
    tally.equal(f"{name}: only the bad, two to a page", only,
                {arn: result for arn, result in wanted.items() if result == "NON_COMPLIANT"})


def _by_resource(tally: Tally, config: Any, arn: str, wanted: dict[str, str | None]) -> None:
    pages = config.get_paginator("get_compliance_details_by_resource").paginate(ResourceType=TYPE, ResourceId=arn)
    found = {
        entry["EvaluationResultIdentifier"]["EvaluationResultQualifier"]["ConfigRuleName"]: entry["ComplianceType"]
        for page in pages for entry in page["EvaluationResults"]
    }
    seen = {name: result for name, result in found.items() if name in wanted}
    tally.equal("by resource it is the same", seen, {name: result for name, result in wanted.items() if result})
    [entry] = config.describe_compliance_by_resource(ResourceType=TYPE, ResourceId=arn)["ComplianceByResources"]
    bad = sum(result == "NON_COMPLIANT" for result in found.values())
    tally.equal("and rolled up", entry["Compliance"]["ComplianceContributorCount"]["CappedCount"], bad)
    pages = config.get_paginator("describe_compliance_by_resource").paginate(ResourceType=DOMAIN)
    kinds = {entry["ResourceType"] for page in pages for entry in page["ComplianceByResources"]}
    tally.equal("of one type only", kinds, {DOMAIN})


def _changes(tally: Tally, aws: Aws) -> None:
    sagemaker, config, ec2 = aws.client("sagemaker"), aws.client("config"), aws.client("ec2")
    watched = {check: f"second-opinion-change-{check}" for check in ("root-access", "open-ingress")}
    for check, name in watched.items():
        config.put_config_rule(ConfigRule=rule(name, CHANGE, InputParameters=json.dumps({"check": check}),
                                               Scope={"ComplianceResourceTypes": [TYPE]}))
    group = ec2.create_security_group(GroupName="second-opinion-change", Description="opened")["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")
    named = {"NotebookInstanceName": "second-opinion-change"}
    arn = sagemaker.create_notebook_instance(
        **named, InstanceType="ml.t3.medium", RoleArn="arn:aws:iam::111122223333:role/notebooks",
        SubnetId="subnet-0a1b2c3d", SecurityGroupIds=[group],
    )["NotebookInstanceArn"]

    def seen() -> dict[str, str | None]:
        failed = [one for one in aws.control("POST", "settle")["invocations"] if "error" in one["attempts"][-1]]
        tally.equal("the function ends well", failed, [])
        return {check: results(config, name).get(arn) for check, name in watched.items()}

    bad = {"root-access": "NON_COMPLIANT", "open-ingress": "NON_COMPLIANT"}
    tally.equal("a new notebook is judged", seen(), bad)
    sagemaker.stop_notebook_instance(**named)
    sagemaker.update_notebook_instance(**named, RootAccess="Disabled")
    tally.equal("and judged anew when it changes", seen(), bad | {"root-access": "COMPLIANT"})
    tally.refused("its group cannot go before it", "DependencyViolation", 400, ec2.delete_security_group,
                  GroupId=group)
    sagemaker.delete_notebook_instance(**named)
    gone = [entry["NotebookInstanceName"] for entry in sagemaker.list_notebook_instances()["NotebookInstances"]]
    tally.check("it is gone", named["NotebookInstanceName"] not in gone, gone)
    tally.equal("then it does not apply", set(seen().values()) - {None}, {"NOT_APPLICABLE"})
    ec2.delete_security_group(GroupId=group)
    for name in watched.values():
        config.delete_config_rule(ConfigRuleName=name)
