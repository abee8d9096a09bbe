"""EC2: security groups, as open-ingress reads them, and the Regions."""
from typing import Any

from servers import Aws
from tally import Tally


def run(tally: Tally, aws: Aws) -> None:
    """All of it."""
    ec2 = aws.client("ec2")
    with tally.part("ec2: Regions"):
        enabled = dict.fromkeys(("eu-west-1", "us-east-1"), "opt-in-not-required")
        tally.equal("those that are enabled", _regions(ec2), enabled)
        tally.equal("one that is not", _regions(ec2, AllRegions=True).get("af-south-1"), "not-opted-in")
        tally.refused("one that does not exist", "InvalidParameterValue", 400, ec2.describe_regions,
                      RegionNames=["eu-middle-1"])
    with tally.part("ec2: a security group's life"):
        _life(tally, ec2)
    with tally.part("ec2: listings"):
        _listings(tally, ec2)
    with tally.part("ec2: refusals"):
        _refusals(tally, ec2, aws.client("ec2", strict=False))


def _regions(ec2: Any, **filters: Any) -> dict[str, str]:
    return {entry["RegionName"]: entry["OptInStatus"] for entry in ec2.describe_regions(**filters)["Regions"]}


def _life(tally: Tally, ec2: Any) -> None:
    tags = [{"Key": "team", "Value": "fraud"}]
    made = ec2.create_security_group(GroupName="second opinion", Description="of the fleet", TagSpecifications=[
        {"ResourceType": "security-group", "Tags": tags}])
    group_id = made["GroupId"]
    tally.equal("its tags are told", made["Tags"], tags)
    seen = _group(ec2, group_id)
    tally.equal("nothing comes in", seen["IpPermissions"], [])
    out = [(entry["IpProtocol"], [range_["CidrIp"] for range_ in entry["IpRanges"]])
           for entry in seen["IpPermissionsEgress"]]
    tally.equal("everything goes out", out, [("-1", ["0.0.0.0/0"])])
    tally.check("it is in a VPC", seen["VpcId"].startswith("vpc-"))
    tally.equal("its ARN", seen["SecurityGroupArn"], f"arn:aws:ec2:eu-west-1:111122223333:security-group/{group_id}")

    web = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    asked = web | {"IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "office"}, {"CidrIp": "0.0.0.0/0"}],
                   "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
    answer = ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[asked])
    tally.equal("it admits", answer["Return"], True)
    rules = [(rule.get("CidrIpv4") or rule.get("CidrIpv6"), rule["IpProtocol"], rule["FromPort"], rule["ToPort"],
              rule["IsEgress"]) for rule in answer["SecurityGroupRules"]]
    right = [(cidr, "tcp", 443, 443, False) for cidr in ("10.0.0.0/8", "0.0.0.0/0", "::/0")]
    tally.equal("each source is a rule", sorted(rules), sorted(right))
    again = {"GroupId": group_id, "IpPermissions": [web | {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}
    tally.refused("the same again", "InvalidPermission.Duplicate", 400, ec2.authorize_security_group_ingress, **again)
    everything = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group_id}]}
    ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[everything])
    shown = {entry["IpProtocol"]: entry for entry in _group(ec2, group_id)["IpPermissions"]}
    tally.equal("what is shown is what was asked for", {name: shown["tcp"].get(name) for name in asked}, asked)
    tally.equal("all protocols have no ports", {"FromPort", "ToPort"} & shown["-1"].keys(), set())
    pairs = shown["-1"]["UserIdGroupPairs"]
    tally.equal("a group has an owner", [(pair["GroupId"], pair["UserId"]) for pair in pairs],
                [(group_id, "111122223333")])
    tally.refused("a dry run", "DryRunOperation", 412, ec2.delete_security_group, GroupId=group_id, DryRun=True)
    ec2.delete_security_group(GroupId=group_id)
    for operation, arguments in (
        (ec2.describe_security_groups, {"GroupIds": [group_id]}), (ec2.delete_security_group, {"GroupId": group_id}),
    ):
        tally.refused(f"{operation.__name__} afterwards", "InvalidGroup.NotFound", 400, operation, **arguments)


def _group(ec2: Any, group_id: str) -> dict[str, Any]:
    [group] = ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"]
    return dict(group)


def _listings(tally: Tally, ec2: Any) -> None:
    made = [ec2.create_security_group(GroupName=f"page-{number}", Description="of a listing")["GroupId"]
            for number in range(12)]
    whole = ec2.get_paginator("describe_security_groups").paginate(
        Filters=[{"Name": "group-name", "Values": ["page-*"]}], PaginationConfig={"PageSize": 5}).build_full_result()
    found = [group["GroupId"] for group in whole["SecurityGroups"]]
    tally.equal("pages of five have all, once", sorted(found), sorted(made))

    def by(name: str, *values: str) -> list[str]:
        filters = [{"Name": name, "Values": list(values)}]
        return sorted(group["GroupId"] for group in ec2.describe_security_groups(Filters=filters)["SecurityGroups"])

    tally.equal("by ids", by("group-id", made[0], made[1]), sorted(made[:2]))
    tally.equal("by description", by("description", "of a listing"), sorted(made))
    tally.equal("by another owner", by("owner-id", "444455556666"), [])
    tally.equal("by one letter", by("group-name", "page-?"), sorted(made[:10]))
    tally.refused("by what does not exist", "InvalidParameterValue", 400, ec2.describe_security_groups,
                  Filters=[{"Name": "colour", "Values": ["red"]}])
    tally.refused("a token that is none", "InvalidNextToken", 400, ec2.describe_security_groups, NextToken="none")
    tally.refused("ids in pages", "InvalidParameterCombination", 400, ec2.describe_security_groups, GroupIds=made,
                  MaxResults=5)
    for group_id in made:
        ec2.delete_security_group(GroupId=group_id)


def _refusals(tally: Tally, ec2: Any, careless: Any) -> None:
    tally.refused("an id that is none", "InvalidGroupId.Malformed", 400, ec2.describe_security_groups,
                  GroupIds=["sg-xyz"])
    tally.refused("an id that nobody has", "InvalidGroup.NotFound", 400, ec2.describe_security_groups,
                  GroupIds=["sg-0123456789abcdef0"])
    tally.refused("no description", "MissingParameter", 400, careless.create_security_group, GroupName="second")
    tally.refused("a name like an id", "InvalidParameterValue", 400, ec2.create_security_group, GroupName="sg-second",
                  Description="no")
    tally.refused("a page of four", "InvalidParameterValue", 400, careless.describe_security_groups, MaxResults=4)
    group = {"GroupId": ec2.create_security_group(GroupName="refusals", Description="no")["GroupId"]}
    web = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    anyone = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    for what, permission in (
        ("a range that is none", web | {"IpRanges": [{"CidrIp": "0.0.0.0/33"}]}),
        ("a range of the other family", web | {"IpRanges": [{"CidrIp": "::/0"}]}),
        ("a protocol that does not exist", web | {"IpProtocol": "tpc"} | anyone),
        ("ports in the wrong order", web | {"ToPort": 80} | anyone),
        ("no ports", {"IpProtocol": "tcp"} | anyone),
    ):
        tally.refused(what, "InvalidParameterValue", 400, ec2.authorize_security_group_ingress, **group,
                      IpPermissions=[permission])
    tally.refused("a group that is not there", "InvalidGroup.NotFound", 400, ec2.authorize_security_group_ingress,
                  **group, IpPermissions=[web | {"UserIdGroupPairs": [{"GroupId": "sg-0123456789abcdef0"}]}])
    ec2.delete_security_group(**group)
