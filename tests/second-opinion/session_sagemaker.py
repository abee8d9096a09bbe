"""SageMaker: the life of notebooks and domains, listings in pages, tags, and what AWS refuses."""
import datetime
from typing import Any

from servers import Aws
from tally import Tally

ROLE = "arn:aws:iam::111122223333:role/service-role/notebooks"
PREFIX = "second-opinion"


def run(tally: Tally, aws: Aws) -> None:
    """All of it, in the account's own Region."""
    sagemaker, careless = aws.client("sagemaker"), aws.client("sagemaker", strict=False)
    least = {"InstanceType": "ml.t3.medium", "RoleArn": ROLE}
    with tally.part("sagemaker: a notebook's life"):
        _life(tally, sagemaker, least)
    with tally.part("sagemaker: listings"):
        _listings(tally, aws, sagemaker, least)
    with tally.part("sagemaker: tags"):
        _tags(tally, sagemaker, least)
    with tally.part("sagemaker: refusals"):
        _refusals(tally, careless, least)
    with tally.part("sagemaker: domains"):
        _domains(tally, sagemaker)
    with tally.part("sagemaker: everything can be deleted"):
        for name in names(sagemaker):
            sagemaker.stop_notebook_instance(NotebookInstanceName=name)
            sagemaker.delete_notebook_instance(NotebookInstanceName=name)
        tally.equal("none is left", names(sagemaker), [])


def names(sagemaker: Any, **filters: Any) -> list[str]:
    """The notebooks of this session, through the paginator."""
    pages = sagemaker.get_paginator("list_notebook_instances").paginate(**({"NameContains": PREFIX} | filters))
    return [notebook["NotebookInstanceName"] for page in pages for notebook in page["NotebookInstances"]]


def _life(tally: Tally, sagemaker: Any, least: dict[str, str]) -> None:
    name = f"{PREFIX}-Life"
    named = {"NotebookInstanceName": name}
    arn = sagemaker.create_notebook_instance(**named, **least)["NotebookInstanceArn"]
    tally.equal("its ARN is in lower case", arn.rpartition("/")[2], name.lower())
    seen = sagemaker.describe_notebook_instance(**named)
    defaults = {
        "NotebookInstanceName": name, "NotebookInstanceArn": arn, "NotebookInstanceStatus": "InService",
        "DirectInternetAccess": "Enabled", "RootAccess": "Enabled", "VolumeSizeInGB": 5, "RoleArn": ROLE,
        "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "1"},
    }
    tally.equal("AWS's defaults are filled in", {member: seen.get(member) for member in defaults}, defaults)
    tally.equal("what was not given is not there", {"SubnetId", "SecurityGroups", "KmsKeyId"} & seen.keys(), set())

    def refused(what: str, operation: str, **more: Any) -> str:
        return tally.refused(what, "ValidationException", 400, getattr(sagemaker, operation), **named, **more)

    said = refused("the same name again", "create_notebook_instance", **least)
    tally.check("it says duplicate", "duplicate" in said, said)
    said = refused("to delete it while it runs", "delete_notebook_instance")
    tally.check("it says from which status", "Status (InService) not in ([Stopped, Failed])" in said, said)
    refused("to update it while it runs", "update_notebook_instance", RootAccess="Disabled")
    refused("to start it while it runs", "start_notebook_instance")
    sagemaker.stop_notebook_instance(**named)
    tally.equal("it stops", sagemaker.describe_notebook_instance(**named)["NotebookInstanceStatus"], "Stopped")
    refused("to stop it twice", "stop_notebook_instance")
    sagemaker.update_notebook_instance(
        **named, RootAccess="Disabled", VolumeSizeInGB=20,
        InstanceMetadataServiceConfiguration={"MinimumInstanceMetadataServiceVersion": "2"},
    )
    seen = sagemaker.describe_notebook_instance(**named)
    tally.equal("an update changes root access", seen["RootAccess"], "Disabled")
    imds = seen["InstanceMetadataServiceConfiguration"]
    tally.equal("and the metadata service", imds, {"MinimumInstanceMetadataServiceVersion": "2"})
    tally.equal("and the volume", seen["VolumeSizeInGB"], 20)
    tally.check("and says when", seen["LastModifiedTime"] >= seen["CreationTime"])
    tally.equal("and leaves the internet access", seen["DirectInternetAccess"], "Enabled")
    sagemaker.start_notebook_instance(**named)
    tally.equal("it starts", sagemaker.describe_notebook_instance(**named)["NotebookInstanceStatus"], "InService")
    sagemaker.stop_notebook_instance(**named)
    sagemaker.delete_notebook_instance(**named)
    said = refused("to describe it afterwards", "describe_notebook_instance")
    tally.equal("it says how", said, "RecordNotFound")
    for operation in ("delete", "start", "stop"):
        tally.equal(f"{operation} says so too", refused(f"to {operation} it", f"{operation}_notebook_instance"),
                    "RecordNotFound")


def _listings(tally: Tally, aws: Aws, sagemaker: Any, least: dict[str, str]) -> None:
    made = [f"{PREFIX}-{number:02}" for number in range(25)]
    for name in made:
        sagemaker.create_notebook_instance(NotebookInstanceName=name, **least)
    first = sagemaker.list_notebook_instances(NameContains=PREFIX)
    tally.equal("a page has ten", len(first["NotebookInstances"]), 10)
    tally.equal("the pages have all, by name", names(sagemaker, SortBy="Name", SortOrder="Ascending"), made)
    tally.equal("or from the end", names(sagemaker, SortBy="Name", SortOrder="Descending"), made[::-1])
    by_time = names(sagemaker, SortBy="CreationTime", SortOrder="Ascending", PaginationConfig={"PageSize": 7})
    tally.equal("or by their age, in pages of seven", by_time, made)
    sagemaker.stop_notebook_instance(NotebookInstanceName=made[3])
    tally.equal("one status", names(sagemaker, StatusEquals="Stopped"), [made[3]])
    sagemaker.start_notebook_instance(NotebookInstanceName=made[3])
    tally.equal("a part of the name", names(sagemaker, NameContains=f"{PREFIX}-1"), made[10:20])
    created = sagemaker.describe_notebook_instance(NotebookInstanceName=made[4])["CreationTime"]
    hour = datetime.timedelta(hours=1)
    tally.equal("none is older than an hour", names(sagemaker, CreationTimeBefore=created - hour), [])
    tally.equal("all are younger", names(sagemaker, CreationTimeAfter=created - hour), made)
    token = first["NextToken"]
    tally.refused("a token with another filter", "ValidationException", 400, sagemaker.list_notebook_instances,
                  NameContains="other", NextToken=token)
    tally.refused("a token that is none", "ValidationException", 400, sagemaker.list_notebook_instances,
                  NextToken="bm9uZQ")
    for account, region in (("111122223333", "us-east-1"), ("444455556666", "eu-west-1")):
        there = aws.elsewhere(account, region).client("sagemaker")
        tally.equal(f"none of them is in {account}, {region}", names(there), [])


def _tags(tally: Tally, sagemaker: Any, least: dict[str, str]) -> None:
    tags = [{"Key": "team", "Value": "fraud"}]
    arn = sagemaker.create_notebook_instance(NotebookInstanceName=f"{PREFIX}-tags", Tags=tags, **least)[
        "NotebookInstanceArn"]
    tally.equal("tags of the creation", sagemaker.list_tags(ResourceArn=arn)["Tags"], tags)
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "risk"}, {"Key": "data", "Value": "secret"}])
    seen = {tag["Key"]: tag["Value"] for tag in sagemaker.list_tags(ResourceArn=arn)["Tags"]}
    tally.equal("added ones, the same key once", seen, {"team": "risk", "data": "secret"})
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["team", "absent"])
    tally.equal("less the deleted", sagemaker.list_tags(ResourceArn=arn)["Tags"], [{"Key": "data", "Value": "secret"}])
    tally.refused("of a notebook that is not there", "ValidationException", 400, sagemaker.list_tags,
                  ResourceArn=arn + "-not")
    many = [{"Key": f"key-{number}", "Value": ""} for number in range(50)]
    tally.refused("more than fifty", "ValidationException", 400, sagemaker.add_tags, ResourceArn=arn, Tags=many)


def _refusals(tally: Tally, careless: Any, least: dict[str, str]) -> None:
    valid = {"NotebookInstanceName": f"{PREFIX}-no", **least}

    def refused(what: str, code: str = "ValidationException", **changes: Any) -> str:
        asked = {name: value for name, value in (valid | changes).items() if value is not None}
        return tally.refused(what, code, 400, careless.create_notebook_instance, **asked)

    refused("Disabled without a subnet", DirectInternetAccess="Disabled")
    refused("security groups without a subnet", SecurityGroupIds=["sg-0a000000000000001"])
    said = refused("an internet access that is no value", DirectInternetAccess="Maybe")
    tally.check("it names the values", "'Maybe'" in said and "enum value set: [" in said, said)
    refused("a root access of another case", RootAccess="disabled")
    refused("a name with an underscore", NotebookInstanceName="second_opinion")
    refused("a name of 64", NotebookInstanceName="n" * 64)
    refused("no name", NotebookInstanceName=None)
    refused("no role", RoleArn=None)
    refused("a role that is no ARN", RoleArn="notebooks-of-the-data-science-team")
    refused("no instance type", InstanceType=None)
    refused("a volume of 4 GB", VolumeSizeInGB=4)
    refused("a volume of 16385 GB", VolumeSizeInGB=16385)
    refused("six groups", SubnetId="subnet-0a1b2c3d", SecurityGroupIds=[f"sg-{number}" for number in range(6)])
    refused("a volume as text", "SerializationException", VolumeSizeInGB="5")
    refused("an IMDS version 3",
            InstanceMetadataServiceConfiguration={"MinimumInstanceMetadataServiceVersion": "three"})
    tally.refused("a page of none", "ValidationException", 400, careless.list_notebook_instances, MaxResults=0)
    tally.refused("a page of a thousand", "ValidationException", 400, careless.list_notebook_instances, MaxResults=1000)
    tally.refused("an unknown order", "ValidationException", 400, careless.list_notebook_instances, SortBy="Size")


def _domains(tally: Tally, sagemaker: Any) -> None:
    asked = {
        "DomainName": PREFIX, "AuthMode": "IAM", "DefaultUserSettings": {"ExecutionRole": ROLE},
        "SubnetIds": ["subnet-0a1b2c3d"], "VpcId": "vpc-0a1b2c3d",
    }
    made = sagemaker.create_domain(**asked)
    domain_id = made["DomainArn"].rpartition("/")[2]
    tally.equal("its id is in the answer too", made.get("DomainId"), domain_id)
    seen = sagemaker.describe_domain(DomainId=domain_id)
    tally.equal("it is described as it was asked for", {name: seen.get(name) for name in asked}, asked)
    tally.equal("and on the internet by default", seen["AppNetworkAccessType"], "PublicInternetOnly")
    tally.equal("and in service", seen["Status"], "InService")
    listed = sagemaker.get_paginator("list_domains").paginate(PaginationConfig={"PageSize": 1}).build_full_result()
    found = [domain for domain in listed["Domains"] if domain["DomainId"] == domain_id]
    tally.equal("it is listed among the others", [domain["DomainName"] for domain in found], [PREFIX])
    sagemaker.update_domain(DomainId=domain_id, AppNetworkAccessType="VpcOnly")
    seen = sagemaker.describe_domain(DomainId=domain_id)
    tally.equal("an update takes it off", seen["AppNetworkAccessType"], "VpcOnly")
    tally.refused("the same name again", "ResourceInUse", 400, sagemaker.create_domain, **asked)
    sagemaker.delete_domain(DomainId=domain_id)
    for operation in ("describe_domain", "delete_domain", "update_domain"):
        tally.refused(f"{operation} afterwards", "ResourceNotFound", 400, getattr(sagemaker, operation),
                      DomainId=domain_id)
