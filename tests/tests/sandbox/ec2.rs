use guard_tests::sandbox::SecurityGroup;

use super::client::{ACCOUNT, Answer, Client, REGION, sandbox};

async fn describe(client: &Client, fields: &[(&str, &str)]) -> Answer {
    let fields: Vec<_> = [("Action", "DescribeSecurityGroups")].into_iter().chain(fields.iter().copied()).collect();
    client.query("ec2", &fields).await
}

#[tokio::test]
async fn a_group_is_shown_with_all_its_permissions() {
    let sandbox = sandbox().await;
    let group = SecurityGroup::new("sg-0a", "web & <more>").admits("0.0.0.0/0", 443).admits("::/0", 22);
    sandbox.world().put_security_group(ACCOUNT, REGION, group).unwrap();
    let answer = describe(&Client::new(&sandbox), &[("GroupId.1", "sg-0a")]).await;
    assert_eq!(answer.element("groupName"), "web &amp; &lt;more&gt;");
    let ingress = answer.element("ipPermissions");
    assert!(ingress.contains("<item><cidrIp>0.0.0.0/0</cidrIp></item>"), "{ingress}");
    assert!(ingress.contains("<item><cidrIpv6>::/0</cidrIpv6></item>"), "{ingress}");
    assert!(ingress.contains("<fromPort>443</fromPort>"), "{ingress}");
    let egress = answer.element("ipPermissionsEgress");
    assert!(egress.contains("<ipProtocol>-1</ipProtocol>") && !egress.contains("fromPort"), "{egress}");
}

#[tokio::test]
async fn unknown_groups_filters_and_parameters_are_refused() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let cases = [
        (&[("GroupId.1", "sg-0123456789abcdef0")][..], "InvalidGroup.NotFound"),
        (&[("GroupId.1", "sg-zz")][..], "InvalidGroupId.Malformed"),
        (&[("GroupName.1", "nope")][..], "InvalidGroup.NotFound"),
        (&[("Filter.1.Name", "bogus"), ("Filter.1.Value.1", "x")][..], "InvalidParameterValue"),
        (&[("MaxResults", "2")][..], "InvalidParameterValue"),
        (&[("NextToken", "rubbish")][..], "InvalidNextToken"),
        (&[("Bogus", "x")][..], "UnknownParameter"),
        (&[("DryRun", "true")][..], "DryRunOperation"),
    ];
    for (fields, code) in cases {
        let answer = describe(&client, fields).await;
        assert_eq!(answer.element("Code"), code, "{fields:?}");
        assert!(answer.body.contains("<Response><Errors><Error>"), "{}", answer.body);
    }
}

#[tokio::test]
async fn filters_select_and_pages_follow_each_other() {
    let sandbox = sandbox().await;
    for at in 0..7 {
        let group = SecurityGroup::new(&format!("sg-0{at}"), &format!("g{at}")).in_vpc("vpc-1");
        sandbox.world().put_security_group(ACCOUNT, REGION, group).unwrap();
    }
    let client = Client::new(&sandbox);
    let filter = [("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", "vpc-1"), ("MaxResults", "5")];
    let first = describe(&client, &filter).await;
    assert_eq!(first.body.matches("<groupId>").count(), 5);
    let token = first.element("nextToken");
    let next: Vec<_> = filter.into_iter().chain([("NextToken", token.as_str())]).collect();
    let second = describe(&client, &next).await;
    assert_eq!(second.body.matches("<groupId>").count(), 2);
    let ids = [("Filter.1.Name", "group-id"), ("Filter.1.Value.1", "sg-01"), ("Filter.1.Value.2", "sg-02")];
    assert_eq!(describe(&client, &ids).await.body.matches("<groupId>").count(), 2);
}

#[tokio::test]
async fn a_group_is_created_opened_and_deleted() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let create = [("Action", "CreateSecurityGroup"), ("GroupName", "web"), ("GroupDescription", "for the web")];
    let id = client.query("ec2", &create).await.element("groupId");
    assert_eq!(client.query("ec2", &create).await.element("Code"), "InvalidGroup.Duplicate");
    let open = [
        ("Action", "AuthorizeSecurityGroupIngress"),
        ("GroupId", id.as_str()),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", "443"),
        ("IpPermissions.1.ToPort", "443"),
        ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
        ("IpPermissions.1.Ipv6Ranges.1.CidrIpv6", "::/0"),
    ];
    let rules = client.query("ec2", &open).await;
    assert_eq!(rules.body.matches("<securityGroupRuleId>").count(), 2, "{}", rules.body);
    assert_eq!(client.query("ec2", &open).await.element("Code"), "InvalidPermission.Duplicate");
    let bad = [
        ("Action", "AuthorizeSecurityGroupIngress"),
        ("GroupId", id.as_str()),
        ("IpProtocol", "tcp"),
        ("FromPort", "1"),
        ("ToPort", "1"),
        ("CidrIp", "10.0.0/8"),
    ];
    assert_eq!(client.query("ec2", &bad).await.element("Code"), "InvalidParameterValue");
    let shown = describe(&client, &[("GroupId.1", id.as_str())]).await.element("ipPermissions");
    assert!(shown.contains("0.0.0.0/0") && shown.contains("::/0"), "{shown}");
    client.query("ec2", &[("Action", "DeleteSecurityGroup"), ("GroupId", id.as_str())]).await;
    assert_eq!(describe(&client, &[("GroupId.1", id.as_str())]).await.element("Code"), "InvalidGroup.NotFound");
}

#[tokio::test]
async fn regions_are_those_that_the_account_has_enabled() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let enabled = client.query("ec2", &[("Action", "DescribeRegions")]).await;
    assert_eq!(enabled.body.matches("<regionName>").count(), 1, "{}", enabled.body);
    assert_eq!(enabled.element("optInStatus"), "opt-in-not-required");
    let all = client.query("ec2", &[("Action", "DescribeRegions"), ("AllRegions", "true")]).await;
    assert!(all.body.contains("<optInStatus>not-opted-in</optInStatus>"), "{}", all.body);
}
