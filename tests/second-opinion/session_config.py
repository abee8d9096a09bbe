"""AWS Config: recorder, history, rules, and what PutEvaluations and the others refuse."""
import datetime
import json
from typing import Any

from servers import Aws
from tally import Tally

TYPE = "AWS::SageMaker::NotebookInstance"
RULE = "notebook-guard-direct-internet-access"
FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:notebook-guard-evaluator"
SCHEDULE = {"EventSource": "aws.config", "MessageType": "ScheduledNotification"}
CHANGE = {"EventSource": "aws.config", "MessageType": "ConfigurationItemChangeNotification"}


def run(tally: Tally, aws: Aws) -> None:
    """All but the evaluations themselves."""
    config, careless = aws.client("config"), aws.client("config", strict=False)
    aws.control("POST", "settle")
    with tally.part("config: recorder and history"):
        _recorder(tally, config)
        _history(tally, config, aws.client("sagemaker"))
    with tally.part("config: rules"):
        _rules(tally, config)
    with tally.part("config: rules that are refused"):
        _refused_rules(tally, config)
    with tally.part("config: PutEvaluations"):
        _put_evaluations(tally, config, careless)
    with tally.part("config: results that are refused"):
        _refused_results(tally, config, careless)


def rule(name: str, *details: dict[str, str], **changes: Any) -> dict[str, Any]:
    """A rule with the evaluator as its function."""
    source = {"Owner": "CUSTOM_LAMBDA", "SourceIdentifier": FUNCTION, "SourceDetails": list(details)}
    return {"ConfigRuleName": name, "Source": source} | changes


def _recorder(tally: Tally, config: Any) -> None:
    [recorder] = config.describe_configuration_recorders()["ConfigurationRecorders"]
    tally.equal("it records everything", recorder["recordingGroup"]["allSupported"], True)
    [status] = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    tally.equal("now", status["recording"], True)
    [channel] = config.describe_delivery_channels()["DeliveryChannels"]
    tally.check("into a bucket", bool(channel["s3BucketName"]))
    tally.refused("another recorder", "NoSuchConfigurationRecorderException", 400,
                  config.describe_configuration_recorders, ConfigurationRecorderNames=["other"])
    name = {"ConfigurationRecorderName": recorder["name"]}
    config.stop_configuration_recorder(**name)
    [status] = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    tally.equal("it stops", status["recording"], False)
    config.start_configuration_recorder(**name)
    second = {"name": "second", "roleARN": recorder["roleARN"], "recordingGroup": {"allSupported": True}}
    tally.refused("a second recorder", "MaxNumberOfConfigurationRecordersExceededException", 400,
                  config.put_configuration_recorder, ConfigurationRecorder=second)
    tally.refused("to delete the channel that it uses", "LastDeliveryChannelDeleteFailedException", 400,
                  config.delete_delivery_channel, DeliveryChannelName=channel["name"])


def _history(tally: Tally, config: Any, sagemaker: Any) -> None:
    pages = sagemaker.get_paginator("list_notebook_instances").paginate()
    arns = sorted(entry["NotebookInstanceArn"] for page in pages for entry in page["NotebookInstances"])
    found = config.get_paginator("list_discovered_resources").paginate(resourceType=TYPE).build_full_result()
    ids = [entry["resourceId"] for entry in found["resourceIdentifiers"]]
    tally.equal("it has discovered every notebook, by its ARN", sorted(ids), arns)
    history = config.get_resource_config_history(resourceType=TYPE, resourceId=arns[0])["configurationItems"]
    item = history[0]
    described = sagemaker.describe_notebook_instance(NotebookInstanceName=item["resourceName"])
    configuration = json.loads(item["configuration"])
    for member in ("DirectInternetAccess", "RootAccess", "NotebookInstanceName", "VolumeSizeInGB"):
        tally.equal(f"an item has {member} as described", configuration.get(member), described.get(member))
    never = {"PlatformIdentifier", "NotebookInstanceStatus", "InstanceMetadataServiceConfiguration"}
    tally.equal("but neither status, platform nor IMDS", never & configuration.keys(), set())
    tally.equal("it names the account", item["accountId"], "111122223333")
    times = [entry["configurationItemCaptureTime"] for entry in history]
    tally.equal("the newest comes first", times, sorted(times, reverse=True))
    tally.refused("a resource that is not known", "ResourceNotDiscoveredException", 400,
                  config.get_resource_config_history, resourceType=TYPE, resourceId=arns[0] + "-not")
    now = datetime.datetime.now(datetime.UTC)
    tally.refused("a time range from late to early", "InvalidTimeRangeException", 400,
                  config.get_resource_config_history, resourceType=TYPE, resourceId=arns[0], earlierTime=now,
                  laterTime=now - datetime.timedelta(days=1))
    tally.refused("a token that is none", "InvalidNextTokenException", 400, config.get_resource_config_history,
                  resourceType=TYPE, resourceId=arns[0], nextToken="none")


def _rules(tally: Tally, config: Any) -> None:
    [first] = config.describe_config_rules(ConfigRuleNames=[RULE])["ConfigRules"]
    tally.equal("the sandbox's own is active", first["ConfigRuleState"], "ACTIVE")
    tally.equal("and for notebooks", first["Scope"]["ComplianceResourceTypes"], [TYPE])
    tally.check("its ARN ends in its id", first["ConfigRuleArn"].endswith("/" + first["ConfigRuleId"]))
    config.put_config_rule(ConfigRule=rule("second-opinion", SCHEDULE, InputParameters='{"check": "root-access"}'))
    [put] = config.describe_config_rules(ConfigRuleNames=["second-opinion"])["ConfigRules"]
    tally.equal("a schedule is daily by default", put["Source"]["SourceDetails"][0]["MaximumExecutionFrequency"],
                "TwentyFour_Hours")
    tally.equal("parameters are kept", json.loads(put["InputParameters"]), {"check": "root-access"})
    config.put_config_rule(ConfigRule=put | {"Description": "changed"})
    [changed] = config.describe_config_rules(ConfigRuleNames=["second-opinion"])["ConfigRules"]
    tally.equal("a change keeps the ARN", (changed["ConfigRuleArn"], changed["Description"]),
                (put["ConfigRuleArn"], "changed"))
    for number in range(30):
        config.put_config_rule(ConfigRule=rule(f"page-{number:02}", CHANGE,
                                               Scope={"ComplianceResourceTypes": ["AWS::S3::Bucket"]}))
    tally.equal("a page has 25", len(config.describe_config_rules()["ConfigRules"]), 25)
    pages = config.get_paginator("describe_config_rules").paginate()
    names = [entry["ConfigRuleName"] for page in pages for entry in page["ConfigRules"]]
    right = sorted([RULE, "second-opinion"] + [f"page-{number:02}" for number in range(30)])
    tally.equal("the pages have all", sorted(names), right)
    pages = config.get_paginator("describe_config_rule_evaluation_status").paginate()
    status = {entry["ConfigRuleName"] for page in pages for entry in page["ConfigRulesEvaluationStatus"]}
    tally.equal("their status too", status, set(right))
    for name in right[1:]:
        config.delete_config_rule(ConfigRuleName=name)
    tally.refused("one that was deleted", "NoSuchConfigRuleException", 400, config.delete_config_rule,
                  ConfigRuleName="second-opinion")
    for operation in ("describe_config_rules", "describe_compliance_by_config_rule",
                      "describe_config_rule_evaluation_status"):
        tally.refused(f"{operation} of it", "NoSuchConfigRuleException", 400, getattr(config, operation),
                      ConfigRuleNames=["second-opinion"])


def _refused_rules(tally: Tally, config: Any) -> None:
    def refused(what: str, code: str, definition: dict[str, Any]) -> None:
        tally.refused(what, code, 400, config.put_config_rule, ConfigRule=definition)

    scope = {"ComplianceResourceTypes": [TYPE]}
    invalid = "InvalidParameterValueException"
    refused("a scope with a schedule alone", invalid, rule("no", SCHEDULE, Scope=scope))
    refused("parameters that are no JSON", invalid, rule("no", CHANGE, InputParameters="{"))
    refused("parameters that are a list", invalid, rule("no", CHANGE, InputParameters="[]"))
    refused("no trigger", invalid, rule("no"))
    refused("a frequency for changes", invalid, rule("no", CHANGE | {"MaximumExecutionFrequency": "One_Hour"}))
    refused("an ARN for a new rule", invalid, rule("no", CHANGE, ConfigRuleArn="arn:aws:config:eu-west-1:1:no"))
    refused("a state of deletion", invalid, rule("no", CHANGE, ConfigRuleState="DELETING"))
    gone = rule("no", CHANGE)
    gone["Source"]["SourceIdentifier"] = FUNCTION + "-not"
    refused("a function that is not there", "InsufficientPermissionsException", gone)
    refused("1025 characters of parameters", "ValidationException",
            rule("no", CHANGE, InputParameters=json.dumps({"check": "x" * 1012})))
    refused("a frequency that is none", "ValidationException",
            rule("no", SCHEDULE | {"MaximumExecutionFrequency": "Hourly"}))
    managed = {"ConfigRuleName": "no", "Source": {"Owner": "AWS", "SourceIdentifier": "not a rule"}}
    refused("a managed rule that is none", invalid, managed)


def _evaluation(**changes: Any) -> dict[str, Any]:
    whole = {
        "ComplianceResourceType": TYPE,
        "ComplianceResourceId": "arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/nobody",
        "ComplianceType": "COMPLIANT", "OrderingTimestamp": datetime.datetime.now(datetime.UTC),
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


def _put_evaluations(tally: Tally, config: Any, careless: Any) -> None:
    answer = config.put_evaluations(Evaluations=[_evaluation()] * 100, ResultToken="TESTMODE", TestMode=True)
    tally.equal("in test mode any token will do for a hundred", answer["FailedEvaluations"], [])

    def refused(what: str, code: str, *evaluations: dict[str, Any], test: bool = True, **more: Any) -> str:
        asked = {"Evaluations": list(evaluations), "ResultToken": "TESTMODE", "TestMode": test} | more
        given = {name: value for name, value in asked.items() if value is not None}
        return tally.refused(what, code, 400, careless.put_evaluations, **given)

    said = refused("101", "ValidationException", *[_evaluation()] * 101)
    tally.check("it says how many are allowed", "length less than or equal to 100" in said, said)
    said = refused("an annotation of 257", "ValidationException", _evaluation(), _evaluation(Annotation="x" * 257))
    tally.check("it says which", "'evaluations.2.member.annotation'" in said, said)
    refused("an empty annotation", "ValidationException", _evaluation(Annotation=""))
    refused("an id of 769", "ValidationException", _evaluation(ComplianceResourceId="x" * 769))
    refused("no time", "ValidationException", _evaluation(OrderingTimestamp=None))
    refused("no token", "ValidationException", _evaluation(), ResultToken=None)
    refused("a result that is none", "ValidationException", _evaluation(ComplianceType="FINE"))
    refused("insufficient data", "InvalidParameterValueException", _evaluation(ComplianceType="INSUFFICIENT_DATA"))
    refused("a type that does not exist", "InvalidParameterValueException",
            _evaluation(ComplianceResourceType="AWS::Account"))
    refused("one of 100 that is wrong", "InvalidParameterValueException", *[_evaluation()] * 99,
            _evaluation(ComplianceType="INSUFFICIENT_DATA"))
    refused("a resource id as a number", "SerializationException", _evaluation(ComplianceResourceId=7))
    said = refused("a token that is none", "InvalidResultTokenException", _evaluation(), test=False)
    tally.check("it says so", "Result Token" in said, said)


def _refused_results(tally: Tally, config: Any, careless: Any) -> None:
    invalid, name = "InvalidParameterValueException", {"ConfigRuleName": RULE}
    tally.refused("a page of 101", "ValidationException", 400, careless.get_compliance_details_by_config_rule,
                  **name, Limit=101)
    tally.refused("results without data", invalid, 400, config.get_compliance_details_by_config_rule, **name,
                  ComplianceTypes=["INSUFFICIENT_DATA"])
    tally.refused("a token that is none", "InvalidNextTokenException", 400,
                  config.get_compliance_details_by_config_rule, **name, NextToken="none")
    tally.refused("results of no rule", "NoSuchConfigRuleException", 400,
                  config.get_compliance_details_by_config_rule, ConfigRuleName="second-opinion")
    tally.refused("a roll-up that does not apply", invalid, 400, config.describe_compliance_by_config_rule,
                  ComplianceTypes=["NOT_APPLICABLE"])
    tally.refused("a resource without its type", invalid, 400, config.describe_compliance_by_resource,
                  ResourceId="notebook")
    # Its model has no error for a bad token but the one for a bad value.
    tally.refused("a token that is none, by resource", invalid, 400, config.get_compliance_details_by_resource,
                  ResourceType=TYPE, ResourceId="notebook", NextToken="none")
    tally.refused("26 rules at once", "ValidationException", 400, careless.start_config_rules_evaluation,
                  ConfigRuleNames=[f"rule-{number}" for number in range(26)])
    tally.refused("no rule at all", invalid, 400, config.start_config_rules_evaluation)
    tally.refused("a rule that does not exist", "NoSuchConfigRuleException", 400,
                  config.start_config_rules_evaluation, ConfigRuleNames=["second-opinion"])
