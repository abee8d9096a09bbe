//! Organization conformance packs: who may put them, what they do in the accounts, and what goes wrong there.

use std::time::Duration;

use guard_tests::sandbox::{AccountState, Lag, Lagging, Options, RecorderState, Sandbox};
use serde_json::{Value, json};

use super::client::{Client, REGION, empty};

const MANAGEMENT: &str = "111111111111";
const DELEGATE: &str = "222222222222";
const MEMBER: &str = "333333333333";
const BARE: &str = "444444444444";
const STEP: Duration = Duration::from_mins(1);
const PRINCIPAL: &str = "config-multiaccountsetup.amazonaws.com";
const BODY: &str = "
Parameters: {Said: {Type: String}}
Resources:
  Direct:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: direct
      Description: {Ref: Said}
      Source: {Owner: AWS, SourceIdentifier: SAGEMAKER_NOTEBOOK_NO_DIRECT_INTERNET_ACCESS}
";

/// An organization of four accounts, of which the last has no recorder.
async fn organization() -> Sandbox {
    let sandbox = empty(Options::default()).await;
    let world = sandbox.world();
    for account in [MANAGEMENT, DELEGATE, MEMBER, BARE] {
        world.add_account(account).unwrap();
        world.enable_region(account, REGION).unwrap();
        if account != BARE {
            world.set_recorder(account, REGION, &RecorderState::ALL).unwrap();
        }
    }
    world.set_stack_delay(STEP);
    let root = world.create_organization(MANAGEMENT).unwrap();
    for account in [DELEGATE, MEMBER, BARE] {
        world.join(account, &root).unwrap();
    }
    sandbox
}

fn put(excluded: &[&str]) -> Value {
    json!({
        "OrganizationConformancePackName": "pack", "TemplateBody": BODY, "ExcludedAccounts": excluded,
        "ConformancePackInputParameters": [{"ParameterName": "Said", "ParameterValue": "hello"}],
    })
}

fn named() -> Value {
    json!({"OrganizationConformancePackName": "pack"})
}

/// What AWS Config is at takes as long as a test wants.
fn settled(sandbox: &Sandbox) {
    sandbox.world().clock().advance(STEP);
}

/// The word, code and message of the whole.
async fn overall(client: &Client) -> (String, String, String) {
    let input = json!({"OrganizationConformancePackNames": ["pack"]});
    let told = client.json("config", "DescribeOrganizationConformancePackStatuses", input).await;
    let told = &told["OrganizationConformancePackStatuses"][0];
    let text = |member: &str| told[member].as_str().unwrap_or_default().to_owned();
    (text("Status"), text("ErrorCode"), text("ErrorMessage"))
}

/// The account and word of each account.
async fn accounts(client: &Client) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut next = Value::Null;
    loop {
        let mut input = json!({"OrganizationConformancePackName": "pack", "Limit": 2});
        if !next.is_null() {
            input["NextToken"] = next;
        }
        let page = client.json("config", "GetOrganizationConformancePackDetailedStatus", input).await;
        for told in page["OrganizationConformancePackDetailedStatuses"].as_array().unwrap() {
            let text = |member: &str| told[member].as_str().unwrap().to_owned();
            assert!(text("ConformancePackName").starts_with("OrgConformsPack-pack-"), "{told}");
            found.push((text("AccountId"), text("Status")));
        }
        next = page["NextToken"].clone();
        if next.is_null() {
            return found;
        }
    }
}

fn told(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(account, word)| ((*account).to_owned(), (*word).to_owned())).collect()
}

async fn rules(sandbox: &Sandbox, account: &str) -> Vec<Value> {
    let shown = Client::of(sandbox.world(), account).json("config", "DescribeConfigRules", json!({})).await;
    shown["ConfigRules"].as_array().unwrap().clone()
}

#[tokio::test]
async fn the_pack_is_in_every_account_but_where_there_is_no_recorder() {
    let sandbox = organization().await;
    let client = Client::of(sandbox.world(), MANAGEMENT);
    let arn = client.json("config", "PutOrganizationConformancePack", put(&[DELEGATE])).await;
    let arn = arn["OrganizationConformancePackArn"].as_str().unwrap().to_owned();
    assert!(arn.contains(":organization-conformance-pack/pack-"), "{arn}");
    assert_eq!(overall(&client).await.0, "CREATE_IN_PROGRESS");
    for operation in ["PutOrganizationConformancePack", "DeleteOrganizationConformancePack"] {
        let input = if operation.starts_with("Put") { put(&[]) } else { named() };
        assert_eq!(client.refusal("config", operation, input).await.1, "ResourceInUseException");
    }
    settled(&sandbox);
    let (word, code, message) = overall(&client).await;
    assert_eq!((word.as_str(), code.as_str()), ("CREATE_FAILED", "NoAvailableConfigurationRecorderException"));
    assert!(message.contains("NoAvailableConfigurationRecorderException in 1 account(s)"), "{message}");
    let expected = [(MANAGEMENT, "CREATE_SUCCESSFUL"), (MEMBER, "CREATE_SUCCESSFUL"), (BARE, "CREATE_FAILED")];
    assert_eq!(accounts(&client).await, told(&expected));
    let made = rules(&sandbox, MEMBER).await;
    assert_eq!((made.len(), &made[0]["Description"]), (1, &json!("hello")));
    assert!(rules(&sandbox, DELEGATE).await.is_empty());
    let shown = client.json("config", "DescribeOrganizationConformancePacks", json!({})).await;
    assert_eq!(shown["OrganizationConformancePacks"][0]["ExcludedAccounts"], json!([DELEGATE]));
    assert_eq!(
        shown["OrganizationConformancePacks"][0]["ConformancePackInputParameters"],
        put(&[])["ConformancePackInputParameters"]
    );
}

#[tokio::test]
async fn members_cannot_touch_it() {
    let sandbox = organization().await;
    Client::of(sandbox.world(), MANAGEMENT).json("config", "PutOrganizationConformancePack", put(&[])).await;
    settled(&sandbox);
    let member = Client::of(sandbox.world(), MEMBER);
    let rule = rules(&sandbox, MEMBER).await[0]["ConfigRuleName"].clone();
    let source = json!({"Owner": "AWS", "SourceIdentifier": "ROOT_ACCOUNT_MFA_ENABLED"});
    let packs = member.json("config", "DescribeConformancePacks", json!({})).await["ConformancePackDetails"].clone();
    assert_eq!(packs[0]["CreatedBy"], PRINCIPAL);
    let pack = packs[0]["ConformancePackName"].clone();
    for (operation, input) in [
        ("DeleteConfigRule", json!({"ConfigRuleName": rule})),
        ("PutConfigRule", json!({"ConfigRule": {"ConfigRuleName": rule, "Source": source}})),
        ("DeleteConformancePack", json!({"ConformancePackName": pack})),
        ("PutConformancePack", json!({"ConformancePackName": pack, "TemplateBody": BODY})),
    ] {
        assert_eq!(member.refusal("config", operation, input).await.1, "AccessDeniedException", "{operation}");
    }
    for (operation, input) in
        [("PutOrganizationConformancePack", put(&[])), ("DescribeOrganizationConformancePacks", json!({}))]
    {
        assert_eq!(member.refusal("config", operation, input).await.1, "OrganizationAccessDeniedException");
    }
}

#[tokio::test]
async fn it_changes_and_goes_everywhere() {
    let sandbox = organization().await;
    let client = Client::of(sandbox.world(), MANAGEMENT);
    client.json("config", "PutOrganizationConformancePack", put(&[BARE])).await;
    settled(&sandbox);
    assert_eq!(overall(&client).await.0, "CREATE_SUCCESSFUL");
    client.json("config", "PutOrganizationConformancePack", put(&[BARE, MEMBER])).await;
    settled(&sandbox);
    assert_eq!(overall(&client).await.0, "UPDATE_SUCCESSFUL");
    let expected = [(MANAGEMENT, "UPDATE_SUCCESSFUL"), (DELEGATE, "UPDATE_SUCCESSFUL")];
    assert_eq!(accounts(&client).await, told(&expected));
    assert!(rules(&sandbox, MEMBER).await.is_empty());
    sandbox.world().fail_organization_packs(DELEGATE, Some(("InternalError", "no")));
    client.json("config", "DeleteOrganizationConformancePack", named()).await;
    settled(&sandbox);
    assert_eq!(overall(&client).await.0, "DELETE_FAILED");
    assert_eq!(accounts(&client).await, told(&[(DELEGATE, "DELETE_FAILED")]));
    sandbox.world().fail_organization_packs(DELEGATE, None);
    client.json("config", "DeleteOrganizationConformancePack", named()).await;
    settled(&sandbox);
    for account in [MANAGEMENT, DELEGATE] {
        assert!(rules(&sandbox, account).await.is_empty());
    }
    let gone = client.refusal("config", "DeleteOrganizationConformancePack", named()).await;
    assert_eq!(gone.1, "NoSuchOrganizationConformancePackException");
    let statuses = json!({"OrganizationConformancePackNames": ["pack"]});
    let gone = client.refusal("config", "DescribeOrganizationConformancePackStatuses", statuses).await;
    assert_eq!(gone.1, "NoSuchOrganizationConformancePackException");
}

#[tokio::test]
async fn accounts_that_come_get_it_and_those_that_go_lose_it() {
    let sandbox = organization().await;
    let world = sandbox.world();
    let client = Client::of(world, MANAGEMENT);
    world.leave(MEMBER).unwrap();
    world.leave(BARE).unwrap();
    world.set_account_state(DELEGATE, AccountState::Suspended).unwrap();
    client.json("config", "PutOrganizationConformancePack", put(&[])).await;
    settled(&sandbox);
    assert_eq!(accounts(&client).await, told(&[(MANAGEMENT, "CREATE_SUCCESSFUL")]));
    let root = world.create_organization(MANAGEMENT).unwrap();
    world.trust(PRINCIPAL).unwrap();
    for account in [MEMBER, BARE] {
        world.join(account, &root).unwrap();
    }
    let expected = [(MANAGEMENT, "CREATE_SUCCESSFUL"), (MEMBER, "CREATE_SUCCESSFUL"), (BARE, "CREATE_FAILED")];
    assert_eq!(accounts(&client).await, told(&expected));
    assert_eq!(rules(&sandbox, MEMBER).await.len(), 1);
    // AWS Config tries new accounts again for seven hours.
    world.clock().advance(Duration::from_hours(6));
    world.set_recorder(BARE, REGION, &RecorderState::ALL).unwrap();
    assert_eq!(overall(&client).await.0, "CREATE_SUCCESSFUL");
    assert_eq!(rules(&sandbox, BARE).await.len(), 1);
    world.leave(MEMBER).unwrap();
    assert_eq!(accounts(&client).await.len(), 2);
    assert!(rules(&sandbox, MEMBER).await.is_empty());
}

#[tokio::test]
async fn a_delegated_administrator_has_packs_of_its_own() {
    let sandbox = organization().await;
    let world = sandbox.world();
    let client = Client::of(world, DELEGATE);
    assert_eq!(
        client.refusal("config", "PutOrganizationConformancePack", put(&[])).await.1,
        "OrganizationAccessDeniedException"
    );
    world.trust(PRINCIPAL).unwrap();
    world.delegate(DELEGATE, PRINCIPAL).unwrap();
    client.json("config", "PutOrganizationConformancePack", put(&[BARE])).await;
    settled(&sandbox);
    // Nobody has made the service-linked role in the management account.
    let expected = [(MANAGEMENT, "CREATE_FAILED"), (DELEGATE, "CREATE_SUCCESSFUL"), (MEMBER, "CREATE_SUCCESSFUL")];
    assert_eq!(accounts(&client).await, told(&expected));
    let other = Client::of(world, MANAGEMENT);
    let seen = other.json("config", "DescribeOrganizationConformancePacks", json!({})).await;
    assert_eq!(seen["OrganizationConformancePacks"], json!([]));
}

#[tokio::test]
async fn what_cannot_be_put_is_refused() {
    let sandbox = organization().await;
    let world = sandbox.world();
    let client = Client::of(world, MANAGEMENT);
    let refused = async |input: Value| client.refusal("config", "PutOrganizationConformancePack", input).await.1;
    let invalid = "OrganizationConformancePackTemplateValidationException";
    let mut without = put(&[]);
    without.as_object_mut().unwrap().remove("ConformancePackInputParameters");
    assert_eq!(refused(without).await, invalid);
    let mut bucket = put(&[]);
    bucket["TemplateBody"] = "Resources: {A: {Type: 'AWS::S3::Bucket'}}".into();
    assert_eq!(refused(bucket).await, invalid);
    let rule = |at: usize| {
        format!(
            "  R{at}: {{Type: 'AWS::Config::ConfigRule', Properties: {{ConfigRuleName: r{at}, Source: {{Owner: AWS, SourceIdentifier: X}}}}}}\n"
        )
    };
    let many: Vec<String> = (0..131).map(rule).collect();
    let name = json!("pack");
    let body = format!("Resources:\n{}", many.concat());
    assert_eq!(refused(json!({"OrganizationConformancePackName": name, "TemplateBody": body})).await, invalid);
    let excluded: Vec<String> = (0..1_001).map(|at| format!("{at:012}")).collect();
    let mut too_many = put(&[]);
    too_many["ExcludedAccounts"] = json!(excluded);
    assert_eq!(refused(too_many).await, "ValidationException");
    for at in 0..50 {
        let mut other = put(&[DELEGATE, MEMBER, BARE]);
        other["OrganizationConformancePackName"] = format!("other-{at}").into();
        client.json("config", "PutOrganizationConformancePack", other).await;
    }
    assert_eq!(refused(put(&[])).await, "MaxNumberOfOrganizationConformancePacksExceededException");
    world.set_all_features(false).unwrap();
    assert_eq!(refused(put(&[])).await, "OrganizationAllFeaturesNotEnabledException");
    world.leave(MANAGEMENT).unwrap();
    assert_eq!(refused(put(&[])).await, "NoAvailableOrganizationException");
}

#[tokio::test]
async fn trusted_access_comes_with_the_first_pack() {
    let sandbox = organization().await;
    let world = sandbox.world();
    let client = Client::of(world, MANAGEMENT);
    let look = async || client.send_json("config", "DescribeOrganizationConformancePacks", "{}").await.unwrap().status;
    assert_eq!(look().await, 400);
    let allowed = json!({"Statement": [{"Effect": "Allow", "Action": ["config:*"], "Resource": "*"}]});
    world.set_caller_policies(MANAGEMENT, &[allowed]).unwrap();
    let refused = async || client.refusal("config", "PutOrganizationConformancePack", put(&[])).await.1;
    assert_eq!(refused().await, "InsufficientPermissionsException");
    let more = json!({"Statement": [
        {"Effect": "Allow", "Action": ["config:*", "iam:CreateServiceLinkedRole"], "Resource": "*"}
    ]});
    world.set_caller_policies(MANAGEMENT, &[more]).unwrap();
    assert_eq!(refused().await, "OrganizationAccessDeniedException");
    let all = json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    world.set_caller_policies(MANAGEMENT, &[all]).unwrap();
    client.json("config", "PutOrganizationConformancePack", put(&[])).await;
    assert_eq!(look().await, 200);
}

#[tokio::test]
async fn reads_may_lag() {
    let sandbox = organization().await;
    let client = Client::of(sandbox.world(), MANAGEMENT);
    sandbox.world().set_lag(Lagging::OrganizationPacks, Some(Lag::Reads(1)));
    client.json("config", "PutOrganizationConformancePack", put(&[BARE])).await;
    let statuses = json!({"OrganizationConformancePackNames": ["pack"]});
    let late = client.refusal("config", "DescribeOrganizationConformancePackStatuses", statuses).await;
    assert_eq!(late.1, "NoSuchOrganizationConformancePackException");
    settled(&sandbox);
    assert_eq!(overall(&client).await.0, "CREATE_SUCCESSFUL");
    client.json("config", "PutOrganizationConformancePack", put(&[BARE])).await;
    assert_eq!(overall(&client).await.0, "CREATE_SUCCESSFUL");
    assert!(overall(&client).await.0.starts_with("UPDATE_"));
}

#[tokio::test]
async fn rules_of_aws_exist_in_some_regions_only_and_take_their_own_parameters() {
    let sandbox = organization().await;
    let world = sandbox.world();
    world.enable_region(MANAGEMENT, "il-central-1").unwrap();
    let here = Client::of(world, MANAGEMENT);
    let there = here.in_region("il-central-1");
    let rule = |identifier: &str, more: Value| {
        let mut rule = json!({"ConfigRuleName": "r", "Source": {"Owner": "AWS", "SourceIdentifier": identifier}});
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"ConfigRule": rule})
    };
    let (inside, platform) = ("SAGEMAKER_NOTEBOOK_INSTANCE_INSIDE_VPC", "SAGEMAKER_NOTEBOOK_INSTANCE_PLATFORM_VERSION");
    let platforms = json!({"InputParameters": "{\"supportedPlatformIdentifierVersions\":\"notebook-al2023-v1\"}"});
    here.json("config", "PutConfigRule", rule(inside, json!({}))).await;
    there.json("config", "PutConfigRule", rule(platform, platforms)).await;
    for (client, input, says) in [
        (&there, rule(inside, json!({})), "sourceIdentifier"),
        (&here, rule("SAGEMAKER_NOTEBOOK_PAINTED_BLUE", json!({})), "sourceIdentifier"),
        (&here, rule(platform, json!({})), "required parameter"),
        (&here, rule(inside, json!({"InputParameters": "{\"subnets\":\"a\"}"})), "Unknown parameters"),
        (&here, rule(inside, json!({"MaximumExecutionFrequency": "One_Hour"})), "only a change trigger"),
        (
            &here,
            rule("SAGEMAKER_NOTEBOOK_NO_DIRECT_INTERNET_ACCESS", json!({"Scope": {}})),
            "only triggered periodically",
        ),
    ] {
        let message = client.message("config", "PutConfigRule", input).await;
        assert!(message.contains(says), "{message}");
    }
}
