"""Trims CloudFormation's resource type schemas to what the sandbox provisions.

Usage: python trim_types.py  (with cfn-lint 1.58.0 installed, which carries AWS's schemas; writes types.json beside itself)

One type per line. The schemas are AWS's; cfn-lint is MIT-0. A property that the sandbox does not have is listed
under "absent", so that a template that uses it is refused and not half done.
"""
import json
import pathlib

import cfnlint

TYPES = {
    "AWS::CloudWatch::Alarm": """ActionsEnabled AlarmActions AlarmDescription AlarmName Arn ComparisonOperator
        DatapointsToAlarm Dimensions EvaluationPeriods InsufficientDataActions MetricName Metrics Namespace OKActions Period
        Statistic Tags Threshold TreatMissingData Unit""",
    "AWS::Config::ConfigRule": "*",
    "AWS::Config::ConfigurationAggregator": "*",
    "AWS::Config::ConformancePack": "ConformancePackArn ConformancePackInputParameters ConformancePackName Tags TemplateBody",
    "AWS::IAM::Role": "*",
    "AWS::Lambda::EventInvokeConfig": "FunctionName MaximumEventAgeInSeconds MaximumRetryAttempts Qualifier",
    "AWS::Lambda::Function": """Architectures Arn Code Description Environment EphemeralStorage FunctionName Handler
        LoggingConfig MemorySize PackageType RecursiveLoop ReservedConcurrentExecutions Role Runtime Tags Timeout
        TracingConfig""",
    "AWS::Lambda::Permission": "Action FunctionName Id Principal SourceAccount SourceArn",
    "AWS::Logs::LogGroup": "Arn DeletionProtectionEnabled KmsKeyId LogGroupClass LogGroupName RetentionInDays Tags",
    "AWS::Organizations::Policy": "*",
    "AWS::S3::Bucket": """Arn BucketEncryption BucketName BucketNamespace DomainName DualStackDomainName LifecycleConfiguration
        OwnershipControls PublicAccessBlockConfiguration RegionalDomainName Tags VersioningConfiguration WebsiteURL""",
    "AWS::S3::BucketPolicy": "*",
    "AWS::SNS::Topic": "DisplayName KmsMasterKeyId Tags TopicArn TopicName",
}
TOP = ("typeName", "additionalProperties", "properties", "definitions", "required", "readOnlyProperties",
       "writeOnlyProperties", "createOnlyProperties", "primaryIdentifier")
KEPT = ("type", "properties", "items", "required", "additionalProperties", "enum", "pattern", "patternProperties",
        "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "$ref", "uniqueItems")


def bare(value):
    """A schema with the keywords that the sandbox checks."""
    out = {k: v for k, v in value.items() if k in KEPT}
    for key in ("properties", "patternProperties"):
        if key in out:
            out[key] = {k: bare(v) for k, v in out[key].items()}
    if isinstance(out.get("items"), dict):
        out["items"] = bare(out["items"])
    return out


def references(value):
    """The names of the definitions that a schema uses."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"].rsplit("/", 1)[1]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def trimmed(schema, names):
    """One type's schema with the properties of that name."""
    out = {k: v for k, v in schema.items() if k in TOP}
    wanted = set(schema["properties"]) if names == "*" else set(names.split())
    assert wanted <= set(schema["properties"]), wanted - set(schema["properties"])
    out["properties"] = {k: bare(v) for k, v in schema["properties"].items() if k in wanted}
    out["absent"] = sorted(set(schema["properties"]) - wanted)
    # What CloudFormation's handlers call with the permissions of whoever asks; nobody lists through a stack.
    handlers = schema.get("handlers", {})
    out["permissions"] = {name: handlers[name]["permissions"] for name in sorted(handlers) if name != "list"}
    out["tagging"] = schema.get("tagging", {}).get("taggable", True) and "Tags" in schema["properties"]
    for key in ("readOnlyProperties", "writeOnlyProperties", "createOnlyProperties"):
        out[key] = [p for p in out.get(key, []) if p.split("/")[2] in wanted]
    definitions, todo = {}, list(references(out["properties"]))
    while todo:
        name = todo.pop()
        if name not in definitions and name in schema["definitions"]:
            definitions[name] = bare(schema["definitions"][name])
            todo += references(definitions[name])
    return {**out, "definitions": dict(sorted(definitions.items()))}


def main():
    """Writes the schemas."""
    found = {}
    for path in (pathlib.Path(cfnlint.__file__).parent / "data/schemas/resources").glob("*.json"):
        schema = json.loads(path.read_text())
        if schema.get("typeName") in TYPES and schema["typeName"] not in found:
            found[schema["typeName"]] = trimmed(schema, TYPES[schema["typeName"]])
    assert set(found) == set(TYPES), set(TYPES) - set(found)
    rows = [json.dumps(n) + ":" + json.dumps(found[n], separators=(",", ":"), sort_keys=True) for n in sorted(found)]
    (pathlib.Path(__file__).parent / "types.json").write_text("{\n" + ",\n".join(rows) + "\n}\n")


main()
