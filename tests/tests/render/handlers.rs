//! What CloudFormation's handlers call with the permissions of whoever makes the stack, as their schemas list it; and
//! what of that our templates have no use for.

use std::collections::BTreeSet;

use serde_json::Value;

/// Types whose handlers no template of a single account needs.
const ELSEWHERE: [&str; 2] = ["AWS::Organizations::Policy", "AWS::SNS::Topic"];

/// Actions of handlers that nobody needs for our templates, with the reason.
const UNUSED: &[(&str, &[&str])] = &[
    (
        "the function is in no VPC and mounts nothing",
        &[
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            "elasticfilesystem:DescribeMountTargets",
            "s3files:ListMountTargets",
        ],
    ),
    (
        "nothing is encrypted with a key of the account",
        &[
            "kms:CreateGrant",
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "logs:AssociateKmsKey",
            "logs:DisassociateKmsKey",
        ],
    ),
    (
        "the function has neither layers, signing, versions, reserved concurrency nor capacity providers",
        &[
            "lambda:AssociateRuntimeAlias",
            "lambda:DeleteFunctionCodeSigningConfig",
            "lambda:DeleteFunctionConcurrency",
            "lambda:GetCodeSigningConfig",
            "lambda:GetLayerVersion",
            "lambda:PassCapacityProvider",
            "lambda:PublishVersion",
            "lambda:PutFunctionCodeSigningConfig",
            "lambda:PutFunctionConcurrency",
            "lambda:PutFunctionRecursionConfig",
            "lambda:PutFunctionScalingConfig",
            "lambda:PutRuntimeManagementConfig",
        ],
    ),
    ("the zip is named by its key alone", &["s3:GetObjectVersion"]),
    ("whoever has to bound the role may not unbind it", &["iam:DeleteRolePermissionsBoundary"]),
    ("the commands with --org may call it anyway", &["organizations:ListDelegatedAdministrators"]),
    (
        "the log group has a name, tags and a retention, and nothing else",
        &[
            "firehose:TagDeliveryStream",
            "logs:CreateLogDelivery",
            "logs:DeleteDataProtectionPolicy",
            "logs:DeleteIndexPolicy",
            "logs:DeleteResourcePolicy",
            "logs:DeleteRetentionPolicy",
            "logs:DescribeResourcePolicies",
            "logs:PutBearerTokenAuthentication",
            "logs:PutDataProtectionPolicy",
            "logs:PutIndexPolicy",
            "logs:PutLogGroupDeletionProtection",
            "logs:PutResourcePolicy",
            "s3:REST.PUT.OBJECT",
        ],
    ),
    ("the pack is delivered to no bucket and has no template in one", &["s3:GetBucketAcl"]),
    (
        "the bucket has encryption, versions, a lifecycle, an owner, a policy and tags, and nothing else",
        &[
            "s3:CreateBucketMetadataTableConfiguration",
            "s3:DeleteBucketAnalyticsConfiguration",
            "s3:DeleteBucketCors",
            "s3:DeleteBucketEncryption",
            "s3:DeleteBucketLifecycle",
            "s3:DeleteBucketMetadataTableConfiguration",
            "s3:DeleteBucketMetricsConfiguration",
            "s3:DeleteBucketReplication",
            "s3:DeleteBucketWebsite",
            "s3:GetAccelerateConfiguration",
            "s3:GetAnalyticsConfiguration",
            "s3:GetBucketAbac",
            "s3:GetBucketCORS",
            "s3:GetBucketLogging",
            "s3:GetBucketMetadataTableConfiguration",
            "s3:GetBucketNotification",
            "s3:GetBucketObjectLockConfiguration",
            "s3:GetBucketWebsite",
            "s3:GetIntelligentTieringConfiguration",
            "s3:GetInventoryConfiguration",
            "s3:GetMetricsConfiguration",
            "s3:GetReplicationConfiguration",
            "s3:PutAccelerateConfiguration",
            "s3:PutAnalyticsConfiguration",
            "s3:PutBucketAbac",
            "s3:PutBucketAcl",
            "s3:PutBucketCORS",
            "s3:PutBucketLogging",
            "s3:PutBucketNotification",
            "s3:PutBucketObjectLockConfiguration",
            "s3:PutBucketReplication",
            "s3:PutBucketWebsite",
            "s3:PutIntelligentTieringConfiguration",
            "s3:PutInventoryConfiguration",
            "s3:PutMetricsConfiguration",
            "s3:PutObjectAcl",
            "s3:PutObjectLockConfiguration",
            "s3:PutReplicationConfiguration",
            "s3:UpdateBucketMetadataAnnotationTableConfiguration",
            "s3:UpdateBucketMetadataInventoryTableConfiguration",
            "s3:UpdateBucketMetadataJournalTableConfiguration",
            "s3tables:CreateNamespace",
            "s3tables:CreateTable",
            "s3tables:CreateTableBucket",
            "s3tables:GetTable",
            "s3tables:GetTableMetadataLocation",
            "s3tables:PutTableBucketPolicy",
            "s3tables:PutTableEncryption",
            "s3tables:PutTablePolicy",
            "s3tables:UpdateTableMetadataLocation",
        ],
    ),
];

/// The actions that the handlers of our templates' types list.
pub(crate) fn listed() -> BTreeSet<String> {
    let types: Value = serde_json::from_str(include_str!("../../src/sandbox/model/types.json")).unwrap();
    let ours = types.as_object().unwrap().iter().filter(|(name, _)| !ELSEWHERE.contains(&name.as_str()));
    let handlers = ours.flat_map(|(_, schema)| schema["permissions"].as_object().unwrap().values());
    handlers.flat_map(|actions| actions.as_array().unwrap()).map(|one| one.as_str().unwrap().to_owned()).collect()
}

/// Those that our templates have no use for.
pub(crate) fn unused() -> BTreeSet<String> {
    UNUSED.iter().flat_map(|(_, actions)| actions.iter().map(|action| (*action).to_owned())).collect()
}
