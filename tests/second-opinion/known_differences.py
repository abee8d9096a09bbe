"""Where moto is known to differ from AWS, as far as the scripts that compare the two come across it.

A row says where (step, path), what moto has there, what AWS has, why, and who says so. Step, path and both values are
regular expressions that have to match from end to end; values are written as Python writes them.
"""
import re
from typing import Any, NamedTuple


class Known(NamedTuple):
    """A difference that is known."""

    step: str
    path: str
    moto: str
    aws: str
    reason: str
    source: str

    def fits(self, step: str, path: str, theirs: Any, ours: Any) -> bool:
        """Whether a difference is this one."""
        parts = ((self.step, step), (self.path, path), (self.moto, repr(theirs)), (self.aws, repr(ours)))
        return all(re.fullmatch(pattern, text, re.DOTALL) for pattern, text in parts)


# A member that is not there, and an answer as a whole.
MISSING, ACCEPTED = "(nothing)", "(accepted)"
_MISSING, _ACCEPTED = re.escape(repr(MISSING)), re.escape(repr(ACCEPTED))

_SAGEMAKER = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_"
_EC2 = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/"
_CLI = "https://docs.aws.amazon.com/cli/latest/reference/ec2/"
_STATUS = "https://github.com/aws/amazon-sagemaker-examples/issues/"
_REFUSED = "'ValidationException 400'"
_RULES = r"accepted\.SecurityGroupRules\[\d\]\."
_NOTEBOOK = r"accepted\.(NotebookInstances\[\d+\]\.)?"

IN_ANSWERS = [
    Known("who am I", r"accepted\.Arn", "'arn:aws:sts::123456789012:user/moto'",
          "'arn:aws:iam::123456789012:user/administrator'", "users are IAM's, not STS's",
          "https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"),
    Known("who am I", r"accepted\.UserId", "'AKIA.{16}'", "'AIDA.{17}'", "a user's id is not its access key's",
          "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"),

    Known("authorize .*", _RULES + "GroupOwnerId", _MISSING, "'123456789012'", "a rule says whose group it is of",
          _CLI + "authorize-security-group-ingress.html"),
    Known("authorize .*", _RULES + "SecurityGroupRuleArn", _MISSING, r"'arn:aws:ec2:.*:security-group-rule/sgr#\d+'",
          "a rule has an ARN", _EC2 + "API_SecurityGroupRule.html"),
    Known("authorize closed for itself", _RULES + "(From|To)Port", _MISSING, "-1", "a rule for all ports has -1 there",
          _CLI + "describe-security-group-rules.html"),
    Known("(authorize|describe) .*", r"accepted\.SecurityGroup(Rule)?s\[\d\]\.Tags", r"\[\]", _MISSING,
          "an empty list of tags and none are the same to a client; EC2's own examples have the one and the other",
          _CLI + "authorize-security-group-ingress.html"),
    Known("describe what is no id", "", "'InvalidGroup.NotFound 400'", "'InvalidGroupId.Malformed 400'",
          "an id that cannot be one is not looked up", _EC2 + "errors-overview.html"),
    Known("delete group .*", r"accepted\.GroupId", _MISSING, r"'sg#\d+'", "the answer names the group",
          _EC2 + "API_DeleteSecurityGroup.html"),
    Known("delete group .*", r"accepted\.Return", _MISSING, "True", "the answer says so",
          _EC2 + "API_DeleteSecurityGroup.html"),
    Known("delete group open, in use", "", _ACCEPTED, "'DependencyViolation 400'",
          "a notebook's network interface holds its groups", _EC2 + "errors-overview.html"),

    Known(".*", _NOTEBOOK + "NotebookInstanceArn", "'.*/Upper-Case'", "'.*/upper-case'",
          "SageMaker writes the name in lower case in ARNs", _STATUS + "1798"),
    Known(".*", _NOTEBOOK + "Url", r"'([^.]+)\.notebook\.us-east-1\.sagemaker\.aws'",
          r"'[a-z-]+-[a-z0-9]{4}\.notebook\.us-east-1\.sagemaker\.aws'",
          "SageMaker inserts characters of its own into the URL of some notebooks; the form is not published",
          "https://github.com/aws/graph-explorer/pull/188"),
    Known("create no-subnet", "", _ACCEPTED, _REFUSED, "Disabled needs a subnet",
          _SAGEMAKER + "CreateNotebookInstance.html#sagemaker-CreateNotebookInstance-request-DirectInternetAccess"),
    Known("create maybe", "", _ACCEPTED, _REFUSED, "an enum has no other values",
          _SAGEMAKER + "CreateNotebookInstance.html#sagemaker-CreateNotebookInstance-request-DirectInternetAccess"),
    Known("create under_score", "", _ACCEPTED, _REFUSED, "a name has a pattern",
          _SAGEMAKER + "CreateNotebookInstance.html#sagemaker-CreateNotebookInstance-request-NotebookInstanceName"),
    Known("describe .*", r"accepted\.RootAccess", _MISSING, "'Enabled'", "root access is Enabled unless said otherwise",
          _SAGEMAKER + "CreateNotebookInstance.html#sagemaker-CreateNotebookInstance-request-RootAccess"),
    Known("describe .*", r"accepted\.PlatformIdentifier", _MISSING, "'notebook-al2023-v1'",
          "a notebook has a platform, by default this one",
          _SAGEMAKER + "CreateNotebookInstance.html#sagemaker-CreateNotebookInstance-request-PlatformIdentifier"),
    Known("describe .*", r"accepted\.InstanceMetadataServiceConfiguration", _MISSING,
          r"\{'MinimumInstanceMetadataServiceVersion': '[12]'\}", "it is told, and version 1 unless said otherwise",
          _SAGEMAKER + "InstanceMetadataServiceConfiguration.html"),
    Known("describe .*", r"accepted\.IpAddressType", _MISSING, "'ipv4'", "it is ipv4 unless said otherwise",
          _SAGEMAKER + "CreateNotebookInstance.html#sagemaker-CreateNotebookInstance-request-IpAddressType"),
    Known("describe .*", r"accepted\.NetworkInterfaceId", _MISSING, r"'eni#\d'", "a notebook in a subnet has one",
          _SAGEMAKER + "DescribeNotebookInstance.html#sagemaker-DescribeNotebookInstance-response-NetworkInterfaceId"),
    Known("add tags|tags after adding", r"accepted\.Tags", ".*'fraud'.*'risk'.*", "(?!.*'fraud').*'risk'.*",
          "a key is there once: adding it again overwrites", _SAGEMAKER + "AddTags.html"),
    Known("list with a bad token", "", "'InvalidToken 400'", _REFUSED,
          "the operation has no errors of its own; the common one for a bad parameter is this",
          _SAGEMAKER + "ListNotebookInstances.html#API_ListNotebookInstances_Errors"),
    Known("list a thousand", "", _ACCEPTED, _REFUSED, "a page has a hundred at most",
          _SAGEMAKER + "ListNotebookInstances.html#sagemaker-ListNotebookInstances-request-MaxResults"),
    Known("list twelve", "accepted", r"\['many-00', .*, 'many-11'\]", r"\['many-00', .*, 'many-09'\]",
          "a page has ten unless said otherwise", "https://github.com/boto/boto3/issues/2515"),
    Known("start good", "", _ACCEPTED, _REFUSED, "what runs cannot be started", _STATUS + "1094"),
    Known("stop good, stopped", "", _ACCEPTED, _REFUSED, "what does not run cannot be stopped", _STATUS + "1798"),

    Known("create domain", r"accepted\.DomainId", _MISSING, "'d#1'", "the answer has the id too",
          _SAGEMAKER + "CreateDomain.html#sagemaker-CreateDomain-response-DomainId"),
    Known(".* domains?", r"accepted\.(Domains\[0\]\.)?Url", "'research.us-east-1.sagemaker.test.com'",
          "'https://d#1.studio.us-east-1.sagemaker.aws'",
          "moto's is of a domain that is not AWS's; the form is not published",
          _SAGEMAKER + "CreateDomain.html#sagemaker-CreateDomain-response-Url"),
    Known("create domain again", "", _ACCEPTED, "'ResourceInUse 400'",
          "moto replaces the first domain, which AWS never does; AWS's words for a taken name are not published",
          _SAGEMAKER + "CreateDomain.html#API_CreateDomain_Errors"),
    Known("describe domain", r"accepted\.HomeEfsFileSystemId", "'research-efs-id'", "'fs-[0-9a-f]{17}'",
          "a file system's id is not made from a name",
          "https://docs.aws.amazon.com/efs/latest/ug/API_FileSystemDescription.html"),
    Known("describe domain", r"accepted\.FailureReason", "''", _MISSING, "a domain that has not failed has no reason",
          _SAGEMAKER + "DescribeDomain.html#sagemaker-DescribeDomain-response-FailureReason"),
    Known("describe domain", r"accepted\.SingleSignOn\w+", "'.*'", _MISSING,
          "only a domain of IAM Identity Center has it",
          _SAGEMAKER + "DescribeDomain.html#sagemaker-DescribeDomain-response-SingleSignOnApplicationArn"),
    Known("describe domain", r"accepted\.SecurityGroupIdForDomainBoundary", "'sg-research'", _MISSING,
          "only a domain with RStudio has it",
          _SAGEMAKER + "DescribeDomain.html#sagemaker-DescribeDomain-response-SecurityGroupIdForDomainBoundary"),
    Known("describe domain after that", "", "'ValidationException 400'", "'ResourceNotFound 400'",
          "the operation has an error of its own for it", _SAGEMAKER + "DescribeDomain.html#API_DescribeDomain_Errors"),
]

_OMITS = "moto does not answer with it, and what is not reported is not the good value"

# Of the verdicts: the step is the notebook, the path the check; values are those of the product on each server.
IN_VERDICTS = [
    Known(".*", "platform-identifier", "'NON_COMPLIANT'", "'COMPLIANT'", f"PlatformIdentifier: {_OMITS}",
          _SAGEMAKER + "DescribeNotebookInstance.html#sagemaker-DescribeNotebookInstance-response-PlatformIdentifier"),
    Known(".*", "imds-v2", "'NON_COMPLIANT'", "'COMPLIANT'", f"InstanceMetadataServiceConfiguration: {_OMITS}",
          _SAGEMAKER + "InstanceMetadataServiceConfiguration.html"),
]

_ORG = "https://docs.aws.amazon.com/organizations/latest/APIReference/API_"
_SCPS = "https://docs.aws.amazon.com/organizations/latest/userguide/"

# Of an organization.
IN_ORGANIZATIONS = [
    Known("(units of a|describe) unit", r"accepted\.Organization\w*(\[0\])?\.Path", _MISSING, "'o#1/r#1/.*ou#\\d/'",
          "a unit says where it is", _ORG + "OrganizationalUnit.html"),
    Known("accounts of a unit|describe account", r"accepted\.Accounts?(\[0\])?\.Paths", _MISSING,
          r"\['o#1/r#1/.*account#2/'\]", "an account says where it is", _ORG + "Account.html"),
    Known("accounts of a unit|describe account|administrators", r"accepted\.\w+(\[0\])?\.Status", "'ACTIVE'", _MISSING,
          "the member was retired on 9 September 2026", _ORG + "Account.html"),
    Known("parents of nobody", "", "'AccountNotFoundException 400'", "'ChildNotFoundException 400'",
          "the operation has an error of its own for it", _ORG + "ListParents.html#API_ListParents_Errors"),
    Known("what is no id", "", "'AccountNotFoundException 400'", "'InvalidInputException 400'", "an id has a pattern",
          _ORG + "DescribeAccount.html#organizations-DescribeAccount-request-AccountId"),
    Known("describe AWS's policy", r"accepted\.Arn", "'arn:aws:organizations::account#1:policy/.*'",
          "'arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess'", "it is AWS's, not the customer's",
          _ORG + "PolicySummary.html"),
    Known("create broken policy", "", _ACCEPTED, "'MalformedPolicyDocumentException 400'", "a policy is JSON",
          _ORG + "CreatePolicy.html#API_CreatePolicy_Errors"),
    Known("create long policy", "", _ACCEPTED, "'ConstraintViolationException 400'", "10,240 characters are the limit",
          _SCPS + "orgs_reference_limits.html"),
    Known("attach to unit again", "", _ACCEPTED, "'DuplicatePolicyAttachmentException 400'", "a policy is attached once",
          _ORG + "AttachPolicy.html#API_AttachPolicy_Errors"),
    Known("attach to nobody", "", "'AccountNotFoundException 400'", "'TargetNotFoundException 400'",
          "the operation has an error of its own for it", _ORG + "AttachPolicy.html#API_AttachPolicy_Errors"),
    Known("detach last from account", "", _ACCEPTED, "'ConstraintViolationException 400'",
          "every root, unit and account keeps one", _ORG + "DetachPolicy.html"),
    Known("detach from unit again", "", _ACCEPTED, "'PolicyNotAttachedException 400'",
          "what is not attached cannot be detached", _ORG + "DetachPolicy.html#API_DetachPolicy_Errors"),
    Known("move account again", "", _ACCEPTED, "'SourceParentNotFoundException 400'",
          "the account is not in the unit that it is said to be in", _ORG + "MoveAccount.html#API_MoveAccount_Errors"),
    Known("close the management account", "", _ACCEPTED, "'ConstraintViolationException 400'",
          "the management account cannot be closed so", _ORG + "CloseAccount.html"),
]

_SETS = "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_"
_SET = r"accepted\.(StackSet|Summaries\[0\])\."
_INSTANCE = r"accepted(\[0\]|\.StackInstance)\."
_OPERATION = r"accepted(\[0\]|\.StackSetOperation)\."
_INVALID = "'ValidationError 400'"

# Of StackSets.
IN_STACK_SETS = [
    Known("describe.*|sets", _SET + "AutoDeployment", _MISSING,
          r"\{'Enabled': True, 'RetainStacksOnAccountRemoval': False\}", "a set says whether it deploys by itself",
          _SETS + "StackSet.html"),
    Known("describe.*", _SET + "Capabilities", _MISSING, r"\['CAPABILITY_IAM'\]", "a set says what it was allowed",
          _SETS + "StackSet.html"),
    Known("describe.*", _SET + "(OrganizationalUnitIds|Regions)", _MISSING, r"\[.*\]", "a set says where it is",
          _SETS + "StackSet.html"),
    Known("describe.*", _SET + "StackSetDriftDetectionDetails", _MISSING, ".*'NOT_CHECKED'.*",
          "a set says whether it has drifted", _SETS + "StackSetDriftDetectionDetails.html"),
    Known("sets", _SET + "DriftStatus", _MISSING, "'NOT_CHECKED'", "a set says whether it has drifted",
          _SETS + "StackSetSummary.html"),
    Known("describe.*|operation.*", r"accepted\.StackSet(Operation)?\.ExecutionRoleName",
          "'AWSCloudFormationStackSetExecutionRole'", _MISSING,
          "the role is that of self-managed permissions; what is said with service-managed ones is not published",
          _SETS + "StackSet.html"),
    Known("operation.*", r"accepted\.StackSetOperation\.AdministrationRoleARN",
          "'.*:role/AWSCloudFormationStackSetAdministrationRole'", _MISSING,
          "the role is that of self-managed permissions; what is said with service-managed ones is not published",
          _SETS + "StackSet.html"),
    Known("active sets", "accepted", r"\['guard', .*\]", r"\[\]", "a listing can be of one status",
          _SETS + "ListStackSets.html"),
    Known("describe what is gone, by id", "", "'StackSetNotFoundException 404'", _ACCEPTED,
          "a set that was deleted has that status, and its name is free; moto finds sets that are active",
          _SETS + "StackSet.html"),

    Known("create without a template", "", _ACCEPTED, _INVALID, "a set has a template",
          _SETS + "CreateStackSet.html"),
    Known("create from a broken template", "", _ACCEPTED, _INVALID, "a template is JSON or YAML",
          "https://github.com/aws-samples/aws-cloud-compliance-assurance/pull/2"),
    Known("(create with|update,) an unknown parameter", "", _ACCEPTED, _INVALID, "parameters are the template's",
          "https://github.com/DataDog/datadog-aws-controltower/issues/5"),
    Known("create a+", "", _ACCEPTED, _INVALID, "a name has 128 characters at most", _SETS + "CreateStackSet.html"),
    Known("create twice again, with the token", r"accepted\.StackSetId", "'twice#2'", "'twice#1'",
          "a token is there to make one set, however often it is sent", _SETS + "CreateStackSet.html"),
    Known("create twice again, with another token", "", _ACCEPTED, "'NameAlreadyExistsException 409'",
          "a name is there once in a Region", _SETS + "CreateStackSet.html#API_CreateStackSet_Errors"),
    Known("create twice again, changed", "", _ACCEPTED, "'CreatedButModifiedException 409'",
          "the set is no longer what the token made", _SETS + "CreateStackSet.html#API_CreateStackSet_Errors"),
    Known("update, (no template|two templates)", "", _ACCEPTED, _INVALID,
          "an update has a template or uses the previous one, and not both", _SETS + "UpdateStackSet.html"),

    Known("instances?( elsewhere)?", _INSTANCE + "(DriftStatus|LastOperationId|OrganizationalUnitId)", _MISSING,
          r"'(NOT_CHECKED|\(uuid\)|first|ou#1)'", "an instance says why it is there, and whether it has drifted",
          _SETS + "StackInstanceSummary.html"),
    Known("instances?( elsewhere)?", _INSTANCE + "StackId", r"'.*:stack/StackSet-guard:\(uuid\)/\(uuid\)'",
          r"'.*:stack/StackSet-guard-\(uuid\)/\(uuid\)'", "the name of a stack has no colon",
          _SETS + "CreateStack.html"),
    Known("instance", _INSTANCE + "ParameterOverrides", r"\[\]", _MISSING,
          "an empty list and none are the same to a client", _SETS + "StackInstance.html"),
    Known("no instance, .*", "", "'an answer that is not of the protocol'", "'StackInstanceNotFoundException 404'",
          "the operation has an error of its own for it",
          _SETS + "DescribeStackInstance.html#API_DescribeStackInstance_Errors"),
    Known("instances of a Region", "accepted", r"\['us-east-1', 'eu-west-1'\]", r"\['us-east-1'\]",
          "a listing can be of one account and Region", _SETS + "ListStackInstances.html"),
    Known("instances of nobody", "accepted", "2", "0", "a listing can be of one account and Region",
          _SETS + "ListStackInstances.html"),
    Known("instance with overrides", "accepted", r"\[\]", r"\[\{'ParameterKey': 'Days', 'ParameterValue': '7'\}\]",
          "units are targets of an update, too; moto knows accounts alone", _SETS + "UpdateStackInstances.html"),
    Known("instances after undeploying", "accepted", "2", "0",
          "units are targets of a deletion, too; moto knows accounts alone", _SETS + "DeleteStackInstances.html"),
    Known("undeploy from accounts", "", _ACCEPTED, _INVALID, "service-managed permissions are for units",
          "https://github.com/aws/aws-cli/issues/8248"),

    Known("operations?( of .*)?", _OPERATION + "OperationPreferences", _MISSING,
          r"\{'RegionConcurrencyType': 'SEQUENTIAL', .*\}", "an operation says how it goes about its work",
          _SETS + "StackSetOperation.html"),
    Known("operations?( of .*)?", _OPERATION + "StatusDetails", _MISSING, r"\{'FailedStackInstancesCount': 0\}",
          "an operation says how often it has failed", _SETS + "StackSetOperationStatusDetails.html"),
    Known("operation( of undeploying)?", _OPERATION + "DeploymentTargets", _MISSING,
          r"\{'OrganizationalUnitIds': \['ou#1'\]\}", "an operation says whom it is for",
          _SETS + "StackSetOperation.html"),
    Known("operation of undeploying", _OPERATION + "RetainStacks", _MISSING, "False",
          "a deletion says whether it keeps the stacks", _SETS + "StackSetOperation.html"),
    Known("results", "accepted", r"\[\]", r"\[\{'Account': 'account#2', .*'Status': 'SUCCEEDED'.*\}\]",
          "there is a result for every account and Region; moto has none for those of units",
          _SETS + "ListStackSetOperationResults.html"),
    Known("actions", r"accepted\[\d\]", "'(CREATE|UPDATE)'", "'(CREATE|UPDATE)'", "the newest operation comes first",
          "https://docs.aws.amazon.com/cli/latest/reference/cloudformation/list-stack-set-operations.html"),
    Known("stop what has ended", "", _ACCEPTED, "'InvalidOperationException 400'", "what is in progress can be stopped",
          _SETS + "StopStackSetOperation.html#API_StopStackSetOperation_Errors"),
    Known("status after that", "accepted", "'STOPPED'", "'SUCCEEDED'", "what is in progress can be stopped",
          _SETS + "StopStackSetOperation.html"),
    Known("(results of |stop )?no operation", "", _INVALID, "'OperationNotFoundException 404'",
          "the operations have an error of their own for it",
          _SETS + "DescribeStackSetOperation.html#API_DescribeStackSetOperation_Errors"),
    Known("deploy elsewhere, with an id", r"accepted\.OperationId", r"'\(uuid\)'", "'first'",
          "the caller may choose the id of an operation", _SETS + "CreateStackInstances.html"),
    Known("(deploy|update|override|undeploy), the id is taken", "", _ACCEPTED,
          "'OperationIdAlreadyExistsException 409'", "an id is of one operation",
          _SETS + "CreateStackInstances.html#API_CreateStackInstances_Errors"),
]

# Where the sandbox differs from AWS: to be put right there, and then taken off this list.
FAULTS_OF_STACK_SETS = [
    Known("describe.*", _SET + "AdministrationRoleARN", "'.*:role/AWSCloudFormationStackSetAdministrationRole'",
          _MISSING, "AWS names the service-linked role that it works with; moto has another",
          "https://github.com/hashicorp/terraform-provider-aws/pull/45992"),
    Known("deploy to no unit", "", _ACCEPTED, _INVALID,
          "AWS takes the call, and the operation fails: `Target organizational unit could not be found`",
          "https://github.com/elastic/cloudbeat/issues/2681"),
]
