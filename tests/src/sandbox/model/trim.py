"""Trims botocore's service models to what the sandbox serves.

Usage: python trim.py [FOLDER]  (with botocore 1.44.5 installed; writes *.json beside itself or there)

One shape per line, so that a diff shows what AWS changed. botocore is Apache-2.0.
"""
import gzip
import json
import pathlib
import sys

import botocore

SERVICES = {
    "sagemaker": ("2017-07-24", """AddTags CreateDomain CreateNotebookInstance DeleteDomain DeleteNotebookInstance
        DeleteTags DescribeDomain DescribeNotebookInstance ListDomains ListNotebookInstances ListTags
        StartNotebookInstance StopNotebookInstance UpdateDomain UpdateNotebookInstance"""),
    "config": ("2014-11-12", """DeleteConfigRule DeleteConfigurationAggregator DeleteConfigurationRecorder
        DeleteConformancePack DeleteDeliveryChannel DeleteEvaluationResults DeleteOrganizationConformancePack
        DescribeAggregateComplianceByConfigRules DescribeComplianceByConfigRule DescribeComplianceByResource
        DescribeConfigRuleEvaluationStatus DescribeConfigRules DescribeConfigurationAggregatorSourcesStatus
        DescribeConfigurationAggregators DescribeConfigurationRecorderStatus DescribeConfigurationRecorders DescribeConformancePackCompliance
        DescribeConformancePackStatus DescribeConformancePacks DescribeDeliveryChannels
        DescribeOrganizationConformancePackStatuses DescribeOrganizationConformancePacks DescribeRetentionConfigurations
        GetAggregateComplianceDetailsByConfigRule GetComplianceDetailsByConfigRule GetComplianceDetailsByResource
        GetComplianceSummaryByConfigRule
        GetOrganizationConformancePackDetailedStatus GetResourceConfigHistory ListDiscoveredResources
        ListTagsForResource PutConfigRule PutConfigurationAggregator PutConfigurationRecorder PutConformancePack
        PutDeliveryChannel PutEvaluations PutOrganizationConformancePack PutRetentionConfiguration
        SelectAggregateResourceConfig StartConfigRulesEvaluation StartConfigurationRecorder StopConfigurationRecorder"""),
    "ec2": ("2016-11-15", """AuthorizeSecurityGroupIngress CreateSecurityGroup DeleteSecurityGroup DescribeRegions
        DescribeSecurityGroups"""),
    "sts": ("2011-06-15", "AssumeRole GetCallerIdentity"),
    "s3": ("2006-03-01", """CreateBucket DeleteBucket DeleteBucketPolicy DeleteObject DeleteObjects GetBucketEncryption
        GetBucketLocation GetBucketOwnershipControls GetBucketPolicy GetBucketTagging GetBucketVersioning GetObject
        GetObjectLockConfiguration GetObjectRetention GetPublicAccessBlock HeadBucket HeadObject ListBuckets ListObjectVersions
        ListObjectsV2 PutBucketEncryption PutBucketOwnershipControls PutBucketPolicy PutBucketTagging
        PutBucketVersioning PutObject PutObjectLockConfiguration PutPublicAccessBlock"""),
    "cloudformation": ("2010-05-15", """ActivateOrganizationsAccess CancelUpdateStack ContinueUpdateRollback
        CreateChangeSet CreateStack CreateStackInstances CreateStackSet DeactivateOrganizationsAccess DeleteChangeSet
        DeleteStack DeleteStackInstances DeleteStackSet DescribeAccountLimits DescribeChangeSet
        DescribeEvents DescribeOrganizationsAccess DescribeStackDriftDetectionStatus DescribeStackEvents DescribeStackInstance
        DescribeStackResource DescribeStackResourceDrifts DescribeStackResources DescribeStackSet
        DescribeStackSetOperation DescribeStacks DetectStackDrift ExecuteChangeSet GetTemplate GetTemplateSummary
        ListChangeSets ListExports ListStackInstances ListStackResources ListStackSetAutoDeploymentTargets
        ListStackSetOperationResults ListStackSetOperations ListStackSets ListStacks StopStackSetOperation UpdateStack
        UpdateStackInstances UpdateStackSet UpdateTerminationProtection ValidateTemplate"""),
    "kms": ("2014-11-01", "GetPublicKey Sign"),
    "lambda": ("2015-03-31", """GetAccountSettings GetFunction GetFunctionConfiguration GetFunctionEventInvokeConfig
        GetPolicy ListFunctions ListTags"""),
    "iam": ("2010-05-08", """GetAccountSummary GetPolicy GetRole GetRolePolicy ListRolePolicies ListRoleTags ListRoles
        SimulatePrincipalPolicy"""),
    "logs": ("2014-03-28", "DescribeLogGroups"),
    "cloudwatch": ("2010-08-01", "DescribeAlarms"),
    "organizations": ("2016-11-28", """AttachPolicy CloseAccount CreatePolicy DeletePolicy
        DeregisterDelegatedAdministrator DescribeAccount DescribeOrganization DescribeOrganizationalUnit DescribePolicy
        DetachPolicy DisableAWSServiceAccess EnableAWSServiceAccess EnablePolicyType ListAWSServiceAccessForOrganization
        ListAccounts ListAccountsForParent ListChildren ListDelegatedAdministrators ListDelegatedServicesForAccount
        ListOrganizationalUnitsForParent ListParents ListPolicies ListPoliciesForTarget ListRoots ListTagsForResource
        ListTargetsForPolicy MoveAccount RegisterDelegatedAdministrator TagResource UntagResource UpdatePolicy"""),
    "service-quotas": ("2019-06-24", "GetServiceQuota ListServiceQuotas"),
}
# Where the name in a credential scope is another than botocore's.
SCOPES = {"cloudwatch": "monitoring", "service-quotas": "servicequotas"}
# Recorded by AWS Config and in its API reference, but missing from the enum of every SDK.
RECORDED = ["AWS::Config::ConfigurationRecorder", "AWS::DMS::ReplicationInstance", "AWS::DMS::ReplicationTask",
            "AWS::NetworkFirewall::TLSInspectionConfiguration", "AWS::Route53::HealthCheck",
            "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::NotebookInstance"]
PROSE = ("documentation", "documentationUrl", "sensitive", "synthetic", "deprecated", "deprecatedMessage",
         "deprecatedSince", "box", "fault", "retryable", "internalonly")


def bare(value):
    """The value without documentation."""
    if isinstance(value, dict):
        return {k: bare(v) for k, v in value.items() if not (k in PROSE and not isinstance(v, dict))}
    return [bare(v) for v in value] if isinstance(value, list) else value


def needed(shapes, roots):
    """Every shape that is reachable from the roots."""
    found, todo = set(), list(roots)
    while todo:
        name = todo.pop()
        if name in found:
            continue
        found.add(name)
        shape = shapes[name]
        todo += [m["shape"] for m in shape.get("members", {}).values()]
        todo += [shape[k]["shape"] for k in ("member", "key", "value") if k in shape]
    return sorted(found)


def main():
    """Writes one model for each service."""
    data = pathlib.Path(botocore.__file__).parent / "data"
    here = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__)
    here = here if here.is_dir() else here.parent
    for service, (version, names) in SERVICES.items():
        model = json.loads(gzip.open(data / service / version / "service-2.json.gz").read())
        operations = {n: model["operations"][n] for n in names.split()}
        roots = [o[k]["shape"] for o in operations.values() for k in ("input", "output") if k in o]
        roots += [e["shape"] for o in operations.values() for e in o.get("errors", [])]
        shapes = {n: bare(model["shapes"][n]) for n in needed(model["shapes"], roots)}
        for shape in shapes.values():
            # Looking back is not in the sandbox's pattern language; such shapes occur in answers only.
            if "(?<" in shape.get("pattern", ""):
                del shape["pattern"]
        # CloudWatch takes three protocols; the model says the oldest, and which others there are.
        if len(model["metadata"].get("protocols", [])) > 1:
            model["metadata"]["protocol"] = "query"
        else:
            model["metadata"].pop("protocols", None)
        if service == "config":
            shapes["ResourceType"]["enum"] += [t for t in RECORDED if t not in shapes["ResourceType"]["enum"]]
            # The model says 64 here and 128 elsewhere. Whether AWS enforces the 64 is not known,
            # so the sandbox checks it itself, behind a switch.
            for name in ("GetComplianceDetailsByConfigRuleRequest", "DeleteEvaluationResultsRequest"):
                shapes[name]["members"]["ConfigRuleName"]["shape"] = "ConfigRuleName"
        keep = ("apiVersion", "protocol", "protocols", "targetPrefix", "xmlNamespace", "endpointPrefix", "jsonVersion")
        lines = ['{"metadata":' + json.dumps({k: v for k, v in model["metadata"].items() if k in keep})]
        for section, entries in (("operations", operations), ("shapes", shapes)):
            rows = [json.dumps(n) + ":" + json.dumps(bare(v), separators=(",", ":")) for n, v in entries.items()]
            lines.append(f',"{section}":{{\n' + ",\n".join(rows) + "\n}")
        (here / f"{SCOPES.get(service, service)}.json").write_text("\n".join(lines) + "\n}\n")


main()
