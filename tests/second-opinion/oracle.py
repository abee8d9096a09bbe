"""The eight checks once more, written from their descriptions: what each has to say of a notebook or domain.

It shares no code with the product, and reads nothing but what AWS answers.
"""
from collections.abc import Iterable
from typing import Any

COMPLIANT, NON_COMPLIANT, NOT_APPLICABLE = "COMPLIANT", "NON_COMPLIANT", "NOT_APPLICABLE"
SUPPORTED_PLATFORMS = ("notebook-al2023-v1",)


def _complies(good: bool) -> str:
    return COMPLIANT if good else NON_COMPLIANT


def admits_everyone(group: dict[str, Any]) -> bool:
    """Whether a security group lets the whole internet in, by whatever protocol and port."""
    permissions = group["IpPermissions"]
    v4 = {entry["CidrIp"] for permission in permissions for entry in permission.get("IpRanges", [])}
    v6 = {entry["CidrIpv6"] for permission in permissions for entry in permission.get("Ipv6Ranges", [])}
    return "0.0.0.0/0" in v4 or "::/0" in v6


def notebook(described: dict[str, Any], groups: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Every check's result for a notebook, from its description and the security groups of the Region."""
    if described.get("NotebookInstanceStatus") == "Deleting":
        return dict.fromkeys(NOTEBOOK_CHECKS, NOT_APPLICABLE)
    by_id = {group["GroupId"]: group for group in groups}
    imds = described.get("InstanceMetadataServiceConfiguration", {}).get("MinimumInstanceMetadataServiceVersion")
    in_subnet = bool(described.get("SubnetId"))
    attached = described.get("SecurityGroups", [])
    closed = bool(attached) and not any(admits_everyone(by_id[group]) for group in attached)
    return {
        "direct-internet-access": _complies(described.get("DirectInternetAccess") == "Disabled"),
        "inside-vpc": _complies(in_subnet),
        "root-access": _complies(described.get("RootAccess") == "Disabled"),
        "open-ingress": _complies(closed) if in_subnet else NOT_APPLICABLE,
        "volume-kms-key": _complies(bool(described.get("KmsKeyId"))),
        "platform-identifier": _complies(described.get("PlatformIdentifier") in SUPPORTED_PLATFORMS),
        "imds-v2": _complies(imds == "2"),
    }


def domain(described: dict[str, Any]) -> dict[str, str]:
    """Every check's result for a domain."""
    return {"studio-vpc-only": _complies(described.get("AppNetworkAccessType") == "VpcOnly")}


NOTEBOOK_CHECKS = ("direct-internet-access", "inside-vpc", "root-access", "open-ingress", "volume-kms-key",
                   "platform-identifier", "imds-v2")
