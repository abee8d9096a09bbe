"""CloudFormation, and what a stack has made as CloudWatch, CloudWatch Logs, IAM and S3 show it."""
import base64
import hashlib
import json
from typing import Any

from botocore.exceptions import ClientError

from servers import Aws
from tally import Tally

ALARM = {
    "AlarmName": "second-opinion", "Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum", "Period": 300,
    "EvaluationPeriods": "2", "Threshold": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
}
GROUP = {"LogGroupName": "/second-opinion", "RetentionInDays": 30}


def _template(**policy: str) -> str:
    return json.dumps({"Resources": {
        "Group": {"Type": "AWS::Logs::LogGroup", "Properties": GROUP} | policy,
        "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": ALARM},
    }})


def _proposed(cloudformation: Any, template: str, kind: str, **more: Any) -> dict[str, Any]:
    made = cloudformation.create_change_set(
        StackName="second-opinion", ChangeSetName="c", ChangeSetType=kind, TemplateBody=template, **more)
    cloudformation.get_waiter("change_set_create_complete").wait(
        ChangeSetName=made["Id"], WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    return cloudformation.describe_change_set(ChangeSetName=made["Id"])


def run(tally: Tally, aws: Aws) -> None:
    """A stack from its change set to its end."""
    cloudformation = aws.client("cloudformation")
    with tally.part("cloudformation: stacks"):
        proposed = _proposed(cloudformation, _template(DeletionPolicy="Retain"), "CREATE", OnStackFailure="DELETE")
        actions = {change["ResourceChange"]["Action"] for change in proposed["Changes"]}
        tally.equal("all of it would be made", actions, {"Add"})
        cloudformation.execute_change_set(ChangeSetName=proposed["ChangeSetId"])
        wait = {"Delay": 1, "MaxAttempts": 20}
        cloudformation.get_waiter("stack_create_complete").wait(StackName="second-opinion", WaiterConfig=wait)
        found = cloudformation.detect_stack_drift(StackName="second-opinion")["StackDriftDetectionId"]
        while True:
            status = cloudformation.describe_stack_drift_detection_status(StackDriftDetectionId=found)
            if status["DetectionStatus"] != "DETECTION_IN_PROGRESS":
                break
        seen = (status["StackDriftStatus"], status["DriftedStackResourceCount"])
        tally.equal("it has not drifted", seen, ("IN_SYNC", 0))
        limits = {limit["Name"]: limit["Value"] for limit in cloudformation.describe_account_limits()["AccountLimits"]}
        tally.equal("how many stacks there may be", limits["StackLimit"], 2000)

    with tally.part("cloudwatch: alarms"):
        alarms = aws.client("cloudwatch").describe_alarms(AlarmNamePrefix="second-")["MetricAlarms"]
        tally.equal("the alarm", [alarm["AlarmName"] for alarm in alarms], ["second-opinion"])
        tally.equal("its numbers are numbers", (alarms[0]["EvaluationPeriods"], alarms[0]["Threshold"]), (2, 1.0))
        tally.check("its time is a time", alarms[0]["StateUpdatedTimestamp"].tzinfo is not None)
        tally.refused("a token of another listing", "InvalidNextToken", 400, aws.client("cloudwatch").describe_alarms,
                      NextToken="x")

    with tally.part("iam: what the caller may do"):
        iam, me = aws.client("iam"), aws.client("sts").get_caller_identity()["Arn"]
        asked = {"PolicySourceArn": me, "ActionNames": ["lambda:CreateFunction", "iam:PassRole"]}
        results = iam.simulate_principal_policy(**asked)["EvaluationResults"]
        tally.equal("an administrator may all", [result["EvalDecision"] for result in results], ["allowed"] * 2)
        tally.check("the summary is a map of numbers", iam.get_account_summary()["SummaryMap"]["RolesQuota"] == 1000)
        tally.refused("a policy that is not there", "NoSuchEntity", 404, iam.get_policy,
                      PolicyArn="arn:aws:iam::111122223333:policy/nope")

    with tally.part("cloudformation: what was kept is taken in again"):
        cloudformation.delete_stack(StackName="second-opinion")
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=proposed["StackId"], WaiterConfig=wait)
        groups = aws.client("logs").describe_log_groups(logGroupNamePrefix="/second-opinion")["logGroups"]
        tally.equal("the log group was kept", len(groups), 1)
        again = _proposed(cloudformation, _template(DeletionPolicy="Retain"), "CREATE", ImportExistingResources=True)
        actions = {change["ResourceChange"]["LogicalResourceId"]: change["ResourceChange"]["Action"]
                   for change in again["Changes"]}
        tally.equal("it would be taken, the alarm made", actions, {"Group": "Import", "Alarm": "Add"})
        cloudformation.execute_change_set(ChangeSetName=again["ChangeSetId"])
        cloudformation.get_waiter("stack_create_complete").wait(StackName="second-opinion", WaiterConfig=wait)
        cloudformation.delete_stack(StackName="second-opinion")
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=again["StackId"], WaiterConfig=wait)

    with tally.part("s3: an artifact"):
        _artifact(tally, aws)


def _artifact(tally: Tally, aws: Aws) -> None:
    s3, body = aws.client("s3"), b"a zip, if you like" * 1000
    sha256 = base64.b64encode(hashlib.sha256(body).digest()).decode()
    s3.create_bucket(Bucket="second-opinion", CreateBucketConfiguration={"LocationConstraint": aws.region})
    asked = {"Bucket": "second-opinion", "Key": "k.zip", "ExpectedBucketOwner": "111122223333"}
    put = s3.put_object(**asked, Body=body, ChecksumAlgorithm="SHA256", IfNoneMatch="*")
    tally.equal("S3 says the checksum", put["ChecksumSHA256"], sha256)
    shown = s3.head_object(**asked, ChecksumMode="ENABLED")
    tally.equal("and keeps it", shown["ChecksumSHA256"], sha256)
    tally.refused("nothing is put over it", "PreconditionFailed", 412,
                  s3.put_object, **asked, Body=b"", IfNoneMatch="*")
    tally.refused("a bucket of another owner", "AccessDenied", 403, s3.get_object,
                  **(asked | {"ExpectedBucketOwner": "444455556666"}))
    versions = s3.list_object_versions(Bucket="second-opinion")["Versions"]
    objects = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in versions]
    deleted = s3.delete_objects(Bucket="second-opinion", Delete={"Objects": objects})
    tally.equal("all versions are deleted", len(deleted["Deleted"]), 1)
    s3.delete_bucket(Bucket="second-opinion")
    try:
        s3.head_bucket(Bucket="second-opinion")
    except ClientError as error:
        tally.equal("the bucket is gone", error.response["ResponseMetadata"]["HTTPStatusCode"], 404)
