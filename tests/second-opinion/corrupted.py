"""Recorded calls for the self-test of traffic.py: good ones, and each with one thing wrong."""
import copy
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

Record = dict[str, Any]
ARN = "arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/analytics"
EC2 = "http://ec2.amazonaws.com/doc/2016-11-15/"
STS = "https://sts.amazonaws.com/doc/2011-06-15/"


def _json(service: str, target: str, request: Any, response: Any, status: int = 200) -> Record:
    return {
        "service": service, "operation": target.partition(".")[2], "protocol": "json", "region": "eu-west-1",
        "account": "111122223333", "request": json.dumps(request), "status": status, "faulted": False,
        "request_headers": {"content-type": "application/x-amz-json-1.1", "x-amz-target": target},
        "response": json.dumps(response) if response is not None else "",
    }


def _form(service: str, protocol: str, request: dict[str, str], response: str, status: int = 200) -> Record:
    return {
        "service": service, "operation": request["Action"], "protocol": protocol, "region": "eu-west-1",
        "account": "111122223333", "request": urlencode(request), "status": status, "faulted": False,
        "request_headers": {"content-type": "application/x-www-form-urlencoded"}, "response": response,
    }


def evaluation() -> dict[str, Any]:
    """One evaluation as it should be."""
    return {
        "ComplianceResourceType": "AWS::SageMaker::NotebookInstance", "ComplianceResourceId": ARN,
        "ComplianceType": "NON_COMPLIANT", "Annotation": "DirectInternetAccess is \"Enabled\".",
        "OrderingTimestamp": 1795306714.774,
    }


def put(evaluations: list[Any], **more: Any) -> Record:
    """A PutEvaluations that was answered."""
    request = {"Evaluations": evaluations, "ResultToken": "token"} | more
    return _json("config", "StarlingDoveService.PutEvaluations", request, {"FailedEvaluations": []})


def describe(**response: Any) -> Record:
    """A DescribeNotebookInstance that was answered."""
    answer = {
        "NotebookInstanceName": "analytics", "NotebookInstanceArn": ARN, "NotebookInstanceStatus": "InService",
        "CreationTime": 1795306714.774, "DirectInternetAccess": "Disabled", "SecurityGroups": ["sg-0a1b2c3d"],
    }
    return _json("sagemaker", "SageMaker.DescribeNotebookInstance", {"NotebookInstanceName": "analytics"},
                 answer | response)


def groups(request: dict[str, str] | None = None, inside: str = "") -> Record:
    """A DescribeSecurityGroups that was answered."""
    asked = {"Action": "DescribeSecurityGroups", "Version": "2016-11-15", "GroupId.1": "sg-0a1b2c3d"}
    answer = (f'<DescribeSecurityGroupsResponse xmlns="{EC2}"><requestId>1</requestId><securityGroupInfo><item>'
              f"<groupId>sg-0a1b2c3d</groupId>{inside}</item></securityGroupInfo></DescribeSecurityGroupsResponse>")
    return _form("ec2", "ec2", asked | (request or {}), answer)


def identity(result: str = "GetCallerIdentityResult", namespace: str = STS) -> Record:
    """A GetCallerIdentity that was answered."""
    answer = (f'<GetCallerIdentityResponse xmlns="{namespace}"><{result}><Account>111122223333</Account></{result}>'
              "<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>")
    return _form("sts", "query", {"Action": "GetCallerIdentity", "Version": "2011-06-15"}, answer)


def alarms(period: Any = 300, path: str = "/service/GraniteServiceVersion20100801/operation/DescribeAlarms") -> Record:
    """A DescribeAlarms in CBOR, which a record holds as the JSON that it means."""
    answer = {"MetricAlarms": [{"AlarmName": "errors", "Period": period}], "CompositeAlarms": []}
    packed = _json("monitoring", "x.DescribeAlarms", {"MaxRecords": 2}, answer)
    headers = {"content-type": "application/cbor"}
    return packed | {"protocol": "smithy-rpc-v2-cbor", "request_headers": headers, "line": f"POST {path}"}


def summary(entry: str = "<entry><key>Roles</key><value>1</value></entry>") -> Record:
    """A GetAccountSummary that was answered."""
    space = "https://iam.amazonaws.com/doc/2010-05-08/"
    answer = (f'<GetAccountSummaryResponse xmlns="{space}"><GetAccountSummaryResult><SummaryMap>{entry}</SummaryMap>'
              "</GetAccountSummaryResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>"
              "</GetAccountSummaryResponse>")
    return _form("iam", "query", {"Action": "GetAccountSummary", "Version": "2010-05-08"}, answer)


def listed(**summary: Any) -> Record:
    """A ListNotebookInstances that was answered with one notebook; a member that is None is left out."""
    whole = {"NotebookInstanceName": "analytics", "NotebookInstanceArn": ARN} | summary
    shown = {name: value for name, value in whole.items() if value is not None}
    return _json("sagemaker", "SageMaker.ListNotebookInstances", {"MaxResults": 100}, {"NotebookInstances": [shown]})


def results(rule: str) -> Record:
    """A GetComplianceDetailsByConfigRule that was answered."""
    return _json("config", "StarlingDoveService.GetComplianceDetailsByConfigRule", {"ConfigRuleName": rule},
                 {"EvaluationResults": []})


def refused(record: Record, code: str, status: int = 400, message: str = "no") -> Record:
    """The same call, refused."""
    return record | {"status": status, "response": json.dumps({"__type": code, "message": message})}


def _edited(**changes: Any) -> Record:
    wrong = evaluation() | changes
    return put([{name: value for name, value in wrong.items() if value is not None}])


def records() -> Iterator[tuple[str, Record, str | None]]:
    """What each is, the record, and what has to be said of it: None for nothing."""
    yield "a good put", put([evaluation()]), None
    yield "a good put of a hundred, without annotations", put([
        {name: value for name, value in evaluation().items() if name != "Annotation"} for _ in range(100)]), None
    yield "a good description", describe(), None
    yield "a good listing", listed(), None
    yield "good groups", groups(), None
    yield "a good identity", identity(), None
    yield "a good refusal", refused(describe(), "ValidationException"), None
    yield "a rule's name of 128", results("r" * 128), None
    yield "a modelled refusal", refused(put([evaluation()]), "InvalidResultTokenException"), None

    yield "a rule's name of 129", results("r" * 129), "129 characters, at most 64 allowed"
    yield "an unknown member", put([evaluation()], Colour="red"), "Colour: PutEvaluationsRequest has no such member"
    yield "an unknown member deep inside", _edited(Result="COMPLIANT"), "Evaluations[0].Result: Evaluation has no"
    yield "a missing token", put([evaluation()], ResultToken=None), "request ResultToken: required, but missing"
    yield "a missing timestamp", _edited(OrderingTimestamp=None), "OrderingTimestamp: required, but missing"
    yield "a wrong enum", _edited(ComplianceType="BAD"), "'BAD' is not in the enum ComplianceType"
    yield "101 evaluations", put([evaluation()] * 101), "101 entries, at most 100 allowed"
    yield "an annotation of 257", _edited(Annotation="x" * 257), "257 characters, at most 256 allowed"
    yield "an annotation of 129 letters of two units", _edited(Annotation="\U0001f600" * 129), "258 characters, at most"
    yield "an empty annotation", _edited(Annotation=""), "0 characters, at least 1 wanted"
    yield "a timestamp as text", _edited(OrderingTimestamp="2026-11-22T00:00:00Z"), "is not of type timestamp"
    yield "a timestamp in milliseconds", _edited(OrderingTimestamp=1795306714774), "is no time in epoch seconds"
    yield "a boolean as text", put([evaluation()], TestMode="true"), "'true' is not of type boolean"
    yield "a number as text", _json("sagemaker", "SageMaker.ListNotebookInstances", {"MaxResults": "5"},
                                    {"NotebookInstances": []}), "'5' is not of type integer"
    yield "a number beyond its range", _json("sagemaker", "SageMaker.ListNotebookInstances", {"MaxResults": 101},
                                             {"NotebookInstances": []}), "101, at most 100 allowed"
    yield "a broken pattern", _json("sagemaker", "SageMaker.DescribeNotebookInstance", {"NotebookInstanceName": "a_b"},
                                    {}), "'a_b' does not match"
    yield "a wrong request that was accepted", put([]) | {"request": "{}"}, "accepted a request that the model forbids"
    yield "an operation that does not exist", describe() | {"operation": "DescribeNotebook"}, "has no operation"
    target = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "SageMaker.ListNotebookInstances"}
    yield "a target of another operation", describe() | {"request_headers": target}, "X-Amz-Target"
    yield "a body that is no JSON", describe() | {"request": "{"}, "request (whole): no JSON"
    yield "an unknown service", describe() | {"service": "sagemakr"}, "knows no service 'sagemakr'"

    yield "an unknown EC2 parameter", groups({"GroupIds.1": "sg-1"}), "GroupIds: DescribeSecurityGroupsRequest has no"
    yield "an EC2 list with a gap", groups({"GroupId.3": "sg-1"}), "numbered from 1 without a gap"
    yield "an EC2 number as text", groups({"MaxResults": "many"}), "'many' is not of type integer"
    yield "another API version", groups({"Version": "2015-10-01"}), "Version: '2015-10-01', not '2016-11-15'"

    yield "an unknown member in an answer", describe(InternetAccess="Off"), "answer InternetAccess"
    yield "a wrong enum in an answer", describe(DirectInternetAccess="disabled"), "'disabled' is not in the enum"
    yield "a wrong type in an answer", describe(SecurityGroups="sg-1"), "answer SecurityGroups: 'sg-1' is not of type"
    yield "a time as text in an answer", describe(CreationTime="2026-11-22T00:00:00Z"), "answer CreationTime"
    yield "a missing member in an answer", listed(NotebookInstanceArn=None), "InstanceArn: required, but missing"
    yield "an answer that is no JSON", describe() | {"response": "<html>"}, "answer (whole): no JSON"
    yield "an answer that is no XML", identity() | {"response": "<html>"}, "botocore cannot read it"
    yield "an answer to what has none", _json("config", "StarlingDoveService.DeleteConfigRule",
                                              {"ConfigRuleName": "r"}, {"Done": True}), "the operation has no output"
    yield "an unknown XML element", groups(inside="<color>red</color>"), "color: SecurityGroup has no such member"
    yield "an XML element twice", groups(inside="<groupId>sg-1</groupId>"), "groupId: there twice"
    yield "an XML list entry of another name", groups(inside="<ipPermissions><member/></ipPermissions>"), "not member"
    yield "an XML number as text", groups(
        inside="<ipPermissions><item><fromPort>ssh</fromPort></item></ipPermissions>"), "invalid literal for int()"
    yield "a good map in XML", summary(), None
    yield "a map in XML of other elements", summary("<item><key>Roles</key><value>1</value></item>"), "as entries"
    yield "a map in XML with an unknown key", summary("<entry><key>X</key><value>1</value></entry>"), "not in the enum"
    yield "good CBOR", alarms(), None
    yield "CBOR with a wrong type", alarms(period="300"), "Period: '300' is not of type integer"
    yield "CBOR for another path", alarms(path="/"), "not 'POST /service/GraniteServiceVersion20100801"
    yield "another XML wrapper", identity(result="CallerIdentity"), "cannot read it: 'GetCallerIdentityResult'"
    yield "another XML namespace", identity(namespace="http://example.com/"), "namespace"

    yield "an unmodelled error code", refused(put([evaluation()]), "TokenException"), "error code TokenException"
    yield "an error code of another operation", refused(describe(), "ResourceNotFound"), "error code ResourceNotFound"
    yield "a code with another status", refused(describe(), "ValidationException", 404), "with the status 400, not 404"
    detected = "1 validation error detected: Value 'analytics' at 'notebookInstanceName' failed to satisfy constraint"
    yield "a refusal of what the model allows", refused(
        describe(), "ValidationException", message=detected), "refused a request that the model allows"
    yield "a refusal to read what can be read", refused(
        put([evaluation()]), "SerializationException"), "refused a request that the model allows"
    yield "a refusal without a code", describe() | {"status": 400, "response": "{}"}, "there is no error code"
    yield "no answer and no fault", describe() | {"status": 0, "response": ""}, "none, though no fault"
    odd = copy.deepcopy(describe(DirectInternetAccess=7)) | {"faulted": True}
    yield "an odd answer that was scripted", odd, None
    yield "a fault that excuses the answer only", odd | {"request": "{}"}, "NotebookInstanceName: required"
    yield "a scripted error code", refused(describe(), "Anything", 418) | {"faulted": True}, None
